"""The curves of a plot: band, bars of doubt, grey where they say no more than noise, and upright marks.

They are painted from arrays, without an item each: an item works out its bounds and its path again at every change, and
a wide pen along a path takes Qt five times as long as the same pieces one by one.
"""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, Qt
from PySide6.QtGui import QPainter, QPen

from dgm_studio.core.arrays import Array
from dgm_studio.core.sketch import DASHED, Line, Mark, Plot
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.plot_range import Span, scaled
from dgm_studio.gui.widgets.plot_shapes import strokes

DASHES = [5.0, 4.0]
DOTS = [2.0, 3.0]
"""Dashes and gaps of lines and of marks, in widths of the pen."""
FAR = 1e5
"""Pixels beyond which a curve is cut: Qt would count the dashes all the way."""

Stroke = tuple[Array, Array]
"""x (n,) and y (n,) as drawn: logarithms on a logarithmic axis, NaN where a curve is broken."""


class CurveParts:
    """What one line is made of: `curve`, its `grey` part, feet and tops of its `bars` of doubt in turn, and the edges
    of its `band`: x, low, high."""

    def __init__(self, one: Line, plot: Plot, span: Span) -> None:
        x, y = scaled(one.x, plot.log_x), scaled(one.y, plot.log_y)
        self.line = one
        self.grey: Stroke | None = None
        self.bars: Stroke | None = None
        self.band: tuple[Array, Array, Array] | None = None
        if one.floor is not None:
            below = one.y <= one.floor
            # The pieces meet: a grey one begins and ends at a point of the coloured one.
            beside = below.copy()
            beside[1:] |= below[:-1]
            beside[:-1] |= below[1:]
            self.grey = x, np.where(beside, y, np.nan)
            y = np.where(below, np.nan, y)
        self.curve: Stroke = x, y
        # What a band or a bar has below a logarithmic axis ends at its foot.
        if one.band is not None:
            low, high = (
                np.clip(np.nan_to_num(scaled(edge, plot.log_y), nan=span.low), span.low, span.high) for edge in one.band
            )
            self.band = x, low, high
        if one.doubt is not None:
            self.bars = _upright(x, one, plot.log_y, span.low)

    def paint(self, painter: QPainter, lens: Lens, vector: bool) -> None:
        """Back to front."""
        tone, dashes = theme().colour(self.line.tone), DASHES if self.line.style == DASHED else None
        if self.band is not None:
            x, low, high = self.band
            at = lens.to_pixels(np.column_stack((np.r_[x, x[::-1]], np.r_[low, high[::-1]])))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().colour(self.line.tone, 0.16))
            painter.drawPath(pg.arrayToQPath(at[:, 0], at[:, 1]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.bars is not None and len(self.bars[0]):
            painter.setPen(QPen(tone, 1.4 * lens.scale))
            strokes(painter, _pixels(self.bars, lens).reshape(-1, 4))
        for part, colour in ((self.curve, tone), (self.grey, theme().colour("band"))):
            if part is not None:
                _draw(painter, _pixels(part, lens), _pen(QPen(colour, 2 * lens.scale), dashes), vector)


def _pixels(part: Stroke, lens: Lens) -> Array:
    """Points (n, 2) of the paper, not finite where the curve is broken."""
    at = lens.to_pixels(np.column_stack(part))
    return np.where(np.isfinite(at), np.clip(at, -FAR, FAR), np.nan)


def _pen(pen: QPen, dashes: list[float] | None) -> QPen:
    if dashes is not None:
        pen.setDashPattern(dashes)
    return pen


def _draw(painter: QPainter, at: Array, pen: QPen, vector: bool) -> None:
    """Along points (n, 2): dashes need one path, and so does a drawing that others will edit."""
    painter.setPen(pen)
    if vector or pen.style() != Qt.PenStyle.SolidLine:
        painter.drawPath(pg.arrayToQPath(at[:, 0], at[:, 1], connect="finite"))
        return
    pieces = np.hstack((at[:-1], at[1:]))
    strokes(painter, pieces[np.isfinite(pieces).all(1)])


def _upright(x: Array, one: Line, log: bool, low: float) -> Stroke:
    """Feet and tops of the bars of doubt, in pairs."""
    assert one.doubt is not None
    foot = np.nan_to_num(scaled(one.y - one.doubt, log), nan=low)
    top = scaled(one.y + one.doubt, log)
    fine = np.isfinite(foot) & np.isfinite(top) & np.isfinite(one.y)
    return np.repeat(x[fine], 2), np.column_stack((foot[fine], top[fine])).ravel()


class Lines:
    """All curves and marks of one plot."""

    def __init__(self) -> None:
        self.items: list[CurveParts] = []
        self.marks: tuple[Mark, ...] = ()
        self._log_x = False

    def show(self, plot: Plot, span: Span) -> None:
        """Paint these from now on, within that span."""
        self.items = [CurveParts(one, plot, span) for one in plot.lines]
        self.marks, self._log_x = plot.marks, plot.log_x

    def paint(self, painter: QPainter, lens: Lens, vector: bool) -> None:
        """Curves, then marks from edge to edge."""
        for one in self.items:
            one.paint(painter, lens, vector)
        for mark in self.marks:
            place = np.array([[float(scaled(np.array(mark.x), self._log_x)), 0.0]])
            x = float(lens.to_pixels(place)[0, 0])
            if np.isfinite(x):
                painter.setPen(_pen(QPen(theme().colour(mark.tone), 1.6 * lens.scale), DOTS))
                painter.drawLine(QLineF(x, lens.top, x, lens.top + lens.height))
