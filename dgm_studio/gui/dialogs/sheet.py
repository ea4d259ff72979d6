"""The frame of every dialog: title, a line under it, a body that scrolls if it must, buttons lower right."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QScrollArea, QWidget

from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.boxes import Hairline, Row, Stack, Surface
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.label import Label

_EDGE = 48
"""What is left free of the screen's height, for the window's own frame and a task bar."""


class Sheet(QDialog):
    """Widgets go into `head` and `body`, quiet buttons by `add_left`, the answer's by `add_right`.

    As wide as `width` design pixels, as high as its content where the screen has room. Focus starts on
    `first_focus`, else on the default button.
    """

    def __init__(self, title: str, subtitle: str = "", *, width: float = 480, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self._width = width
        self.first_focus: QWidget | None = None
        outer = Stack(self, gap=0)
        self._top = Surface("panel")
        self.head = Stack(self._top, gap=4, pad=(24, 20, 24, 12))
        self.title = Label(title, 20, 600, wrap=True)
        self.subtitle = Label(subtitle, 13, 400, "dim", wrap=True)
        self.head.addWidget(self.title)
        self.head.addWidget(self.subtitle)
        self.subtitle.setVisible(bool(subtitle))  # not before it has a parent: it would open as a window
        self._ground = Surface("panel")
        self.body = Stack(self._ground, gap=12, pad=(24, 4, 24, 20))
        self._scroll = QScrollArea()
        self._scroll.setWidget(self._ground)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setMinimumHeight(1)  # else a short body would press the wrapped words above it together
        self._bottom = Surface("panel")
        self._foot = Row(self._bottom, gap=8, pad=(24, 12, 24, 14))
        self._foot.addStretch(1)
        self._lefts = 0
        outer.addWidget(self._top)
        outer.addWidget(self._scroll, 1)
        outer.addWidget(Hairline())
        outer.addWidget(self._bottom)
        theme().changed.connect(self._refit)

    def set_subtitle(self, text: str) -> None:
        """Another line under the title; empty hides it."""
        self.subtitle.setText(text)
        self.subtitle.setVisible(bool(text))

    def add_left(self, button: Button) -> Button:
        """A quiet button at the lower left, which Enter never presses."""
        button.setAutoDefault(False)
        self._foot.insertWidget(self._lefts, button)
        self._lefts += 1
        return button

    def add_right(self, button: Button, *, default: bool = False) -> Button:
        """A button at the lower right; Enter presses the default one."""
        button.setAutoDefault(default)
        button.setDefault(default)
        self._foot.addWidget(button)
        if default and self.first_focus is None:
            self.first_focus = button
        return button

    def sizeHint(self) -> QSize:
        """The size at which nothing scrolls, within the screen."""
        wide = self._wide()
        return QSize(wide, min(self._high(wide), self.screen().availableSize().height() - _EDGE))

    def _wide(self) -> int:
        wide = theme().px(self._width)
        for part in (self._top, self._ground, self._bottom):
            part.ensurePolished()
            wide = max(wide, part.minimumSizeHint().width())
        return wide

    def _high(self, wide: int) -> int:
        return sum(_height_at(part, wide) for part in (self._top, self._ground, self._bottom)) + 1

    def fit(self) -> None:
        """Take the size the content needs now."""
        self.setMinimumWidth(theme().px(self._width))
        self.resize(self.sizeHint())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A bar only where something is out of sight; Qt's own rule counts the room the bar itself takes."""
        fits = self._high(self.width()) <= self.height()
        policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOff if fits else Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self._scroll.setVerticalScrollBarPolicy(policy)
        super().resizeEvent(event)

    def _refit(self) -> None:
        # The labels follow the theme by the same signal, some of them later: measure when all have.
        QTimer.singleShot(0, self, self.fit)

    def showEvent(self, event: QShowEvent) -> None:
        """Fit before the first look, and put the focus where Enter answers."""
        super().showEvent(event)
        self.fit()
        if self.first_focus is not None:
            self.first_focus.setFocus()


def _height_at(part: QWidget, width: int) -> int:
    """What a widget with wrapped words needs at a width."""
    return part.heightForWidth(width) if part.hasHeightForWidth() else part.sizeHint().height()
