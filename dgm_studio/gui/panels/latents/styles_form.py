"""The form of the styles: truncation, and which layers take the style of the seed that is pressed next."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.knobs import Knob, Value
from dgm_studio.core.seed_plane import Blend, told
from dgm_studio.gui.widgets.big_number import KeyValueList
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.chip import ChipRow
from dgm_studio.gui.widgets.knob_form import KnobForm
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.section import SectionHeader
from dgm_studio.gui.widgets.segments import Segments
from dgm_studio.gui.widgets.tab_order import tab_through

PSI = Knob(
    "truncation", float, 1.0, "Truncation ψ",
    "w is pulled to the mean style: w̄ + ψ (w − w̄). Less than 1 gives more typical pictures that differ less.", 0.0, 1.5,
)  # fmt: skip
THEN = "Then press a seed in the plane, or drag between seeds: these layers take the style of that place."
ALL, COARSE, FINE = "all", "coarse", "fine"
SPANS = (
    (ALL, "All", "The next seed gives its style to every layer"),
    (COARSE, "Coarse", "To the first half of the layers: shape and kind"),
    (FINE, "Fine", "To the second half of the layers: strokes and texture"),
)


class StylesForm(QWidget):
    """`psi_wanted(value)`; `taking` are the layers that take the next seed."""

    psi_wanted = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stack = Stack(self, gap=12)
        self.psi = KnobForm("Style", "decodes only", (PSI,))
        self.spans = Segments(SPANS)
        self.chips = ChipRow()
        self.seeds = KeyValueList()
        stack.addWidget(self.psi)
        stack.addWidget(SectionHeader("Layers that take the next seed"))
        stack.addWidget(self.spans)
        stack.addWidget(self.chips)
        stack.addWidget(Label(THEN, 12, 400, "dim", wrap=True))
        stack.addWidget(SectionHeader("Seed of each layer"))
        stack.addWidget(self.seeds)
        stack.addStretch(1)
        self.psi.edited.connect(self._change)
        self.spans.chosen.connect(self._span)

    def _change(self, _: str, value: Value) -> None:
        self.psi_wanted.emit(float(value))

    def show_layers(self, layers: Sequence[str]) -> None:
        """The layers of another model; all of them take the next seed."""
        self.chips.clear()
        for place, name in enumerate(layers):
            key = str(place + 1) if place < 9 else ""
            self.chips.add(name, name, "accent", key, f"{name} takes the style of the next seed", on=True)
        self.spans.set_current(ALL)
        tab_through(self.spans.buttons[FINE], self.chips)

    def _span(self, span: str) -> None:
        layers = list(self.chips.chips)
        half = (len(layers) + 1) // 2
        self.chips.set_on({ALL: layers, COARSE: layers[:half], FINE: layers[half:]}[span])

    def taking(self) -> tuple[str, ...]:
        """The layers that take the next seed."""
        return self.chips.on()

    def show_seeds(self, layers: Sequence[str], seeds: Sequence[Blend]) -> None:
        """Whose style each layer has."""
        self.seeds.set_items((name, told(blend)) for name, blend in zip(layers, seeds, strict=True))
