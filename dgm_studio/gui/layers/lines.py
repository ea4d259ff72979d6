"""Many lines as one painter path, and the pens they are drawn with."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainterPath, QPen

from dgm_studio.core.arrays import Array

DASH = [5.0, 4.0]
"""Dash and gap in pen widths: the mark of what is exact."""


def segments_path(segments: Array) -> QPainterPath:
    """Separate strokes (n, 2, 2), from point to point, as one path."""
    flat = np.ascontiguousarray(segments, dtype=np.float64).reshape(-1, 2)
    return pg.arrayToQPath(flat[:, 0], flat[:, 1], connect="pairs", finiteCheck=True)


def lines_path(lines: Array) -> QPainterPath:
    """Lines of equal length (lines, points, 2) as one path."""
    flat = np.ascontiguousarray(lines, dtype=np.float64).reshape(-1, 2)
    joined = np.ones(len(flat), dtype=bool)
    joined[lines.shape[1] - 1 :: lines.shape[1]] = False
    return pg.arrayToQPath(flat[:, 0], flat[:, 1], connect=joined, finiteCheck=True)


def chains_path(chains: list[Array]) -> QPainterPath:
    """Lines of any lengths [(points, 2)] as one path."""
    flat = np.concatenate([np.empty((0, 2)), *chains])
    joined = np.ones(len(flat), dtype=bool)
    joined[np.cumsum([len(chain) for chain in chains]) - 1] = False
    return pg.arrayToQPath(flat[:, 0], flat[:, 1], connect=joined, finiteCheck=True)


def line_pen(colour: QColor, width: float, *, dashed: bool = False) -> QPen:
    """A pen of logical width; dashed for what is exact. Flat caps keep Qt on its fast hairline path."""
    pen = QPen(colour, width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if dashed:
        pen.setDashPattern(DASH)
    return pen
