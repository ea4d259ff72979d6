"""Points of a line as a histogram: bars whose areas are shares, so that densities can be drawn over them."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath

from dgm_studio.core.arrays import Array
from dgm_studio.export.histogram import bar_width, bars
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.lines import line_pen

FILL, OUTLINE = 0.42, 2.0
"""Opacity of a filled bar, and the width in design pixels of an outline."""


def draw_bars(
    painter: QPainter, lens: Lens, points: Array, colours: list[QColor], shares: Array | None = None, *, filled: bool
) -> None:
    """The histogram of points (n, 1) in sight; groups by `shares` (n, c) stand on each other in their colours (c)."""
    low = (lens.left - lens.shift_x) / lens.zoom_x
    span = lens.width / lens.zoom_x
    edges, heights = bars(points, low, low + span, bar_width(span, len(points)), shares)
    tops = np.concatenate([np.zeros((len(heights), 1)), np.cumsum(heights, axis=1)], axis=1)
    for group, colour in enumerate(colours[: heights.shape[1]]):
        if not heights[:, group].any():
            continue
        lower, upper = tops[:, group], tops[:, group + 1]
        if filled:
            shade = QColor(colour)
            shade.setAlphaF(FILL)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(shade)
            painter.drawPath(bars_path(lens, edges, lower, upper))
        else:
            painter.setPen(line_pen(colour, OUTLINE * lens.scale))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(outline_path(lens, edges, lower, upper))


def bars_path(lens: Lens, edges: Array, lower: Array, upper: Array) -> QPainterPath:
    """All bars from `lower` to `upper` (b,) over edges (b + 1,) as one closed outline in logical pixels."""
    x = np.repeat(edges, 2)[1:-1]
    ahead = np.stack([x, np.repeat(upper, 2)], axis=1)
    back = np.stack([x, np.repeat(lower, 2)], axis=1)[::-1]
    at = lens.to_pixels(np.concatenate([ahead, back, ahead[:1]]))
    path: QPainterPath = pg.arrayToQPath(at[:, 0], at[:, 1], connect="all", finiteCheck=False)
    return path


def outline_path(lens: Lens, edges: Array, lower: Array, upper: Array) -> QPainterPath:
    """The tops of the bars and the steps between them, in logical pixels; nothing where there is no bar."""
    ends = np.stack([edges[[0, -1]], [lower[0], lower[-1]]], axis=1)
    steps = np.stack([np.repeat(edges, 2)[1:-1], np.repeat(upper, 2)], axis=1)
    empty = np.repeat(upper <= lower, 2)
    # A stroke to the next place is drawn unless it runs along the top of a bar that is none.
    stroke = np.ones(len(steps) + 2, dtype=bool)
    stroke[1:-1:2] = ~empty[::2]
    at = lens.to_pixels(np.concatenate([ends[:1], steps, ends[1:]]))
    path: QPainterPath = pg.arrayToQPath(at[:, 0], at[:, 1], connect=stroke, finiteCheck=False)
    return path
