"""The right column of the film: candidates, quality, quality against steps."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from dgm_studio.gui.panels.text.candidates import Candidates
from dgm_studio.gui.panels.text.quality import QualityReadouts, SweepCard
from dgm_studio.gui.widgets.boxes import Stack


class FilmReadouts(QWidget):
    """Three parts, each with its own life."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stack = Stack(self, gap=12)
        self.candidates = Candidates()
        self.quality = QualityReadouts()
        self.sweep = SweepCard()
        for part in (self.candidates, self.quality, self.sweep):
            stack.addWidget(part)
        stack.addStretch(1)

    def forget(self) -> None:
        """Another model."""
        self.candidates.show_position(None, 0, -1, None)
        self.quality.clear()
        self.sweep.clear()
