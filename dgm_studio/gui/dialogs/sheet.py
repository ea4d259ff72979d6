"""The frame of every dialog: a title, a line under it, a body, and the buttons at the lower right."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QWidget

from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.boxes import Hairline, Row, Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.label import Label


class Sheet(QDialog):
    """Put widgets into `body`, quiet buttons with `add_left`, the answer's buttons with `add_right`, in reading order."""

    def __init__(self, title: str, subtitle: str = "", *, width: float = 480, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self._width = width
        outer = Stack(self, gap=0)
        head = Stack(gap=4, pad=(24, 20, 24, 12))
        self.title = Label(title, 20, 600, wrap=True)
        self.subtitle = Label(subtitle, 13, 400, "dim", wrap=True)
        self.subtitle.setVisible(bool(subtitle))
        head.addWidget(self.title)
        head.addWidget(self.subtitle)
        self.body = Stack(gap=12, pad=(24, 4, 24, 20))
        self._foot = Row(gap=8, pad=(24, 12, 24, 14))
        self._foot.addStretch(1)
        self._lefts = 0
        outer.addLayout(head)
        outer.addLayout(self.body, 1)
        outer.addWidget(Hairline())
        outer.addLayout(self._foot)
        theme().changed.connect(self._rescale)
        self._rescale()

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
        return button

    def _rescale(self) -> None:
        self.setMinimumWidth(theme().px(self._width))
        self.layout().activate()
        self.resize(self.sizeHint().expandedTo(self.minimumSizeHint()))
