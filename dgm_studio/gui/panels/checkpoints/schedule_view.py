"""The schedules that were found inside a checkpoint, as curves over the index of the step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtWidgets import QStackedWidget, QWidget

from dgm_studio.core.inspection import Curve
from dgm_studio.core.sketch import Plot, line
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.empty_state import EmptyState
from dgm_studio.gui.widgets.plot_board import PlotBoard

NONE = "No noise schedule was found in this file: neither as buffers nor in its settings."
TONES = ("accent", "sample", "exact", "text", "error")
TENSOR = "from the tensor "
MOST = 4
"""Plots side by side; curves of one name from several copies share one."""


class ScheduleView(QWidget):
    """`show_curves`: one plot for each kind of curve, with those of all copies of the weights in it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pages = QStackedWidget()
        self.board = PlotBoard()
        self.empty = EmptyState(NONE)
        self.pages.addWidget(self.empty)
        self.pages.addWidget(self.board)
        Stack(self, gap=0).addWidget(self.pages)

    def show_curves(self, curves: Sequence[Curve]) -> None:
        """These."""
        self.pages.setCurrentWidget(self.board if curves else self.empty)
        kinds = list(dict.fromkeys(curve.name for curve in curves))[:MOST]
        self.board.show_plots([_plot([one for one in curves if one.name == name]) for name in kinds])

    def plots(self) -> list[Plot]:
        """What is drawn."""
        return [card.shown for card in self.board.shown() if card.shown is not None]


def _plot(curves: Sequence[Curve]) -> Plot:
    lines = tuple(
        line(
            one.source.removeprefix(TENSOR) or one.title, TONES[k % len(TONES)], np.arange(len(one.values)), one.values
        )
        for k, one in enumerate(curves)
    )
    return Plot(curves[0].title, "step", curves[0].name, lines)
