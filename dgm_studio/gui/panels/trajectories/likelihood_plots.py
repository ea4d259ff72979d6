"""A likelihood as two plots: log p along the way, and what each moment, or each layer, adds."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QWidget

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.likelihood import LikelihoodReport
from dgm_studio.core.sketch import DASHED, Bars, Line, Mark, Plot, line
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.plot_board import LOW
from dgm_studio.gui.widgets.plot_card import PlotCard

NATS = "nats"
BELOW, BESIDE = (11, 9), (9, 11)
"""Shares of stage and plots: of the height, or of the width."""
HALF = 0.38
"""Half the width of a layer's bar."""


def plots_of(report: LikelihoodReport, law: str, index: int) -> tuple[Plot, Plot] | None:
    """Both plots with a mark at frame `index` and the estimates by that law of probes; None where nothing moves."""
    if not len(report.t):
        return None
    return (_by_layers if report.changes is not None else _in_time)(report, law, index)


def _in_time(report: LikelihoodReport, law: str, index: int) -> tuple[Plot, Plot]:
    assert report.divergence is not None
    t, random = report.t, report.hutchinson.get(law)
    marks = (Mark("", "text", float(t[min(index, len(t) - 1)])),)
    course: list[Line] = [line("exact trace", "accent", t, report.log_p)]
    rates: list[Line] = [line("exact trace", "accent", t, report.divergence)]
    if random is not None:
        course.insert(0, _banded("Hutchinson ± sd", t, random.log_p, random.log_p_spread))
        rates.insert(0, _banded("Hutchinson ± sd", t, random.divergence, random.divergence_spread))
    if report.known is not None:
        course.append(line("closed form", "exact", t, report.known, DASHED))
    return (
        Plot("log p along the way", "path time t", f"log p(x, t), {NATS}", tuple(course), marks=marks,
             left=0.0, right=1.0),
        Plot("Divergence of the velocity", "path time t", "div v(x, t)", tuple(rates), marks=marks,
             left=0.0, right=1.0),
    )  # fmt: skip


def _banded(name: str, t: Array, middle: Array, spread: Array) -> Line:
    return line(name, "sample", t, middle, band=(middle - spread, middle + spread))


def _by_layers(report: LikelihoodReport, law: str, index: int) -> tuple[Plot, Plot]:
    assert report.changes is not None
    count = len(report.changes)
    layers = np.arange(count + 1.0)
    marks = (Mark("", "text", float(min(index, count))),)
    edges = np.column_stack((layers[1:] - 0.5 - HALF, layers[1:] - 0.5 + HALF)).ravel()
    heights = np.zeros(len(edges) - 1)
    heights[::2] = report.changes
    return (
        Plot("log p layer by layer", "layers passed", f"log p, {NATS}",
             (line("change of variables", "accent", layers, report.log_p),), marks=marks, left=0.0, right=float(count)),
        Plot("What each layer adds", "layer", f"−log|det ∂x/∂z|, {NATS}", (), marks=marks, left=0.0, right=float(count),
             bars=(Bars("log-determinant", "accent", frozen(edges), frozen(heights)),)),
    )  # fmt: skip


class PlotPair(QWidget):
    """Two plots side by side. Its legends wrap, but its height is what it is given: it must not press the stage."""

    def __init__(self) -> None:
        super().__init__()
        self.cards = (PlotCard(), PlotCard())
        self._row = Row(self, gap=14)
        for card in self.cards:
            self._row.addWidget(card, 1)

    def hasHeightForWidth(self) -> bool:
        return False

    def show_plots(self, plots: tuple[Plot, Plot] | None) -> None:
        """These, with legends of one height; None hides both."""
        self.setVisible(plots is not None)
        for card, plot in zip(self.cards, plots or (), strict=False):
            card.set_plot(plot)
        QTimer.singleShot(0, self, self._align)  # a legend has no height before its words are on the screen

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._align)  # when the cards have their widths

    def _align(self) -> None:
        wide = (self.width() - self._row.spacing()) // len(self.cards)
        tallest = max(card.legend.heightForWidth(wide) for card in self.cards)
        for card in self.cards:
            if card.legend.minimumHeight() != tallest:
                card.legend.setMinimumHeight(tallest)


class StageAndPlots(QWidget):
    """The stage above the plots, or beside them where it is low: their shares decide, not what each would like."""

    def __init__(self, stage: QWidget, plots: PlotPair) -> None:
        super().__init__()
        self._stack = Stack(self, gap=10)
        for part in (stage, plots):
            part.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
            self._stack.addWidget(part)

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        super().resizeEvent(event)
        ways, low = QBoxLayout.Direction, self.height() < theme().px(LOW)
        self._stack.setDirection(ways.LeftToRight if low else ways.TopToBottom)
        for place, share in enumerate(BESIDE if low else BELOW):
            self._stack.setStretch(place, share)
