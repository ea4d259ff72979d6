"""The slider of the studio.

A 4 px track with its filled part in colour, a 12 px handle, and room above for words.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy, QWidget

from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.focus_ring import FocusRing
from dgm_studio.gui.widgets.painted import RIGHT, ring, rounded, smooth, width_of, words

POSITIONS = 10_000
_KEYS = {
    Qt.Key.Key_Left: -1, Qt.Key.Key_Down: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 1,
    Qt.Key.Key_PageDown: -10, Qt.Key.Key_PageUp: 10,
}  # fmt: skip


class ThinSlider(FocusRing, QAbstractSlider):
    """A position in [0, 1]. `moved(fraction)` on a drag or click, `nudged(n)` on arrow keys (10 with Shift or
    Page).

    The wheel scrolls the form unless the slider has focus. With `keys=False` arrows are left to the
    window's shortcuts.
    """

    moved = Signal(float)
    nudged = Signal(int)
    pressed = Signal()

    def __init__(
        self, *, tone: str = "accent", height: float = 44, track_at: float = 31, keys: bool = True,
        inset: float = 0,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.tone, self.title, self.note = tone, "", ""
        self.ticks: tuple[float, ...] = ()
        self.handle_shown = True
        self.active = False
        self._height, self._track_at, self._keys = height, track_at, keys
        self._inset = inset
        self.setRange(0, POSITIONS)
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.valueChanged.connect(self.update)
        theme().changed.connect(self._rescale)
        self._rescale()

    @property
    def fraction(self) -> float:
        """Where the handle is, from 0 to 1."""
        return self.value() / POSITIONS

    def set_fraction(self, fraction: float) -> None:
        """Move the handle without telling anybody."""
        blocked = self.blockSignals(True)
        self.setValue(round(min(1.0, max(0.0, fraction)) * POSITIONS))
        self.blockSignals(blocked)
        self.update()

    def _rescale(self) -> None:
        self.setFixedHeight(theme().px(self._height))
        self.updateGeometry()
        self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(80), theme().px(self._height))

    def sizeHint(self) -> QSize:
        return QSize(theme().px(200), theme().px(self._height))

    def _track(self) -> QRectF:
        thick, inset = theme().px(4), theme().px(self._inset)
        return QRectF(inset, theme().px(self._track_at) - thick / 2, self.width() - 2 * inset, thick)

    def handle_centre(self) -> tuple[float, float]:
        """Where the handle is drawn, in widget pixels."""
        track, reach = self._track(), theme().px(6)
        x = track.left() + reach + self.fraction * (track.width() - 2 * reach)
        return x, track.center().y()

    def _fraction_at(self, x: float) -> float:
        track, reach = self._track(), theme().px(6)
        return min(1.0, max(0.0, (x - track.left() - reach) / max(1.0, track.width() - 2 * reach)))

    def paintEvent(self, event: QPaintEvent, /) -> None:
        look, px = theme(), theme().px
        painter = smooth(self)
        enabled, track = self.isEnabled(), self._track()
        hot = enabled and (self.underMouse() or self.isSliderDown())
        if self.active:
            rounded(painter, QRectF(self.rect()), px(6), None, look.colour("accent", 0.55), 1.2 * look.scale)
        if self.ringed:
            ring(painter, QRectF(self.rect()), px(6))
        self._paint_words(painter)
        tone = look.colour(self.tone if enabled else "disabled")
        rounded(painter, track, px(2), look.colour("line"))
        x, y = self.handle_centre()
        filled = QRectF(track)
        filled.setRight(x if self.handle_shown else track.left() + self.fraction * track.width())
        if filled.width() > 0:
            rounded(painter, filled, px(2), tone)
        for tick in self.ticks:
            at = track.left() + px(6) + tick * (track.width() - 2 * px(6))
            painter.setPen(QPen(look.colour("faint"), max(1, px(1))))
            painter.drawLine(round(at), round(y - px(6)), round(at), round(y + px(6)))
        if self.handle_shown and enabled:
            reach = px(7) if hot else px(6)
            rounded(painter, QRectF(x - reach, y - reach, 2 * reach, 2 * reach), reach,
                    look.colour("handle"), tone, 2 * look.scale)  # fmt: skip
        painter.end()

    def _paint_words(self, painter: QPainter) -> None:
        if not (self.title or self.note):
            return
        look, px = theme(), theme().px
        high = px(self._track_at) - px(7)
        side = px(self._inset)
        note_font = font(12, 600, tabular=True)
        room = min(width_of(self.note, note_font), self.width() * 2 // 3)
        on = self.isEnabled()
        words(painter, QRect(self.width() - room - side, 0, room, high), self.note, note_font,
              look.colour("text" if on else "disabled"), RIGHT)  # fmt: skip
        words(painter, QRect(side, 0, self.width() - room - 2 * side - px(8), high), self.title,
              font(12, 500),              look.colour("dim" if on else "disabled"))  # fmt: skip

    def mousePressEvent(self, event: QMouseEvent, /) -> None:
        if event.button() != Qt.MouseButton.LeftButton or not self.handle_shown:
            event.ignore()
            return
        self.setSliderDown(True)
        self.pressed.emit()
        self._drag(event)

    def mouseMoveEvent(self, event: QMouseEvent, /) -> None:
        if self.isSliderDown():
            self._drag(event)

    def mouseReleaseEvent(self, event: QMouseEvent, /) -> None:
        self.setSliderDown(False)
        self.update()

    def _drag(self, event: QMouseEvent) -> None:
        fraction = self._fraction_at(event.position().x())
        self.set_fraction(fraction)
        self.moved.emit(fraction)

    def wheelEvent(self, event: QWheelEvent, /) -> None:
        delta = event.angleDelta().y()
        if not self.hasFocus() or not self.handle_shown or delta == 0:
            event.ignore()
            return
        self.nudged.emit(1 if delta > 0 else -1)
        event.accept()

    def event(self, event: QEvent, /) -> bool:
        # A focused slider keeps its arrows even where the window has shortcuts on them.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._takes(event):
            event.accept()
            return True
        return super().event(event)

    def _takes(self, event: QKeyEvent) -> bool:
        return self._keys and (Qt.Key(event.key()) in _KEYS or event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End))

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        if not self._takes(event):
            event.ignore()
            return
        key = Qt.Key(event.key())
        if key in _KEYS:
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.nudged.emit(_KEYS[key] * (10 if shift and abs(_KEYS[key]) == 1 else 1))
        else:
            self.set_fraction(0.0 if key == Qt.Key.Key_Home else 1.0)
            self.moved.emit(self.fraction)
