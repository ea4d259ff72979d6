"""One picture of the model, as large as its place: it can be taken and dragged."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.painted import CENTRE, rounded, smooth, words
from dgm_studio.gui.widgets.picture_sheet import picture_image

PIXELS_FROM = 3.0
"""Enlarged more than so many times, a picture shows its pixels instead of being smoothed."""


def draw_picture(painter: QPainter, box: QRectF, image: QImage, source: QRectF | None = None) -> None:
    """An image, or the part `source` of it, in `box`: smooth when it is small there, pixel by pixel when large."""
    part = QRectF(image.rect()) if source is None else source
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, box.width() < PIXELS_FROM * part.width())
    painter.drawImage(box, image, part)


class PictureTile(QWidget):
    """A picture in the middle of a stage ground. With `draggable`, `dragged(dx, dy)` tells a drag in picture sides,
    x to the right and y upwards, since the last; `paints` counts for the status line."""

    dragged = Signal(float, float)
    dropped = Signal()
    """The drag has ended."""

    def __init__(self, name: str, tooltip: str, *, least: float = 56, draggable: bool = False, empty: str = "",
                 parent: QWidget | None = None) -> None:  # fmt: skip
        super().__init__(parent)
        self.paints = 0
        self.pixels: Array | None = None
        self._image: QImage | None = None
        self._least, self._draggable, self._empty = least, draggable, empty
        self._from: QPointF | None = None
        self.setAccessibleName(name)
        self.setToolTip(tooltip)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        if draggable:
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        theme().changed.connect(self._rescale)
        self._rescale()

    def _rescale(self) -> None:
        side = theme().px(self._least)
        self.setMinimumSize(side, side)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        side = theme().px(self._least)
        return QSize(side, side)

    def show_picture(self, pixels: Array | None) -> None:
        """A picture (c, h, w) of bytes; None for nothing."""
        self.pixels = pixels
        self._image = picture_image(pixels) if pixels is not None else None
        self.update()

    def set_empty(self, text: str) -> None:
        """What is said while there is no picture."""
        self._empty = text
        self.update()

    def box(self) -> QRectF:
        """Where the picture is drawn, in widget pixels."""
        if self._image is None:
            return QRectF()
        pad = theme().px(8 if self._draggable else 2)
        wide, high = self.width() - 2 * pad, self.height() - 2 * pad
        zoom = min(wide / self._image.width(), high / self._image.height())
        if zoom >= PIXELS_FROM:
            zoom = float(int(zoom))  # pixels of one size
        size = (zoom * self._image.width(), zoom * self._image.height())
        return QRectF(round((self.width() - size[0]) / 2), round((self.height() - size[1]) / 2), *size)

    def paintEvent(self, event: QPaintEvent, /) -> None:
        self.paints += 1
        look, px = theme(), theme().px
        painter = smooth(self)
        rounded(painter, QRectF(self.rect()), px(8), look.colour("stage"), look.colour("line"))
        if self._image is not None:
            draw_picture(painter, self.box(), self._image)
        elif self._empty:
            room = self.rect().adjusted(px(12), 0, -px(12), 0)
            words(painter, room, self._empty, font(12.5), look.colour("dim"), CENTRE)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent, /) -> None:
        if self._draggable and self._image is not None and event.button() == Qt.MouseButton.LeftButton:
            self._from = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent, /) -> None:
        if self._from is None:
            return
        side = max(1.0, self.box().width())
        by = event.position() - self._from
        self._from = event.position()
        self.dragged.emit(by.x() / side, -by.y() / side)

    def mouseReleaseEvent(self, event: QMouseEvent, /) -> None:
        if self._from is not None:
            self._from = None
            self.setCursor(Qt.CursorShape.OpenHandCursor)
            self.dropped.emit()
