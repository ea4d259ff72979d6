"""Drawing a picture of the model's size with the mouse."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.knobs import Knob
from dgm_studio.core.pictures import PictureShape
from dgm_studio.gui.dialogs.sheet import Sheet
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.knob_form import KnobForm
from dgm_studio.gui.widgets.painted import rounded, smooth
from dgm_studio.gui.widgets.picture_sheet import picture_image
from dgm_studio.gui.widgets.picture_tile import draw_picture

SIDE = 336
WIDTH = Knob("width", float, 2.4, "Brush", "How wide the brush is, in pixels of the picture.", 0.5, 8.0, unit="px")
GREY = Knob("grey", float, 1.0, "Grey", "0 is black, the ground; 1 is white.", 0.0, 1.0)


class Pad(QWidget):
    """Black ground, one soft round brush; `touched` when something was drawn."""

    touched = Signal()

    def __init__(self, shape: PictureShape, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ink: Array = np.zeros((shape.height, shape.width))
        self.channels, self.width_now, self.grey = shape.channels, float(WIDTH.default), float(GREY.default)
        self._last: QPointF | None = None
        self.setAccessibleName("Drawing pad")
        self.setToolTip("Draw with the left button; the right one erases")
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._rescale)
        self._rescale()

    def _rescale(self) -> None:
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        high, wide = self.ink.shape
        zoom = max(1, theme().px(SIDE) // max(high, wide))
        return QSize(zoom * wide, zoom * high)

    def pixels(self) -> Array:
        """The drawing as bytes (c, h, w)."""
        grey = np.rint(255 * self.ink).astype(np.uint8)
        return frozen(np.repeat(grey[None], self.channels, axis=0))

    def clear(self) -> None:
        """An empty pad."""
        self.ink[:] = 0.0
        self.update()

    def stroke(self, start: tuple[float, float], end: tuple[float, float], grey: float) -> None:
        """A round line between two points (x, y), in pixels of the picture; its edge fades over one pixel."""
        high, wide = self.ink.shape
        y, x = np.mgrid[0:high, 0:wide] + 0.5
        along = np.array(end) - start
        length = float(along @ along)
        share = np.clip(((x - start[0]) * along[0] + (y - start[1]) * along[1]) / max(length, 1e-9), 0.0, 1.0)
        apart = np.hypot(x - start[0] - share * along[0], y - start[1] - share * along[1])
        cover = np.clip(self.width_now / 2 + 0.5 - apart, 0.0, 1.0)
        self.ink += cover * (grey - self.ink)
        self.update()
        self.touched.emit()

    def paintEvent(self, event: QPaintEvent, /) -> None:
        painter = smooth(self)
        box = QRectF(self.rect())
        draw_picture(painter, box, picture_image(self.pixels()))
        rounded(painter, box, 0, None, theme().colour("line"))
        painter.end()

    def _at(self, where: QPointF) -> tuple[float, float]:
        return where.x() * self.ink.shape[1] / self.width(), where.y() * self.ink.shape[0] / self.height()

    def mousePressEvent(self, event: QMouseEvent, /) -> None:
        self._last = event.position()
        self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent, /) -> None:
        if self._last is None:
            return
        grey = 0.0 if event.buttons() & Qt.MouseButton.RightButton else self.grey
        self.stroke(self._at(self._last), self._at(event.position()), grey)
        self._last = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent, /) -> None:
        self._last = None


class Drawing(Sheet):
    """`drawn(pixels)` (c, h, w) of bytes when a person takes the drawing."""

    drawn = Signal(object)

    def __init__(self, shape: PictureShape, parent: QWidget | None = None) -> None:
        size = f"{shape.width} × {shape.height} pixels, white on black, as the data are."
        super().__init__("Draw a picture", size, width=400, parent=parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.pad = Pad(shape)
        self.brush = KnobForm("Brush", "", (WIDTH, GREY))
        self.body.addWidget(self.pad, 0, Qt.AlignmentFlag.AlignHCenter)
        self.body.addWidget(self.brush)
        self.wipe = self.add_left(Button("Clear", "An empty pad"))
        self.close_button = self.add_right(Button("Cancel", "Back, without a picture (Esc)"))
        self.take = self.add_right(Button("Use it", "Encode the drawing as a place", kind="primary"), default=True)
        self.take.set_reason("Draw something first.", "")
        self.brush.edited.connect(self._brush)
        self.wipe.clicked.connect(self._clear)
        self.close_button.clicked.connect(self.reject)
        self.take.clicked.connect(self._take)
        self.pad.touched.connect(lambda: self.take.set_reason("", "Encode the drawing as a place"))

    def _brush(self, name: str, value: object) -> None:
        number = float(str(value))
        if name == WIDTH.name:
            self.pad.width_now = number
        else:
            self.pad.grey = number

    def _clear(self) -> None:
        self.pad.clear()
        self.take.set_reason("Draw something first.", "")

    def _take(self) -> None:
        self.drawn.emit(self.pad.pixels())
        self.accept()
