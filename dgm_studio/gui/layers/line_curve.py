"""Functions on a line as curves, and the areas between two of them."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Box
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.lines import draw_lines

CURVE = 2.2
"""Width of a learned curve in design pixels."""
HEADROOM = 0.1
"""Share of the stage's height above the end of a scale that is not density's."""


def curve(values: Array, box: Box) -> Array:
    """Values (r,) at the cell centres of the box's x as a line (r, 2) in model units."""
    share = (np.arange(len(values)) + 0.5) / len(values)
    return np.stack([box[0] + share * (box[1] - box[0]), np.asarray(values, dtype=np.float64)], axis=1)


def full_height(lens: Lens) -> float:
    """The place on the density's axis where the scale of another curve ends, e.g. where a critic's D(x) is 1."""
    return (lens.top + HEADROOM * lens.height - lens.shift_y) / lens.zoom_y


def draw_curve(painter: QPainter, lens: Lens, values: Array, box: Box, pen: QPen) -> None:
    """The curve of values (r,) over the box's x, in units of the density's axis."""
    draw_lines(painter, lens, [curve(values, box)], pen)


def swatch(colour: QColor) -> Array:
    """A legend's strip (1, 3) of the curve's one colour."""
    return np.array([[colour.red(), colour.green(), colour.blue()]], np.uint8)


def draw_area(
    painter: QPainter, lens: Lens, lower: Array, upper: Array, box: Box, colour: QColor, hatch: QBrush
) -> None:
    """What lies between two curves (r,), where the second is above the first: coloured, and hatched over that."""
    path = area_path(lens, lower, upper, box)
    painter.setPen(Qt.PenStyle.NoPen)
    for brush in (QBrush(colour), hatch):
        painter.setBrush(brush)
        painter.drawPath(path)


def area_path(lens: Lens, lower: Array, upper: Array, box: Box) -> QPainterPath:
    """One closed outline in logical pixels; values that are not finite count as no difference."""
    known = np.isfinite(lower) & np.isfinite(upper)
    floor = np.where(known, lower, 0.0)
    roof = np.where(known, np.maximum(upper, lower), floor)
    at = lens.to_pixels(np.concatenate([curve(roof, box), curve(floor, box)[::-1]]))
    path: QPainterPath = pg.arrayToQPath(at[:, 0], at[:, 1], connect="all", finiteCheck=False)
    return path
