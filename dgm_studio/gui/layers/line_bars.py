"""Points of a line as a histogram: bars whose areas are shares, so that densities can be drawn over them."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath

from dgm_studio.core.arrays import Array
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.lines import line_pen

FILL, OUTLINE = 0.42, 2.0
"""Opacity of a filled bar, and the width in design pixels of an outline."""


def bar_width(span: float, count: int) -> float:
    """The 1, 2 or 5 times a power of ten next to span / (5 n^(1/3)): bars shrink with n as Rice's rule has it, and half
    as wide, for data here have several modes."""
    wanted = math.log10(span / (5 * max(1, count) ** (1 / 3)))
    power = math.floor(wanted)
    nearest = min((power + math.log10(m) for m in (1, 2, 5, 10)), key=lambda step: abs(step - wanted))
    return math.pow(10.0, nearest)


def bars(points: Array, low: float, high: float, width: float, shares: Array | None = None) -> tuple[Array, Array]:
    """Edges (b + 1,), multiples of `width` that hold [low, high], and heights (b, c): the density of each group, whose
    areas sum to the share of all points that lies there. `shares` (n, c) is how much each point belongs to each group,
    None for one group."""
    x = np.asarray(points, dtype=np.float64)[:, 0]
    first, last = math.floor(low / width), math.ceil(high / width)
    with np.errstate(invalid="ignore"):
        place = np.floor(x / width) - first
    seen = (place >= 0) & (place < last - first)  # what is not finite is nowhere
    column = place[seen].astype(np.int64)
    weights = np.ones((len(column), 1)) if shares is None else np.asarray(shares, dtype=np.float64)[seen]
    counts = [np.bincount(column, weights=group, minlength=last - first) for group in weights.T]
    return np.arange(first, last + 1) * width, np.stack(counts, axis=1) / (width * max(1, len(x)))


def highest(points: Array, span: float) -> float:
    """The highest bar of points (n, 1) in a picture so many model units wide."""
    kept = points[np.isfinite(points[:, 0])]
    if not len(kept):
        return 0.0
    _, heights = bars(kept, float(kept.min()), float(kept.max()), bar_width(span, len(kept)))
    return float(heights.max(initial=0.0))


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
        path = bars_path(lens, edges, tops[:, group], tops[:, group + 1])
        if filled:
            shade = QColor(colour)
            shade.setAlphaF(FILL)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(shade)
        else:
            painter.setPen(line_pen(colour, OUTLINE * lens.scale))
            painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)


def bars_path(lens: Lens, edges: Array, lower: Array, upper: Array) -> QPainterPath:
    """All bars from `lower` to `upper` (b,) over edges (b + 1,) as one closed outline in logical pixels."""
    x = np.repeat(edges, 2)[1:-1]
    ahead = np.stack([x, np.repeat(upper, 2)], axis=1)
    back = np.stack([x, np.repeat(lower, 2)], axis=1)[::-1]
    at = lens.to_pixels(np.concatenate([ahead, back, ahead[:1]]))
    path: QPainterPath = pg.arrayToQPath(at[:, 0], at[:, 1], connect="all", finiteCheck=False)
    return path
