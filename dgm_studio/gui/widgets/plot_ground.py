"""What stands under and over the curves of a plot: one item each, painted in pixels from arrays."""

from __future__ import annotations

from collections.abc import Callable

import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPaintEngine, QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.sheet import VECTOR_ENGINES
from dgm_studio.gui.theme.theme import theme

Painting = Callable[[QPainter, Lens, bool], None]
"""Paints in logical pixels; the last argument says whether the paper is a vector one."""


class Ground(pg.GraphicsObject):  # type: ignore[misc]
    """Covers the whole view of a plot and calls `painting` with a lens of the present view."""

    def __init__(self, plot: pg.PlotWidget, painting: Painting, z: float) -> None:
        super().__init__()
        self._box, self._painting = plot.plotItem.vb, painting
        self.setZValue(z)
        plot.addItem(self, ignoreBounds=True)

    def boundingRect(self) -> QRectF:
        """The view."""
        return QRectF(self._box.viewRect())

    def viewTransformChanged(self) -> None:
        """Another range: all of it is painted anew."""
        self.prepareGeometryChange()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """By the lens of this painter."""
        to_pixels = painter.worldTransform()
        seen = to_pixels.mapRect(self.mapRectFromScene(self._box.sceneBoundingRect()))
        lens = Lens(
            to_pixels.m11(), to_pixels.m22(), to_pixels.dx(), to_pixels.dy(),
            seen.left(), seen.top(), seen.width(), seen.height(),
            painter.device().devicePixelRatioF(), theme().scale, theme().tokens,
        )  # fmt: skip
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setClipRect(QRectF(lens.left, lens.top, lens.width, lens.height))
        engine: QPaintEngine = painter.paintEngine()
        self._painting(painter, lens, engine.type() in VECTOR_ENGINES)
        painter.restore()
