"""An axis of a plot whose figures are painted once, and kept while they stay."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from dgm_studio.gui.layers.sheet import VECTOR_ENGINES


class Axis(pg.AxisItem):  # type: ignore[misc]
    """pyqtgraph's, but as an image: beside a curve that moves, writing its figures anew costs more than the curve."""

    def __init__(self, side: str) -> None:
        super().__init__(side)
        self._kept: tuple[object, QRectF, float, QPixmap] | None = None

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """The kept image where it still holds; on vector paper the words themselves."""
        if painter.paintEngine().type() in VECTOR_ENGINES:
            super().paint(painter, option, widget)
            return
        rect, ratio = self.boundingRect(), painter.device().devicePixelRatioF()
        if self._kept is None or self.picture is None or self._kept[:3] != (self.picture, rect, ratio):
            self._kept = self._made(rect, ratio, option, widget)
        painter.drawPixmap(rect.topLeft(), self._kept[3])

    def _made(
        self, rect: QRectF, ratio: float, option: QStyleOptionGraphicsItem, widget: QWidget | None
    ) -> tuple[object, QRectF, float, QPixmap]:
        image = QPixmap((rect.size() * ratio).toSize())
        image.setDevicePixelRatio(ratio)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(-rect.topLeft())
        super().paint(painter, option, widget)
        painter.end()
        return self.picture, rect, ratio, image
