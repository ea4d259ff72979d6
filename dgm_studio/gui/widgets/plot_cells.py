"""Cells of a map that is a table: its name above, borders between, numbers in them where these fit."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from dgm_studio.core.sketch import Picture
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.theme.theme import font, theme

FULLEST = 0.5
"""Opacity of a cell of 1: words on it keep 4.5 : 1 in both themes, whatever the tone."""
WIDEST = "0.00"
NAME_GAP = 6.0
SIZES = (13.0, 11.0, 9.5)
"""Sizes that are tried for the numbers, from the largest."""


def paint_cells(painter: QPainter, lens: Lens, picture: Picture) -> None:
    """The name, borders in the stage's colour, each value by two digits."""
    left, top, width, height = lens.rectangle(picture.box)
    rows, columns = picture.values.shape
    wide, tall = width / columns, height / rows
    painter.setPen(QPen(theme().colour("stage"), 1.5 * lens.scale))
    for column in range(1, columns):
        painter.drawLine(round(left + column * wide), round(top), round(left + column * wide), round(top + height))
    for row in range(1, rows):
        painter.drawLine(round(left), round(top + row * tall), round(left + width), round(top + row * tall))
    painter.setPen(QPen(theme().colour("line"), lens.scale))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(QRectF(left, top, width, height))
    painter.setFont(font(11.5, 500))
    painter.setPen(theme().colour("dim"))
    name = painter.fontMetrics().elidedText(picture.name, Qt.TextElideMode.ElideRight, round(width))
    painter.drawText(QPointF(left, top - NAME_GAP * lens.scale), name)
    for size in SIZES:
        face = font(size, tabular=True)
        metrics = QFontMetricsF(face)
        if metrics.horizontalAdvance(WIDEST) + 4 * lens.scale <= wide and metrics.height() <= tall:
            painter.setFont(face)
            painter.setPen(theme().colour("text"))
            _write(painter, picture, QRectF(left, top, wide, tall))
            return


def _write(painter: QPainter, picture: Picture, first: QRectF) -> None:
    values, centre = np.flipud(picture.values), int(Qt.AlignmentFlag.AlignCenter)
    for row, column in np.ndindex(values.shape):
        at = first.translated(column * first.width(), row * first.height())
        painter.drawText(at, centre, in_cell(float(values[row, column])))


def in_cell(value: float) -> str:
    """A share by two digits; only what is exactly none or all is written as 0 or 1."""
    return f"{value:.0f}" if value in (0.0, 1.0) else f"{value:.2f}"
