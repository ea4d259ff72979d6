"""Many lines as one painter path, and the pens they are drawn with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from dgm_studio.core.arrays import Array
from dgm_studio.gui.layers.lens import Lens

DASH = [5.0, 4.0]
"""Dash and gap in pen widths: the mark of what is exact."""


def segments_path(segments: Array) -> QPainterPath:
    """Separate strokes (n, 2, 2), from point to point, as one path."""
    flat = np.ascontiguousarray(segments, dtype=np.float64).reshape(-1, 2)
    return _path(flat, "pairs")


def lines_path(lines: Sequence[Array]) -> QPainterPath:
    """Lines of any lengths [(points, 2)] as one path."""
    return _joined(np.concatenate([np.empty((0, 2)), *lines]), [len(line) for line in lines])


def draw_lines(painter: QPainter, lens: Lens, lines: Sequence[Array], pen: QPen) -> None:
    """Lines [(points, 2)] in model units, stroked with the pen."""
    if not len(lines):
        return
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    flat, lengths = lens.to_pixels(np.concatenate(lines)), [len(line) for line in lines]
    # Qt draws hairlines of any number quickly, but turns a wider stroke into one outline whose crossings it
    # then resolves all together: 16 ms for twenty level lines as one path, 4 ms one by one, 0.3 ms as
    # hairlines.
    if pen.widthF() * lens.ratio <= 1.0:
        painter.drawPath(_joined(flat, lengths))
        return
    for line in np.split(flat, np.cumsum(lengths[:-1])):
        painter.drawPath(_path(line, "all"))


def _joined(points: Array, lengths: list[int]) -> QPainterPath:
    """Points (sum of lengths, 2) as lines of these lengths."""
    connect = np.ones(len(points), dtype=bool)
    connect[np.cumsum(lengths, dtype=int) - 1] = False
    return _path(points, connect)


def _path(points: Array, connect: Array | str) -> QPainterPath:
    # Points that are not finite break the line; without the check they would break the picture.
    made: QPainterPath = pg.arrayToQPath(points[:, 0], points[:, 1], connect=connect, finiteCheck=True)
    return made


def line_pen(colour: QColor, width: float, *, dashed: bool = False) -> QPen:
    """A pen of logical width; dashed for what is exact. Flat caps keep Qt on its fast hairline path."""
    pen = QPen(colour, width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if dashed:
        pen.setDashPattern(DASH)
    return pen
