"""Curves through knots that are dragged up and down, by the mouse or by the keys; it only draws and tells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.core.pchip import Pchip
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.focus_ring import FocusRing
from dgm_studio.gui.widgets.painted import CENTRE, LEFT, RIGHT, ring, rounded, smooth, words

Curves = tuple[tuple[float, ...], ...]

TINTS = ("accent", "sample", "exact", "text")
HEIGHT = 168
LEFT_ROOM, RIGHT_ROOM, TOP_ROOM, BOTTOM_ROOM = 28, 12, 24, 20
KNOT, REACH = 5.0, 13.0
"""Radius of a knot, and how near the pointer must be, in design pixels."""
SNAP = 0.02
"""Heights so near 0 or 1 are these, with the mouse."""
FINE, COARSE = 0.01, 0.1
"""What an arrow key moves a knot by, and with Shift."""
POINTS = 97
APART = 0.01
"""Failing times further apart than this are two failures."""

_UP = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
_ALONG = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}
_COUNT = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1}
_JUMP = (Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class CurvePlot(FocusRing, QWidget):
    """Curve k through `values` k at even spacing of t in [0, 1]. Left and Right walk along all knots, Page Up and Down
    to the next curve, Up and Down move the knot, Plus and Minus ask for more knots or fewer."""

    pulled = Signal(int, int, float)
    """(curve, knot, height): where a person wants that knot."""

    let_go = Signal()
    """The drag is over."""

    counted = Signal(int, int)
    """(curve, by): a person wants so many knots more."""

    def __init__(self, names: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.names = tuple(names)
        self.curves: Curves = ()
        self.kept: Curves = ()
        """The curves that are in force, drawn behind where others are tried."""
        self.losing: Array = np.empty(0)
        """Times at which the curves fail, shaded."""
        self.knot = (0, 0)
        """(curve, knot) that the keys move."""
        self._dragging = False
        self._top = 1.0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"Curves {' and '.join(self.names)}")
        theme().changed.connect(self._rescale)
        self._rescale()

    def show_curves(self, curves: Curves, kept: Curves, losing: Array) -> None:
        """Draw these; `kept` are those in force."""
        self.curves, self.kept, self.losing = curves, kept, losing
        if not self._dragging:
            self._top = max(1.0, *(max(values) for values in (*curves, *kept)))
        curve, knot = self.knot
        self.knot = (curve, min(knot, len(curves[curve]) - 1))
        self._tell()
        self.update()

    def place(self, curve: int, knot: int) -> QPointF:
        """Where a knot is drawn, in widget pixels."""
        values = self.curves[curve]
        return self._pixel(knot / (len(values) - 1), values[knot])

    # Places.

    def _area(self) -> QRectF:
        px = theme().px
        return QRectF(self.rect()).adjusted(px(LEFT_ROOM), px(TOP_ROOM), -px(RIGHT_ROOM), -px(BOTTOM_ROOM))

    def _pixel(self, t: float, height: float) -> QPointF:
        area = self._area()
        return QPointF(area.left() + t * area.width(), area.bottom() - height / self._top * area.height())

    def _height(self, y: float) -> float:
        area = self._area()
        height = min(self._top, max(0.0, (area.bottom() - y) / area.height() * self._top))
        near = next((whole for whole in (0.0, 1.0) if abs(height - whole) < SNAP), height)
        return round(near, 2)

    def _knot_at(self, at: QPointF) -> tuple[int, int] | None:
        reach = theme().px(REACH)
        found = [
            ((self.place(c, k) - at).manhattanLength(), (c, k))
            for c, values in enumerate(self.curves)
            for k in range(len(values))
        ]
        gap, knot = min(found, default=(reach + 1, (0, 0)))
        return knot if gap <= reach else None

    # From the person.

    def mousePressEvent(self, event: QMouseEvent, /) -> None:
        knot = self._knot_at(event.position()) if event.button() == Qt.MouseButton.LeftButton else None
        if knot is None:
            event.ignore()
            return
        self.knot, self._dragging = knot, True
        self._tell()
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent, /) -> None:
        if self._dragging:
            self.pulled.emit(*self.knot, self._height(event.position().y()))
            return
        over = self._knot_at(event.position()) is not None
        self.setCursor(Qt.CursorShape.SizeVerCursor if over else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent, /) -> None:
        if self._dragging:
            self._dragging = False
            self.let_go.emit()

    def event(self, event: QEvent, /) -> bool:
        # With the focus it keeps its keys even where the window has shortcuts on them.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _takes(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        if not _takes(event) or not self.curves:
            event.ignore()
            return
        key, (curve, knot) = Qt.Key(event.key()), self.knot
        if key in _UP:
            step = COARSE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else FINE
            self.pulled.emit(curve, knot, round(max(0.0, self.curves[curve][knot] + _UP[key] * step), 4))
            self.let_go.emit()
        elif key in _COUNT:
            self.counted.emit(curve, _COUNT[key])
        else:
            self._walk(key)

    def _walk(self, key: Qt.Key) -> None:
        every = [(c, k) for c, values in enumerate(self.curves) for k in range(len(values))]
        curve, last = self.knot[0], len(self.curves[self.knot[0]]) - 1
        if key in _ALONG:
            self.knot = every[(every.index(self.knot) + _ALONG[key]) % len(every)]
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.knot = (curve, 0 if key == Qt.Key.Key_Home else last)
        else:
            other = (curve + (1 if key == Qt.Key.Key_PageDown else -1)) % len(self.curves)
            self.knot = (other, min(self.knot[1], len(self.curves[other]) - 1))
        self._tell()
        self.update()

    def _tell(self) -> None:
        """What a screen reader says of the knot that the keys move."""
        curve, knot = self.knot
        values = self.curves[curve]
        t = knot / (len(values) - 1)
        self.setAccessibleDescription(f"{self.names[curve]} at t = {t:.2f} is {values[knot]:g}.")

    # Painting.

    def _rescale(self) -> None:
        self.setFixedHeight(theme().px(HEIGHT))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(240), theme().px(HEIGHT))

    def paintEvent(self, event: QPaintEvent, /) -> None:
        look, px = theme(), theme().px
        painter = smooth(self)
        rounded(painter, QRectF(self.rect()), px(8), look.colour("stage"), look.colour("line"))
        if self.curves:
            self._paint_losing(painter)
            self._paint_frame(painter)
            for c, values in enumerate(self.curves):
                if self.kept and self.kept[c] != values:
                    self._paint_curve(painter, self.kept[c], look.colour("faint", 0.7), dashed=True)
                self._paint_curve(painter, values, look.colour(TINTS[c]))
            for c in range(len(self.curves)):
                self._paint_knots(painter, c)
            self._paint_value(painter)
        if self.ringed:
            ring(painter, QRectF(self.rect()), px(8))
        painter.end()

    def _paint_losing(self, painter: QPainter) -> None:
        area = self._area()
        for span in np.split(self.losing, np.flatnonzero(np.diff(self.losing) > APART) + 1) if len(self.losing) else ():
            left, right = (area.left() + float(t) * area.width() for t in (span[0], span[-1]))
            shade = QRectF(left - 1, area.top(), right - left + 2, area.height())
            painter.fillRect(shade, theme().colour("error", 0.22))

    def _paint_frame(self, painter: QPainter) -> None:
        look, px, area = theme(), theme().px, self._area()
        small = font(10.5, tabular=True)
        painter.setPen(QPen(look.colour("line"), 1))
        marks = [0.0, 1.0] if self._top < 2 else [0.0, self._top]
        for height in marks:
            y = round(self._pixel(0, height).y())
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        for height in marks:
            y = round(self._pixel(0, height).y())
            words(painter, QRect(px(2), y - px(8), px(LEFT_ROOM - 8), px(16)), f"{height:g}", small,
                  look.colour("faint"), RIGHT)  # fmt: skip
        below = QRect(round(area.left()), round(area.bottom()) + px(3), round(area.width()), px(15))
        words(painter, below, "t = 0, noise", small, look.colour("faint"), LEFT)
        words(painter, below, "data, t = 1", small, look.colour("faint"), RIGHT)
        left, face = round(area.left()), font(11.5, 500)
        for c, name in enumerate(self.names):
            rounded(painter, QRectF(left, px(8), px(8), px(8)), px(4), look.colour(TINTS[c]))
            words(painter, QRect(left + px(13), px(2), px(48), px(20)), name, face, look.colour("dim"))
            left += px(60)

    def _paint_curve(self, painter: QPainter, values: tuple[float, ...], colour: QColor, dashed: bool = False) -> None:
        t = np.linspace(0, 1, POINTS)
        heights = np.clip(Pchip(values)(t), 0, self._top)
        line = QPolygonF([self._pixel(x, y) for x, y in zip(t.tolist(), heights.tolist(), strict=True)])
        pen = QPen(colour, 2 * theme().scale)
        if dashed:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(line)

    def _paint_knots(self, painter: QPainter, curve: int) -> None:
        look, scale = theme(), theme().scale
        for k in range(len(self.curves[curve])):
            chosen = self.knot == (curve, k) and (self.hasFocus() or self._dragging)
            reach, at = (KNOT + 1.5 if chosen else KNOT) * scale, self.place(curve, k)
            rounded(painter, QRectF(at.x() - reach, at.y() - reach, 2 * reach, 2 * reach), reach,
                    look.colour(TINTS[curve] if chosen else "stage"), look.colour(TINTS[curve]), 2 * scale)  # fmt: skip

    def _paint_value(self, painter: QPainter) -> None:
        """The height of the knot that is moved, beside it."""
        if not (self.hasFocus() or self._dragging):
            return
        (curve, knot), px, area = self.knot, theme().px, self._area()
        at = self.place(curve, knot)
        wide = px(38)
        left = min(max(round(at.x()) - wide // 2, round(area.left())), round(area.right()) - wide)
        top = round(at.y()) - px(26) if at.y() - px(26) > px(TOP_ROOM - 6) else round(at.y()) + px(9)
        rounded(painter, QRectF(left, top, wide, px(17)), px(4), theme().colour("raised"), theme().colour("line"))
        value = f"{self.curves[curve][knot]:.3g}"
        words(painter, QRect(left, top, wide, px(17)), value, font(11, 600, tabular=True),
              theme().colour("text"), CENTRE)  # fmt: skip


def _takes(event: QKeyEvent) -> bool:
    plain = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
    key = event.key()
    return not event.modifiers() & ~plain and any(key in keys for keys in (_UP, _ALONG, _COUNT, _JUMP))
