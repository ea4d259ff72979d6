"""The list of scenes: a title and a line about each, the one that is shown marked by a bar."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QSizePolicy, QWidget

from dgm_studio.core.card import Card
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.focus_ring import FocusRing
from dgm_studio.gui.widgets.painted import ring, rounded, smooth, words

HIGH = 50


class SceneButton(FocusRing, QAbstractButton):
    """One scene; down while it is shown."""

    def __init__(self, card: Card) -> None:
        super().__init__()
        self._card = card
        self.setCheckable(True)
        self.setAccessibleName(card.title)
        self.setAccessibleDescription(card.summary)
        self.setToolTip(f"{card.title}: {card.summary}\nLecture {card.lecture} · {card.paper}")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme().changed.connect(self._rescale)
        self._rescale()

    def _rescale(self) -> None:
        self.setFixedHeight(theme().px(HIGH))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(200), theme().px(HIGH))

    def paintEvent(self, event: QPaintEvent, /) -> None:
        look, px = theme(), theme().px
        painter = smooth(self)
        rect = QRectF(self.rect())
        if self.isChecked():
            rounded(painter, rect, px(8), look.colour("raised"), look.colour("line"))
            bar = QRectF(0, px(6), px(3), rect.height() - px(12))
            rounded(painter, bar, px(1.5), look.colour("accent"))
        elif self.underMouse():
            rounded(painter, rect, px(8), look.colour("hover"))
        wide = self.width() - px(22)
        words(painter, QRect(px(12), px(6), wide, px(20)), self._card.title, font(13, 600), look.colour("text"))
        words(painter, QRect(px(12), px(25), wide, px(18)), self._card.summary, font(11.5), look.colour("dim"))
        if self.ringed:
            ring(painter, rect, px(8))
        painter.end()


class SceneList(QWidget):
    """`chosen(id)` when a person presses another."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stack = Stack(self, gap=4)
        self._group = QButtonGroup(self)
        self.buttons: dict[str, SceneButton] = {}

    def set_cards(self, cards: Mapping[str, Card]) -> None:
        """Fill it, once."""
        for key, card in cards.items():
            button = SceneButton(card)
            button.clicked.connect(lambda _=False, key=key: self.chosen.emit(key))
            self._group.addButton(button)
            self._stack.addWidget(button)
            self.buttons[key] = button

    def set_current(self, key: str) -> None:
        """Mark one; no signal."""
        self.buttons[key].setChecked(True)
