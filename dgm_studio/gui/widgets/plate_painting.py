"""How each kind of plate is painted: points and arrows, histograms, signed matrices, bars, a curve."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from dgm_studio.core.arrays import Array
from dgm_studio.core.reports import Plate
from dgm_studio.gui.theme.colormaps import diverging_map, heat_map
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.painted import CENTRE, LEFT, RIGHT, words

FOOT = 18
REACH = 0.14
"""Length of a usual arrow, as a share of the plate."""


def paint_points(painter: QPainter, box: QRectF, plate: Plate) -> None:
    """Points over their wide cloud; with answers arrows from the points, the target's dashed beside each."""
    look, arrays = theme(), plate.arrays
    points = np.asarray(arrays["points"], dtype=float)
    ground = np.asarray(arrays.get("ground", np.empty((0, 2))), dtype=float)
    everything = np.concatenate([points, ground])
    everything = everything[np.isfinite(everything).all(1)]
    if not len(everything):
        _empty(painter, box)
        return
    to_screen = _equal_axes(box, everything)
    _dots(painter, to_screen(ground), look.colour("data", 0.35), 1.3)
    at = to_screen(points)
    if "values" in arrays:
        values = np.asarray(arrays["values"], dtype=float)
        low, high = (float(end) for end in arrays["range"])
        places, colours = _levels(values, low, high), heat_map(look.tokens)
        for level in np.unique(places):
            _dots(painter, at[places == level], QColor(*map(int, colours[level])), 3.2)
        return
    if "answer" not in arrays:
        _dots(painter, at, look.colour(plate.tint, 0.95), 2.6 if len(points) < 600 else 2.0)
        return
    answer, target = (np.asarray(arrays.get(name, np.empty((0, 2))), dtype=float) for name in ("answer", "target"))
    lengths = np.linalg.norm(np.concatenate([answer, target]), axis=1)
    usual = float(np.nanquantile(lengths, 0.8)) or 1.0
    scale = REACH * min(box.width(), box.height()) / usual
    _arrows(painter, at, target * scale, look.colour("data"), dashed=True)
    _arrows(painter, at, answer * scale, look.colour("sample"), dashed=False)
    _dots(painter, at, look.colour("text"), 1.6)


def paint_histogram(painter: QPainter, box: QRectF, plate: Plate) -> None:
    """Bars of counts; the outline of those before."""
    look, px = theme(), theme().px
    edges, counts = (np.asarray(plate.arrays[name], dtype=float) for name in ("edges", "counts"))
    before = plate.arrays.get("before")
    inner = box.adjusted(px(8), px(8), -px(8), -px(FOOT))
    most = max(float(counts.max(initial=0)), float(np.max(before, initial=0)) if before is not None else 0.0) or 1.0
    wide = inner.width() / len(counts)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.colour("accent", 0.85))
    for k, count in enumerate(counts):
        if count:
            tall = max(1.0, inner.height() * count / most)
            painter.drawRect(QRectF(inner.left() + k * wide, inner.bottom() - tall, max(1.0, wide - 1), tall))
    if before is not None:
        _outline(painter, inner, np.asarray(before, dtype=float) / most)
    low, high = float(edges[0]), float(edges[-1])
    if low < 0 < high:
        x = inner.left() - low / (high - low) * inner.width()
        painter.setPen(QPen(look.colour("faint"), look.scale, Qt.PenStyle.DotLine))
        painter.drawLine(QLineF(x, inner.top(), x, inner.bottom()))
    _ends(painter, box, f"{low:.3g}", f"{high:.3g}")


def paint_matrix(painter: QPainter, box: QRectF, plate: Plate) -> None:
    """Each number a cell: red below zero, green above, the stage's colour at zero."""
    look, px = theme(), theme().px
    values = np.asarray(plate.arrays["matrix"], dtype=float)
    if not values.size:
        _empty(painter, box)
        return
    finite = np.where(np.isfinite(values), values, 0.0)
    most = float(np.abs(finite).max()) or 1.0
    colours = diverging_map(look.tokens)[np.round((finite / most + 1) * 127.5).astype(int)].astype(np.uint32)
    pixels = np.ascontiguousarray((255 << 24) | (colours[..., 0] << 16) | (colours[..., 1] << 8) | colours[..., 2])
    high, wide = pixels.shape
    image = QImage(pixels.data, wide, high, 4 * wide, QImage.Format.Format_RGB32).copy()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    inner = box.adjusted(px(8), px(8), -px(8), -px(FOOT))
    painter.drawImage(inner, image)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(look.colour("line"), 1))
    painter.drawRect(inner)
    _ends(painter, box, f"−{most:.2g}", f"+{most:.2g}", f"{high} × {wide}")


def paint_bars(painter: QPainter, box: QRectF, plate: Plate) -> None:
    """Standing bars, numbered from 1; the outline of those before."""
    look, px = theme(), theme().px
    values = np.nan_to_num(np.asarray(plate.arrays["values"], dtype=float))
    before = plate.arrays.get("before")
    both = values if before is None else np.concatenate([values, np.nan_to_num(before)])
    low, high = min(0.0, float(both.min())), max(0.0, float(both.max()))
    span = (high - low) or 1.0
    inner = box.adjusted(px(8), px(8), -px(8), -px(FOOT))
    wide = inner.width() / len(values)
    zero = inner.bottom() + inner.height() * low / span
    gap = min(float(px(3)), wide * 0.3)
    for k, value in enumerate(values):
        bar = _bar(inner, k * wide, wide - gap, zero, value, span)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("accent" if value >= 0 else "error", 0.9))
        painter.drawRect(bar)
        if before is not None:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(look.colour("text"), look.scale))
            painter.drawRect(_bar(inner, k * wide, wide - gap, zero, float(np.nan_to_num(before)[k]), span))
    _ends(painter, box, "1", f"{len(values)}", f"most {high:.3g}" if high > 0 else f"least {low:.3g}")


def paint_curve(painter: QPainter, box: QRectF, plate: Plate) -> None:
    """The last values, the newest marked."""
    look, px = theme(), theme().px
    steps, values = (np.asarray(plate.arrays[name], dtype=float) for name in ("steps", "values"))
    finite = np.isfinite(values)
    if not finite.any():
        _empty(painter, box)
        return
    steps, values = steps[finite], values[finite]
    inner = box.adjusted(px(10), px(20), -px(14), -px(FOOT) - px(4))
    low, high = float(values.min()), float(values.max())
    x = inner.left() + (steps - steps[0]) / max(1.0, steps[-1] - steps[0]) * inner.width()
    y = inner.bottom() - (values - low) / ((high - low) or 1.0) * inner.height()
    line = QPolygonF([QPointF(a, b) for a, b in zip(x, y, strict=True)])
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(look.colour("accent"), 1.8 * look.scale))
    painter.drawPolyline(line)
    _dots(painter, np.array([[x[-1], y[-1]]]), look.colour("sample"), 5)
    _ends(painter, box, f"step {int(steps[0]):,}", f"{int(steps[-1]):,}", f"{low:.3g} to {high:.3g}")


# Parts.


def _bar(inner: QRectF, left: float, wide: float, zero: float, value: float, span: float) -> QRectF:
    tall = max(1.0, inner.height() * abs(value) / span)
    return QRectF(inner.left() + left, zero - tall if value >= 0 else zero, max(1.0, wide), tall)


def _outline(painter: QPainter, inner: QRectF, shares: Array) -> None:
    wide = inner.width() / len(shares)
    corners = []
    for k, share in enumerate(shares):
        y = inner.bottom() - inner.height() * float(share)
        corners += [QPointF(inner.left() + k * wide, y), QPointF(inner.left() + (k + 1) * wide, y)]
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme().colour("text"), 1.3 * theme().scale))
    painter.drawPolyline(QPolygonF(corners))


def _dots(painter: QPainter, at: Array, colour: QColor, radius: float) -> None:
    """Design pixels of radius."""
    pen = QPen(colour, 2 * radius * theme().scale)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.drawPoints(QPolygonF([QPointF(x, y) for x, y in at[np.isfinite(at).all(1)]]))


def _arrows(painter: QPainter, at: Array, by: Array, colour: QColor, *, dashed: bool) -> None:
    look = theme()
    style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
    head = 4.0 * look.scale
    for (x, y), (u, v) in zip(at, by, strict=False):
        if not np.isfinite((x, y, u, v)).all():
            continue
        start, end = QPointF(x, y), QPointF(x + u, y - v)
        painter.setPen(QPen(colour, (1.4 if dashed else 1.7) * look.scale, style))
        painter.drawLine(start, end)
        angle = math.atan2(-v, u)
        painter.setPen(QPen(colour, 1.4 * look.scale))
        for turn in (2.6, -2.6):
            tip = QPointF(end.x() + head * math.cos(angle + turn), end.y() + head * math.sin(angle + turn))
            painter.drawLine(end, tip)


def _equal_axes(box: QRectF, everything: Array) -> Callable[[Array], Array]:
    """A map of the points into the box, both axes to one scale; the farthest half percent may fall out."""
    low, high = np.quantile(everything, 0.004, axis=0), np.quantile(everything, 0.996, axis=0)
    centre, side = (low + high) / 2, float((high - low).max()) * 1.2 or 1.0
    scale = min(box.width(), box.height()) / side

    def to_screen(points: Array) -> Array:
        away = (points - centre) * scale
        return np.stack([box.center().x() + away[:, 0], box.center().y() - away[:, 1]], axis=1)

    return to_screen


def _levels(values: Array, low: float, high: float, count: int = 24) -> Array:
    """Rows of a table of 256 colours, few enough to paint each at once; neither end is as dark as a stage."""
    share = (np.nan_to_num(values, nan=low) - low) / ((high - low) or 1.0)
    return np.asarray(np.round(np.round(share * count) / count * 175 + 70).astype(int))


def _ends(painter: QPainter, box: QRectF, left: str, right: str, middle: str = "") -> None:
    px = theme().px
    foot = QRect(
        round(box.left()) + px(8), round(box.bottom()) - px(FOOT) + px(1), round(box.width()) - px(16), px(FOOT) - px(2)
    )
    face, tint = font(10.5, tabular=True), theme().colour("faint")
    for text, side in ((left, LEFT), (right, RIGHT), (middle, CENTRE)):
        words(painter, foot, text, face, tint, side)


def _empty(painter: QPainter, box: QRectF) -> None:
    words(painter, box.toRect(), "nothing to draw", font(11), theme().colour("faint"), CENTRE)
