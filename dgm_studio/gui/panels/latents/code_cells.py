"""The code of a picture as a table: each cell has its entry's number and colour; one can be taken, many painted."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.focus_ring import FocusRing
from dgm_studio.gui.widgets.painted import CENTRE, ring, rounded, smooth, words

Cell = tuple[int, int]
NOWHERE: Cell = (-1, -1)
_KEYS = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}
BRIGHT = 140
"""Of 255: a cell lighter than this has dark figures."""


class CodeCells(FocusRing, QWidget):
    """`pressed((row, column))` of a cell that was clicked or that the arrows went to, `dragged` of one that the pressed
    pointer crosses; changed cells have a corner, the chosen one a ring."""

    pressed = Signal(object)
    dragged = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.paints = 0
        self.ids: Array = np.empty((0, 0), dtype=np.int64)
        self.changed: Array = np.empty((0, 0), dtype=bool)
        self.current: Cell = NOWHERE
        self._colours: Array | None = None
        self.setAccessibleName("The code of the picture")
        self.setToolTip("Click a cell to see its entry; arrows move")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self._rescale)
        self._rescale()

    def _rescale(self) -> None:
        self.setMinimumSize(theme().px(150), theme().px(150))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(240), theme().px(240))

    def show_code(self, ids: Array, changed: Array) -> None:
        """Entries (rows, columns), and which of them a hand has changed."""
        self.ids, self.changed = ids, changed
        self.setAccessibleDescription(f"{ids.shape[0]} × {ids.shape[1]} entries, {int(changed.sum())} changed by hand")
        self.update()

    def show_colours(self, colours: Array | None) -> None:
        """The entries' colours (K, 3) of bytes."""
        self._colours = colours
        self.update()

    def select(self, cell: Cell) -> None:
        """Ring one; no signal."""
        self.current = cell
        self.update()

    def box(self, cell: Cell) -> QRectF:
        """Where a cell is drawn: all are squares of one size, in the middle of the widget."""
        rows, columns = self.ids.shape
        side = min(self.width() / max(1, columns), self.height() / max(1, rows))
        left, top = (self.width() - side * columns) / 2, (self.height() - side * rows) / 2
        return QRectF(left + cell[1] * side, top + cell[0] * side, side, side)

    def cell_at(self, at: QPoint) -> Cell:
        """The cell under a point, NOWHERE beside them."""
        if not self.ids.size:
            return NOWHERE
        first = self.box((0, 0))
        row, column = int((at.y() - first.y()) // first.height()), int((at.x() - first.x()) // first.width())
        inside = 0 <= row < self.ids.shape[0] and 0 <= column < self.ids.shape[1]
        return (row, column) if inside else NOWHERE

    def paintEvent(self, event: QPaintEvent, /) -> None:
        self.paints += 1
        look, px = theme(), theme().px
        painter = smooth(self)
        for row, column in np.ndindex(self.ids.shape):
            box = self.box((row, column)).adjusted(1, 1, -1, -1)
            entry = int(self.ids[row, column])
            fill, figures = look.colour("raised"), look.colour("text")
            if self._colours is not None:
                red, green, blue = (int(one) for one in self._colours[entry])
                fill = QColor(red, green, blue)
                light = 0.299 * red + 0.587 * green + 0.114 * blue > BRIGHT
                figures = look.colour("bg" if light == look.dark else "text")  # of these two one is dark in each theme
            rounded(painter, box, px(4), fill)
            if box.width() >= px(22):
                words(painter, box.toRect(), str(entry), font(12 if box.width() >= px(30) else 10, 600, tabular=True),
                      figures, CENTRE)  # fmt: skip
            if self.changed[row, column]:
                rounded(painter, QRectF(box.right() - px(8), box.top() + px(2), px(6), px(6)), px(3), figures)
        if self.ids.size and self.current != NOWHERE:
            rounded(painter, self.box(self.current), px(5), None, look.colour("sample"), 2.6 * look.scale)
        if self.ringed:
            ring(painter, QRectF(self.rect()), px(4))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent, /) -> None:
        cell = self.cell_at(event.position().toPoint())
        if cell != NOWHERE and event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit(cell)

    def mouseMoveEvent(self, event: QMouseEvent, /) -> None:
        cell = self.cell_at(event.position().toPoint())
        if cell not in (NOWHERE, self.current) and event.buttons() & Qt.MouseButton.LeftButton:
            self.dragged.emit(cell)

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        step = _KEYS.get(Qt.Key(event.key()))
        if step is None or not self.ids.size:
            super().keyPressEvent(event)
            return
        row, column = self.current if self.current != NOWHERE else (0, 0)
        rows, columns = self.ids.shape
        self.pressed.emit((min(rows - 1, max(0, row + step[0])), min(columns - 1, max(0, column + step[1]))))
