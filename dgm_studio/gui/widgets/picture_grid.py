"""Many pictures in rows, painted from one sheet: strips, samples, a browser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.focus_ring import FocusRing
from dgm_studio.gui.widgets.painted import CENTRE, ring, rounded, smooth, words
from dgm_studio.gui.widgets.picture_sheet import sheet_image
from dgm_studio.gui.widgets.picture_tile import draw_picture

_KEYS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}


class PictureGrid(FocusRing, QWidget):
    """`columns` 0 takes as many as make the pictures largest. `pressed(i)` when a person picks one, `select(i)` rings
    one, `marks` (index to token) get a coloured line below, `captions` a word below each; `paints` counts for the
    status line. With `keys`, Tab reaches it, arrows move and Enter picks."""

    pressed = Signal(int)
    scrubbed = Signal(int)
    """The pointer was pressed on a picture, or dragged over it."""
    moved = Signal(float, float)
    """The pointer is dragged: where it is, in columns and rows, pictures' centres at whole numbers."""

    def __init__(
        self, name: str, tooltip: str = "", *, columns: int = 0, least: float = 60, gap: float = 2, keys: bool = False,
        empty: str = "", parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.paints = 0
        self.pixels: Array = np.empty((0, 1, 1, 1), dtype=np.uint8)
        self.current = -1
        self.marks: dict[int, str] = {}
        self.grip: tuple[float, float] | None = None
        self.captions: tuple[str, ...] = ()
        self._columns, self._least, self._gap, self._empty = columns, least, gap, empty
        self._sheet: QImage | None = None
        self.setAccessibleName(name)
        self.setToolTip(tooltip or name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        if keys:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme().changed.connect(self._rescale)
        self._rescale()

    def _rescale(self) -> None:
        self.setMinimumHeight(theme().px(self._least))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(200), theme().px(self._least))

    # What is shown.

    def show_pictures(self, pixels: Array, captions: Sequence[str] = ()) -> None:
        """Pictures (n, c, h, w) of bytes, in reading order."""
        self.pixels, self.captions = pixels, tuple(captions)
        self._sheet = None
        self.setAccessibleDescription(f"{len(pixels)} pictures")
        self.update()

    def select(self, index: int) -> None:
        """Ring one, -1 for none; no signal."""
        if index != self.current:
            self.current = index
            self.update()

    def set_marks(self, marks: Mapping[int, str]) -> None:
        """A coloured line below some of them, by index: a token each."""
        self.marks = dict(marks)
        self.update()

    def set_grip(self, at: tuple[float, float] | None) -> None:
        """A handle at a place in columns and rows, pictures' centres at whole numbers; None for none."""
        self.grip = at
        self.update()

    def set_columns(self, columns: int) -> None:
        """So many a row; 0 for what makes them largest."""
        self._columns = columns
        self.update()

    # Where they are.

    def layout_now(self) -> tuple[int, float, float]:
        """Columns, and each picture's width and height in widget pixels."""
        count = max(1, len(self.pixels))
        gap, low = theme().px(self._gap), theme().px(18) if self.captions else 0
        ratio = self.pixels.shape[2] / self.pixels.shape[3]
        best = (1, 0.0)
        for columns in (self._columns,) if self._columns else range(1, count + 1):
            rows = -(-count // columns)
            wide = (self.width() - gap * (columns - 1)) / columns
            high = (self.height() - (gap + low) * (rows - 1) - low) / rows
            side = min(wide, high / ratio)
            if side > best[1]:
                best = (columns, side)
        return best[0], max(1.0, best[1]), max(1.0, best[1] * ratio)

    def box(self, index: int) -> QRectF:
        """Where picture `index` is drawn, in widget pixels."""
        columns, wide, high = self.layout_now()
        gap, low = theme().px(self._gap), theme().px(18) if self.captions else 0
        row, column = divmod(index, columns)
        return QRectF(column * (wide + gap), row * (high + gap + low), wide, high)

    def index_at(self, at: QPoint) -> int:
        """The picture under a point of the widget, -1 for none."""
        if not len(self.pixels):
            return -1
        columns, wide, high = self.layout_now()
        gap, low = theme().px(self._gap), theme().px(18) if self.captions else 0
        column, row = int(at.x() // (wide + gap)), int(at.y() // (high + gap + low))
        index = row * columns + column
        return index if 0 <= column < columns and 0 <= index < len(self.pixels) else -1

    def place_at(self, at: QPointF) -> tuple[float, float]:
        """A point of the widget in columns and rows, pictures' centres at whole numbers, kept inside the sheet."""
        columns, wide, high = self.layout_now()
        gap, low = theme().px(self._gap), theme().px(18) if self.captions else 0
        rows = -(-len(self.pixels) // columns)
        across, down = (at.x() - wide / 2) / (wide + gap), (at.y() - high / 2) / (high + gap + low)
        return min(columns - 1.0, max(0.0, across)), min(rows - 1.0, max(0.0, down))

    # Painting.

    def paintEvent(self, event: QPaintEvent, /) -> None:
        self.paints += 1
        look, px = theme(), theme().px
        painter = smooth(self)
        if not len(self.pixels):
            rounded(painter, QRectF(self.rect()), px(8), look.colour("stage"), look.colour("line"))
            words(painter, self.rect(), self._empty, font(12.5), look.colour("dim"), CENTRE)
            painter.end()
            return
        columns, wide, high = self.layout_now()
        if self._sheet is None:
            self._sheet = sheet_image(self.pixels, 1)
        own_high, own_wide = self.pixels.shape[2], self.pixels.shape[3]
        gap, low = px(self._gap), px(18) if self.captions else 0
        for index in range(len(self.pixels)):
            row, column = divmod(index, columns)
            box = QRectF(column * (wide + gap), row * (high + gap + low), wide, high)
            draw_picture(painter, box, self._sheet, QRectF(0, index * own_high, own_wide, own_high))
            if index in self.marks:
                painter.fillRect(QRectF(box.x(), box.bottom() - px(3), wide, px(3)), look.colour(self.marks[index]))
            if index < len(self.captions):
                room = QRect(round(box.x()), round(box.bottom()), round(wide), px(18))
                words(painter, room, self.captions[index], font(11), look.colour("dim"), CENTRE)
        if 0 <= self.current < len(self.pixels):
            rounded(painter, self.box(self.current), px(2), None, look.colour("sample"), 2.4 * look.scale)
        if self.grip is not None:
            across, down = self.grip
            middle = QPointF(across * (wide + gap) + wide / 2, down * (high + gap + low) + high / 2)
            for token, size in (("bg", 3.0), ("accent", 1.8)):  # seen on light and on dark pictures
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(look.colour(token), size * look.scale))
                painter.drawEllipse(middle, px(7), px(7))
        if self.ringed:
            ring(painter, QRectF(self.rect()), px(4))
        painter.end()

    # The hand.

    def event(self, event: QEvent, /) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self.captions:
            index = self.index_at(event.pos())
            caption = self.captions[index] if 0 <= index < len(self.captions) else ""
            QToolTip.showText(event.globalPos(), caption or self.toolTip(), self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent, /) -> None:
        index = self.index_at(event.position().toPoint())
        if index >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.scrubbed.emit(index)
            self.pressed.emit(index)

    def mouseMoveEvent(self, event: QMouseEvent, /) -> None:
        index = self.index_at(event.position().toPoint())
        if index >= 0 and event.buttons() & Qt.MouseButton.LeftButton:
            self.scrubbed.emit(index)
        if len(self.pixels) and event.buttons() & Qt.MouseButton.LeftButton:
            self.moved.emit(*self.place_at(event.position()))

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        key, count = Qt.Key(event.key()), len(self.pixels)
        if key in _KEYS and count:
            across, down = _KEYS[key]
            to = max(0, self.current) + across + down * self.layout_now()[0]
            self.select(min(count - 1, max(0, to)))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and 0 <= self.current < count:
            self.pressed.emit(self.current)
        else:
            super().keyPressEvent(event)
