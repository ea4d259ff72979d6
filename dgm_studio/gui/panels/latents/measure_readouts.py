"""The right column of the figures: what the model's file says, and what each figure means."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QWidget

from dgm_studio.core.latents import Nearest, PictureModelReport, Score
from dgm_studio.gui.panels.latents.model_card import facts
from dgm_studio.gui.widgets.big_number import KeyValueList
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.section import SectionHeader


class MeasureReadouts(QWidget):
    """`show_scores` as they come."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stack = Stack(self, gap=10)
        self.near = KeyValueList()
        self.words = Label("", 12, 400, "dim", wrap=True)
        self.told_head = SectionHeader("When it was trained", note="from its file")
        self.told = KeyValueList()
        self.model = KeyValueList()
        stack.addWidget(SectionHeader("Nearest training pictures", above=0))
        stack.addWidget(self.near)
        stack.addWidget(SectionHeader("What the figures are"))
        stack.addWidget(self.words)
        stack.addWidget(self.told_head)
        stack.addWidget(self.told)
        stack.addWidget(SectionHeader("Model"))
        stack.addWidget(self.model)
        stack.addStretch(1)
        self.show_scores(())

    def show_model(self, report: PictureModelReport) -> None:
        """What is judged, and the figures in its file."""
        self.model.set_items(facts(report).items())
        self.told.set_items((name.replace("_", " "), f"{value:,.4g}") for name, value in report.figures.items())
        for part in (self.told_head, self.told):
            part.setVisible(bool(report.figures))
        self.near.set_items([("Nearest of all", "–"), ("In the mean", "–")])

    def show_scores(self, scores: Iterable[Score]) -> None:
        """What each of these means."""
        said = [f"{score.title}: {score.help}" for score in scores]
        self.words.setText("\n\n".join(said) or "They are explained here as they arrive.")

    def show_nearest(self, nearest: Nearest) -> None:
        """How near the nearest training pictures are."""
        first = nearest.distances[:, 0]
        self.near.set_items([("Nearest of all", f"{first.min():.3f}"), ("In the mean", f"{first.mean():.3f}")])
        self.near.set_helps(dict.fromkeys(self.near.items(), "Root mean square over pixels, in grey levels of [0, 1]."))
