"""A data set as a small square picture of its points."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.focus_ring import FocusRing
from dgm_studio.gui.widgets.painted import ring, rounded, smooth

PILES = 24
"""Columns of a line's thumbnail."""


def fitted(points: Array, count: int = 400) -> Array:
    """At most `count` finite points (n, 2), moved and scaled alike in both axes into [-1, 1]; of points (n, 1) on a
    line a pile."""
    kept = np.asarray(points, dtype=float)
    kept = kept[np.isfinite(kept).all(axis=1)][:count]
    if kept.shape[1] == 1:
        kept = piled(kept[:, 0])
    if len(kept) == 0:
        return np.zeros((0, 2))
    low, high = kept.min(axis=0), kept.max(axis=0)
    half = max(float((high - low).max()) / 2, 1e-9)
    return np.asarray((kept - (low + high) / 2) / half)


def piled(x: Array) -> Array:
    """Points x (n,) of a line as places (n, 2) of a square picture: those of one column stand on each other."""
    if not len(x):
        return np.zeros((0, 2))
    span = max(float(np.ptp(x)), 1e-9)
    column = np.floor((x - x.min()) / span * PILES)
    _, which, counts = np.unique(column, return_inverse=True, return_counts=True)
    order = np.argsort(which, kind="stable")
    height = np.empty(len(x))
    height[order] = np.arange(len(x)) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.stack([column / PILES, height / max(1.0, float(counts.max() - 1))], axis=1)


def draw_cloud(painter: QPainter, box: QRectF, cloud: Array, token: str) -> None:
    """Dots of a fitted cloud inside `box`."""
    pen = QPen(theme().colour(token), 1.7 * theme().scale)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    reach = min(box.width(), box.height()) / 2
    centre = box.center()
    painter.drawPoints(
        QPolygonF([QPointF(centre.x() + reach * float(x), centre.y() - reach * float(y)) for x, y in cloud])
    )


class Thumbnail(FocusRing, QAbstractButton):
    """A square of 57 design pixels; the chosen one has an accent border and brighter points."""

    def __init__(self, name: str, tooltip: str, points: Array, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cloud = fitted(points)
        self.setCheckable(True)
        self.setAccessibleName(name)
        self.setToolTip(tooltip)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._rescale)
        self._rescale()

    def _rescale(self) -> None:
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        return QSize(theme().px(57), theme().px(57))

    def paintEvent(self, event: QPaintEvent, /) -> None:
        look, px = theme(), theme().px
        painter = smooth(self)
        box = QRectF(self.rect())
        hot = self.underMouse() and self.isEnabled()
        edge = "accent" if self.isChecked() else "border_hover" if hot else "line"
        ground = "pressed" if self.isDown() else "hover" if hot else "raised"
        rounded(painter, box, px(7), look.colour("stage" if self.isChecked() else ground), look.colour(edge),
                1.6 * look.scale if self.isChecked() else 1)  # fmt: skip
        margin = px(8)
        token = "disabled" if not self.isEnabled() else "text" if self.isChecked() else "data"
        draw_cloud(painter, box.adjusted(margin, margin, -margin, -margin), self._cloud, token)
        if self.ringed:
            ring(painter, box, px(7))
        painter.end()
