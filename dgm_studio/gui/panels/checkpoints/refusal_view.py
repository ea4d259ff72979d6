"""A file that cannot be opened: its message's code, what it is, what is wrong, what to do."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from dgm_studio.core.inspection import RefusedFile
from dgm_studio.gui.panels.checkpoints.file_card import ask_for_file
from dgm_studio.gui.panels.checkpoints.tensor_words import bytes_text
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.big_number import Card
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.label import Label

AGAIN = frozenset({"", "E08", "E16", "E22", "E25"})
"""What may go better the second time."""
WIDTH = 560


class RefusalView(QWidget):
    """`picked(path)` for another file, or the same again."""

    picked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path = ""
        outer = Stack(self, gap=0, pad=(20, 20, 20, 20))
        self.card = Card("raised", "line")
        stack = Stack(self.card, gap=12, pad=(24, 20, 24, 20))
        head = Row(gap=10)
        self.code = Label("", 13, 600, "error", tabular=True)
        self.name = Label("", 15, 600, elide=True)
        self.bytes = Label("", 12, 400, "dim", tabular=True)
        head.addWidget(self.code)
        head.addWidget(self.name, 1)
        head.addWidget(self.bytes)
        self.sentence = Label("", 14, 400, wrap=True)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.where = Label("", 12, 400, "faint", wrap=True)
        buttons = Row(gap=8)
        self.again = Button("Read again", "Read the same file once more")
        self.other = Button("Open another file…", "Choose another file", kind="primary")
        self.again.clicked.connect(lambda: self.picked.emit(self._path))
        self.other.clicked.connect(self._choose)
        buttons.addWidget(self.other)
        buttons.addWidget(self.again)
        buttons.addStretch(1)
        stack.addLayout(head)
        stack.addWidget(self.sentence)
        stack.addWidget(self.where)
        stack.addLayout(buttons)
        outer.addStretch(2)
        middle = Row(gap=0)
        middle.addStretch(1)
        middle.addWidget(self.card)
        middle.addStretch(1)
        outer.addLayout(middle)
        outer.addStretch(3)
        theme().changed.connect(self._rescale)

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        """The card is as wide as it reads well, or as there is room."""
        super().resizeEvent(event)
        self._rescale()

    def _rescale(self) -> None:
        self.card.setFixedWidth(max(1, min(theme().px(WIDTH), self.width() - theme().px(40))))

    def show_refusal(self, path: str, refusal: RefusedFile) -> None:
        """This file, and why it is not open."""
        self._path = path
        self.code.setText(refusal.code)
        self.code.setVisible(bool(refusal.code))
        self.name.setText(Path(path).name or path)
        own = Path(path)
        self.bytes.setText(bytes_text(own.stat().st_size) if own.is_file() else "folder" if own.is_dir() else "")
        self.sentence.setText(refusal.sentence)
        self.where.setText(path)
        self.again.setVisible(refusal.code in AGAIN)
        self.setAccessibleName(f"{refusal.code} {refusal.sentence}".strip())

    def _choose(self) -> None:
        if path := ask_for_file(self):
            self.picked.emit(path)
