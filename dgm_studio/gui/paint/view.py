"""The canvas on the screen: grid, points by class, and a circle round what the next stroke will touch."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.paint.canvas import CLASSES, HALF, Canvas, State
from dgm_studio.gui.paint.tools import Brush, Eraser, Nib, Spot, Tool
from dgm_studio.gui.splat import cloud_image
from dgm_studio.gui.theme.theme import font, theme

_HOLD_MS = 33
_DOT = 3.4
"""A point's diameter in design pixels."""
_MARGIN = 8.0
_HINT = "Press and drag to draw,\nor start from a data set."


class PaintView(QWidget):
    """Draws `canvas` and lets `tool` work on it with `nib`; every draw comes from `rng`."""

    stroked = Signal()
    """The points changed while the button is down."""
    released = Signal()
    """A stroke ended."""
    radius_turned = Signal(int)
    """The wheel asks for a larger (+1) or a smaller (-1) radius."""

    def __init__(self, canvas: Canvas, rng: np.random.Generator, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas = canvas
        self.nib = Nib()
        self._rng = rng
        self._tool: Tool = Brush()
        self._pressed = False
        self._pointer: QPointF | None = None
        self._cloud: tuple[tuple[State, Lens], tuple[QImage, QPointF]] | None = None
        self._holding = QTimer(self, interval=_HOLD_MS)
        self._holding.timeout.connect(self._hold)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Canvas")
        self.setAccessibleDescription("Press and drag to draw with the chosen tool.")
        theme().changed.connect(self.update)

    def minimumSizeHint(self) -> QSize:
        """Small enough for 1280 x 720."""
        return QSize(320, 320)

    def sizeHint(self) -> QSize:
        """A square that leaves room for the form."""
        return QSize(theme().px(600), theme().px(600))

    @property
    def tool(self) -> Tool:
        """What draws now."""
        return self._tool

    def set_tool(self, tool: Tool) -> None:
        """Change the tool; a stroke under way ends first."""
        self.end_stroke()
        self._tool = tool
        self.update()

    def set_nib(self, nib: Nib) -> None:
        """Change radius, density or class, also during a stroke."""
        self.nib = nib
        self.update()

    @property
    def square(self) -> QRectF:
        """Where the canvas's box lies in the widget."""
        side = max(1.0, min(self.width(), self.height()) - 2 * _MARGIN)
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    def to_model(self, at: QPointF) -> Spot:
        """A place of the widget in model units."""
        box = self.square
        unit = box.width() / (2 * HALF)
        return (at.x() - box.center().x()) / unit, (box.center().y() - at.y()) / unit

    def to_pixel(self, at: Spot) -> QPointF:
        """A place in model units in the widget."""
        box = self.square
        unit = box.width() / (2 * HALF)
        return QPointF(box.center().x() + at[0] * unit, box.center().y() - at[1] * unit)

    def end_stroke(self) -> None:
        """End the stroke where it is, as if the button had gone up."""
        if self._pressed:
            self._pressed = False
            self._holding.stop()
            self._tool.release(self.canvas, self._tool.at, self.nib, self._rng)
            self.canvas.commit()
            self.update()
            self.released.emit()

    # What the mouse does.

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The left button begins a stroke."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self.end_stroke()
        self._pressed = True
        self._pointer = event.position()
        self.canvas.begin()
        self._tool.press(self.canvas, self.to_model(event.position()), self.nib, self._rng)
        if self._tool.holds:
            self._holding.start()
        self._told()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The circle follows; with the button down the tool draws."""
        self._pointer = event.position()
        if self._pressed:
            self._tool.drag(self.canvas, self.to_model(event.position()), self.nib, self._rng)
            self._told()
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The stroke ends."""
        if event.button() == Qt.MouseButton.LeftButton and self._pressed:
            self._pointer = event.position()
            self._tool.drag(self.canvas, self.to_model(event.position()), self.nib, self._rng)
            self.end_stroke()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel changes the radius."""
        turned = event.angleDelta().y()
        if turned:
            self.radius_turned.emit(1 if turned > 0 else -1)
        event.accept()

    def enterEvent(self, event: QEnterEvent) -> None:
        """The circle appears."""
        self._pointer = event.position()
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """The circle goes."""
        self._pointer = None
        self.update()

    def hideEvent(self, event: object) -> None:
        """A hidden canvas draws no further."""
        self.end_stroke()

    def _hold(self) -> None:
        self._tool.hold(self.canvas, self.nib, self._rng)
        self._told()

    def _told(self) -> None:
        self.update()
        self.stroked.emit()

    # What is seen.

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground, grid, points, then what the tool is about to do."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = self.square
        painter.setPen(QPen(theme().colour("line"), 1))
        painter.setBrush(theme().colour("stage"))
        painter.drawRoundedRect(box.adjusted(-0.5, -0.5, 0.5, 0.5), 8, 8)
        self._paint_grid(painter, box)
        picture, corner = self._picture()
        painter.drawImage(corner, picture)
        if not len(self.canvas) and not self._pressed:
            self._paint_hint(painter, box)
        painter.setClipRect(box)
        self._paint_tool(painter, box.width() / (2 * HALF))

    def _paint_grid(self, painter: QPainter, box: QRectF) -> None:
        for k in range(1 - int(HALF), int(HALF)):
            painter.setPen(QPen(theme().colour("line", 1.0 if k == 0 else 0.45), 1))
            across, down = self.to_pixel((k, 0)).x(), self.to_pixel((0, k)).y()
            painter.drawLine(QPointF(across, box.top()), QPointF(across, box.bottom()))
            painter.drawLine(QPointF(box.left(), down), QPointF(box.right(), down))

    def _paint_hint(self, painter: QPainter, box: QRectF) -> None:
        painter.setFont(font(13))
        centred = Qt.AlignmentFlag.AlignCenter
        around = painter.boundingRect(box, centred, _HINT)
        painter.fillRect(around.adjusted(-12, -8, 12, 8), theme().colour("stage"))
        painter.setPen(theme().colour("faint"))
        painter.drawText(around, centred, _HINT)

    def _paint_tool(self, painter: QPainter, unit: float) -> None:
        radius = self.nib.radius * unit
        erases = isinstance(self._tool, Eraser)
        colour = theme().colour("error") if erases else theme().class_colour(self.nib.label)
        segment = self._tool.preview if self._pressed else None
        if segment is not None:
            start, end = map(self.to_pixel, segment)
            band = theme().class_colour(self.nib.label)
            band.setAlphaF(0.25)
            painter.setPen(QPen(band, 2 * radius, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawLine(start, end) if start != end else painter.drawPoint(start)
        if self._pointer is None:
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        # A ring of the ground's colour beneath keeps the circle visible on a dense cloud.
        style = Qt.PenStyle.DashLine if erases else Qt.PenStyle.SolidLine
        for ink, width, line in (
            (theme().colour("stage", 0.8), 3.5, Qt.PenStyle.SolidLine),
            (colour, 1.5 * theme().scale, style),
        ):
            painter.setPen(QPen(ink, width, line))
            painter.drawEllipse(self._pointer, radius, radius)

    def _lens(self) -> Lens:
        box, unit = self.square, self.square.width() / (2 * HALF)
        centre = box.center()
        return Lens(
            unit, -unit, centre.x(), centre.y(), box.left(), box.top(), box.width(), box.height(),
            self.devicePixelRatioF(), theme().scale, theme().tokens,
        )  # fmt: skip

    def _picture(self) -> tuple[QImage, QPointF]:
        """The cloud at device pixels and where it belongs, made anew only when what it shows has changed."""
        key = (self.canvas.state, self._lens())
        if self._cloud is None or self._cloud[0] != key:
            state, lens = key
            colours = [theme().class_colour(label) for label in range(CLASSES)]
            self._cloud = (key, cloud_image(lens, state.points, _DOT, colours, state.labels))
        return self._cloud[1]
