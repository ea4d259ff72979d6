"""A handle on a plot: dragged with the mouse, or moved by the arrow keys while it has the focus."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.buttons import HIT
from dgm_studio.gui.widgets.focus_ring import FocusRing
from dgm_studio.gui.widgets.painted import ring, rounded

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Down: (0, -1), Qt.Key.Key_Up: (0, 1),
}  # fmt: skip
_ALONE = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier


class GripHandle(FocusRing, QWidget):
    """`moved(QPointF)` in its parent's pixels while it is dragged, `nudged(right, up)` in steps, ten with Shift."""

    moved = Signal(QPointF)
    nudged = Signal(int, int)
    released = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.tone = "accent"
        self.held = False
        self._offset = QPointF()
        self._kept: tuple[tuple[object, ...], QPixmap] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        theme().changed.connect(self._rescale)
        self._rescale()

    def describe(self, name: str, tone: str) -> None:
        """What it moves, in words, and its colour."""
        if name != self.accessibleName() or tone != self.tone:
            self.tone = tone
            self.setAccessibleName(name)
            self.setAccessibleDescription("Arrow keys move it, with Shift by ten steps.")
            self.setToolTip(f"{name}: drag it, or use the arrow keys (Shift: ten steps)")
            self.update()

    def centre_at(self, x: float, y: float) -> None:
        """Put its middle there, in its parent's pixels."""
        corner = round(x - self.width() / 2), round(y - self.height() / 2)
        if (self.x(), self.y()) != corner:
            self.move(*corner)

    def _rescale(self) -> None:
        self.setFixedSize(theme().px(HIT), theme().px(HIT))
        self.update()

    def paintEvent(self, event: QPaintEvent, /) -> None:
        look, near = theme(), self.held or self.underMouse()
        ringed = self.ringed
        key = (look.tokens.name, look.scale, self.devicePixelRatioF(), self.tone, near, ringed)
        if self._kept is None or self._kept[0] != key:
            self._kept = key, self._image(near, ringed)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._kept[1])
        painter.end()

    def _image(self, near: bool, ringed: bool) -> QPixmap:
        """Kept: whenever the plot below it is painted, so is every handle."""
        look, px, ratio = theme(), theme().px, self.devicePixelRatioF()
        image = QPixmap(self.size() * ratio)
        image.setDevicePixelRatio(ratio)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = QRectF(self.rect()).center()
        reach = px(8) if near else px(7)
        disc = QRectF(middle.x() - reach, middle.y() - reach, 2 * reach, 2 * reach)
        rounded(painter, disc, reach, look.colour("stage"), look.colour(self.tone), 2.5 * look.scale)
        dot = QRectF(middle.x() - px(2), middle.y() - px(2), 2 * px(2), 2 * px(2))
        rounded(painter, dot, px(2), look.colour(self.tone))
        if ringed:
            ring(painter, QRectF(self.rect()), self.width() / 2)
        painter.end()
        return image

    def mousePressEvent(self, event: QMouseEvent, /) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.held = True
            self._offset = event.position() - QRectF(self.rect()).center()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent, /) -> None:
        if self.held:
            self.moved.emit(self.mapToParent(event.position()) - self._offset)

    def mouseReleaseEvent(self, event: QMouseEvent, /) -> None:
        if self.held and event.button() == Qt.MouseButton.LeftButton:
            self.held = False
            self.setCursor(Qt.CursorShape.OpenHandCursor)
            self.update()
            self.released.emit()

    def event(self, event: QEvent, /) -> bool:
        # A focused handle keeps its arrows even where the window has shortcuts on them.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._takes(event):
            event.accept()
            return True
        return super().event(event)

    def _takes(self, event: QKeyEvent) -> bool:
        return Qt.Key(event.key()) in _ARROWS and not event.modifiers() & ~_ALONE

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        if not self._takes(event):
            event.ignore()
            return
        by = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        right, up = _ARROWS[Qt.Key(event.key())]
        self.nudged.emit(by * right, by * up)
