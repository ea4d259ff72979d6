"""The read-outs of a comparison: the table of its films, what they were judged against."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from dgm_studio.core.comparing import ConvergencePoint, Estimated, FilmMeasures
from dgm_studio.gui.panels.trajectories.compare_table import CompareTable
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.section import SectionHeader


class CompareReadouts(QWidget):
    """Numbers of all films, side by side."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._doubts: dict[str, None] = {}
        stack = Stack(self, gap=10)
        stack.addWidget(SectionHeader("Films", note="± 95 % interval", above=0))
        self.table = CompareTable()
        stack.addWidget(self.table)
        stack.addWidget(SectionHeader("Reference"))
        self.reference = Label("", 12, 400, "dim", wrap=True)
        stack.addWidget(self.reference)
        self.doubt = Label("", 12, 400, "dim", wrap=True)
        self.doubt.hide()
        stack.addWidget(self.doubt)
        stack.addStretch(1)

    def show_lanes(self, heads: Sequence[str], measures: Sequence[FilmMeasures | None], making: bool) -> None:
        """The films by what tells them apart, and the numbers of those that are judged."""
        self._doubts.clear()
        self.table.set_lanes(heads)
        for place, found in enumerate(measures):
            self.table.show_measures(place, found, making=making)
        said = [one.reference if one.error is not None else one.no_error for one in measures if one is not None]
        told = list(dict.fromkeys(one for one in said if one))
        self.reference.setText("\n".join(told) if told else "Known once the films are judged.")

    def show_order(
        self, place: int, slope: Estimated | None, points: Sequence[ConvergencePoint], *, busy: bool
    ) -> None:
        """The measured and the claimed order of a film's solver, and why they may differ."""
        self._doubts.update({one.doubt: None for one in points if one.doubt})
        self.doubt.setText("\n".join(self._doubts))
        self.doubt.setVisible(bool(self._doubts))
        self.table.show_order(place, slope, points[0].claimed if points else None, making=busy)
