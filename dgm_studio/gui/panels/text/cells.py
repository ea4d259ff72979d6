"""The tokens of one lane as cells: one painted widget, whatever the number of tokens."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPaintEngine,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from dgm_studio.gui.panels.text.cell_paint import GIVEN, Look, look_of, paint_cell
from dgm_studio.gui.panels.text.film import AGAIN, LOCKED, MASKED, TokenFilm
from dgm_studio.gui.panels.text.places import WORD_SIZES, Places, place
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.painted import ring, width_of

HELP = (
    "The tokens after this step. A click looks at one, or locks or masks it, as chosen above; a double click locks. "
    "With the focus here Ctrl and the arrows move, Enter clicks."
)


NOWHERE = Places((), 0, WORD_SIZES[0])


class Measure:
    """A places.Ruler of the present theme."""

    def px(self, size: float) -> int:
        """See places.Ruler."""
        return theme().px(size)

    def wide(self, word: str, letters: float) -> int:
        """See places.Ruler; a word is measured once."""
        return _wide(word, letters, theme().scale)


@lru_cache(maxsize=8192)
def _wide(word: str, letters: float, scale: float) -> int:
    del scale
    return width_of(word, font(letters))


class Cells(QWidget):
    """`show_film` once a film, `show_moment` for each frame: only cells that look different are painted again."""

    clicked = Signal(int)
    """A position was clicked."""

    double_clicked = Signal(int)
    hovered = Signal(int)
    """The position under the pointer, -1 for none."""

    def __init__(self, name: str = "Tokens", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.film: TokenFilm | None = None
        self.index = 0
        self.selected = self.under = -1
        self.guesses = True
        self._ring = False
        self.paints = 0
        self.places = NOWHERE
        self.looks: tuple[Look, ...] = ()
        self._room, self._tiny = 0, False
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme().changed.connect(self._rescale)
        self._rescale()

    @property
    def letters(self) -> float:
        """The size of the words in design pixels."""
        return self.places.size.letters

    def show_film(self, film: TokenFilm | None, index: int) -> None:
        """Another film, or the same with more steps: the cells are placed anew."""
        self.film = film
        self.selected = self.selected if film is not None and self.selected < film.length else -1
        self._arrange()
        self.show_moment(index)
        self.updateGeometry()

    def show_moment(self, index: int) -> None:
        """The tokens after the step at `index`."""
        if self.film is None or not self.film.moments:
            self.looks = ()
            self.update()
            return
        self.index = max(0, min(index, len(self.film.moments) - 1))
        before, self.looks = self.looks, self._looks()
        if len(before) != len(self.looks) or len(self.places.cells) != len(self.looks):
            self.update()
        else:
            for cell, old, new in zip(self.places.cells, before, self.looks, strict=True):
                if old != new:
                    self.update(cell)
        self.setAccessibleDescription(self.film.text(self.index))

    def select(self, position: int) -> None:
        """Mark a position, -1 for none."""
        self.selected = position
        self.show_moment(self.index)

    def set_guesses(self, on: bool) -> None:
        """Whether masked cells show the network's best guess."""
        self.guesses = on
        self.show_moment(self.index)

    def _looks(self) -> tuple[Look, ...]:
        assert self.film is not None
        film, moment = self.film, self.film.moments[self.index]
        ids, since = np.asarray(moment.at.ids).tolist(), moment.since.tolist()
        probability, top = np.asarray(moment.at.probability).tolist(), np.asarray(moment.at.top_ids)[:, 0].tolist()
        found = []
        for position in range(film.length):
            state = film.state(self.index, position)
            hidden = state in (MASKED, AGAIN)
            word = (film.word(top[position]) if self.guesses else "") if hidden else film.word(ids[position])
            age = moment.at.step - since[position] if not hidden and since[position] > 0 else GIVEN
            marks = {"selected": position == self.selected, "hovered": position == self.under}
            found.append(look_of(word, state, probability[position], age, **marks))
        return tuple(found)

    def set_room(self, height: int, *, tiny: bool = False) -> None:
        """The cells are made smaller, if need be, until they fit in so many pixels; then they scroll. `tiny` allows the
        smallest size too."""
        if (height, tiny) != (self._room, self._tiny):
            self._room, self._tiny = height, tiny
            self._arrange()
            self.updateGeometry()
            self.update()

    def _arrange(self) -> None:
        self.places = NOWHERE if self.film is None else self._placed(self.film, self.width())

    def _placed(self, film: TokenFilm, width: int) -> Places:
        return place(film, max(theme().px(80), width - 1), self._room, Measure(), tiny=self._tiny)

    def _rescale(self) -> None:
        self._arrange()
        self.updateGeometry()
        self.update()

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._arrange()
            self.updateGeometry()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int, /) -> int:
        if self.film is None:
            return theme().px(80)
        return (self.places if width == self.width() else self._placed(self.film, width)).height + 1

    def sizeHint(self) -> QSize:
        return QSize(theme().px(300), self.heightForWidth(max(self.width(), theme().px(300))))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(200), theme().px(40))

    def paintEvent(self, event: QPaintEvent, /) -> None:
        self.paints += 1
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(self.letters))
        dirty = event.region()
        vector = painter.paintEngine().type() != QPaintEngine.Type.Raster
        for cell, look in zip(self.places.cells, self.looks, strict=False):
            if dirty.intersects(cell):
                paint_cell(painter, cell, look, self.letters, vector=vector)
        if self._ring and self.hasFocus():
            ring(painter, QRectF(self.rect()), theme().px(6))
        painter.end()

    # The pointer and the keys.

    def focusInEvent(self, event: QFocusEvent, /) -> None:
        self._ring = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent, /) -> None:
        super().focusOutEvent(event)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent, /) -> None:
        self._point(self._at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent, /) -> None:
        self._point(-1)
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent, /) -> None:
        position = self._at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and position >= 0:
            self.clicked.emit(position)

    def mouseDoubleClickEvent(self, event: QMouseEvent, /) -> None:
        position = self._at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and position >= 0:
            self.double_clicked.emit(position)

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        here = max(0, self.selected)
        last = len(self.places.cells) - 1
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        key = Qt.Key(event.key())
        if last < 0:
            super().keyPressEvent(event)
        elif control and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._go(max(0, min(last, here + (1 if key == Qt.Key.Key_Right else -1))))
        elif control and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._go(self.places.beside(here, 1 if key == Qt.Key.Key_Down else -1))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clicked.emit(here)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent, /) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.said_of(self._at(event.pos())) or HELP, self)
            return True
        return super().event(event)

    def said_of(self, position: int) -> str:
        """What the pointer's help says of a position."""
        if position < 0 or self.film is None or not self.looks:
            return ""
        film, moment = self.film, self.film.moments[self.index]
        state = film.state(self.index, position)
        lines = [f"Position {position + 1}: {film.word(int(moment.at.ids[position])) or 'a mask'}, {state}"]
        if state not in (MASKED, AGAIN, LOCKED):
            lines.append(f"since step {int(moment.since[position])}")
        if state != LOCKED:
            lines.append(f"probability {float(moment.at.probability[position]):.2f}, "
                         f"entropy {float(moment.at.entropy[position]):.2f} nats")  # fmt: skip
        return "\n".join(lines)

    def _go(self, position: int) -> None:
        self.select(position)
        self.hovered.emit(position)

    def _at(self, point: QPoint) -> int:
        return self.places.at(point.x(), point.y())

    def _point(self, position: int) -> None:
        if position == self.under:
            return
        self.under = position
        if self.film is not None and self.looks:
            self.show_moment(self.index)
        self.hovered.emit(position)

    def rect_of(self, position: int) -> QRect:
        """Where a position's cell is."""
        return self.places.cells[position]
