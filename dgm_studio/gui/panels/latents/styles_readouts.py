"""The right column of the styles: what a style is, and what the layers do with it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from dgm_studio.core.latents import PictureModelReport, Styled
from dgm_studio.gui.panels.latents.model_card import facts
from dgm_studio.gui.widgets.big_number import KeyValueList
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.section import SectionHeader

LESSON = (
    "A mapping network makes a style w of the noise z. In every layer each channel is normalised, then given the scale "
    "and the mean that w says: AdaIN(x) = s(w) · (x − μ(x)) / σ(x) + b(w). Early layers decide kind and shape, late "
    "ones texture: give them different seeds and see."
)
HELPS = "Mean ± standard deviation of all activations after the layer."


class StylesReadouts(QWidget):
    """`show_styled` as the picture changes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stack = Stack(self, gap=10)
        self.layers = KeyValueList()
        self.model = KeyValueList()
        stack.addWidget(SectionHeader("Activations", note="mean ± deviation", above=0))
        stack.addWidget(self.layers)
        stack.addWidget(SectionHeader("What a style is"))
        stack.addWidget(Label(LESSON, 12, 400, "dim", wrap=True))
        stack.addWidget(SectionHeader("Model"))
        stack.addWidget(self.model)
        stack.addStretch(1)

    def show_model(self, report: PictureModelReport) -> None:
        """What is open."""
        self.model.set_items(facts(report).items())

    def show_styled(self, names: tuple[str, ...], styled: Styled) -> None:
        """The activations in numbers."""
        values = [f"{maps.mean():.2f} ± {maps.std():.2f}".replace("-", "−") for maps in styled.activations]
        self.layers.set_items(zip(names, values, strict=True))
        self.layers.set_helps(dict.fromkeys(names, HELPS))
