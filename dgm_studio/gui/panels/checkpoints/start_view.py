"""Before a file is open: one sentence, two buttons, and the files that were opened last."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.gui.panels.checkpoints.file_card import ask_for_file, ask_for_folder
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.label import Label

SENTENCE = "Drop a checkpoint here, or open one."
SAFE = "Nothing in the file is run: it is read as data, in a process of its own."
MOST = 6


class StartView(QWidget):
    """`picked(path)`."""

    picked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.recent: list[Button] = []
        stack = Stack(self, gap=12, pad=(20, 20, 20, 20))
        centre = Qt.AlignmentFlag.AlignCenter
        self.sentence = Label(SENTENCE, 15, 500, "text", wrap=True)
        self.safe = Label(SAFE, 12.5, 400, "dim", wrap=True)
        for label in (self.sentence, self.safe):
            label.setAlignment(centre)
        self.file = Button("Open a file…", "Choose a file of any kind", kind="primary", size=13, weight=600)
        self.folder = Button("Open a folder…", "Choose a folder with a model in several files", size=13)
        self.file.clicked.connect(lambda: self._take(ask_for_file(self)))
        self.folder.clicked.connect(lambda: self._take(ask_for_folder(self)))
        buttons = Row(gap=8)
        buttons.addStretch(1)
        buttons.addWidget(self.file)
        buttons.addWidget(self.folder)
        buttons.addStretch(1)
        self.caption = Label("OPENED LAST", 11, 600, "faint")
        self.caption.setAlignment(centre)
        self._list = Stack(gap=4)
        stack.addStretch(2)
        stack.addWidget(self.sentence)
        stack.addWidget(self.safe)
        stack.addLayout(buttons)
        stack.addSpacing(8)
        stack.addWidget(self.caption)
        stack.addLayout(self._list)
        stack.addStretch(3)
        self.offer(())

    def offer(self, recent: Iterable[Path]) -> None:
        """Files that were opened."""
        for button in self.recent:
            self._list.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.recent = []
        before = self.folder
        for path in list(recent)[:MOST]:
            button = Button(path.name, f"Open {path}", kind="link", size=12.5, parent=self)
            button.clicked.connect(partial(self._take, str(path)))
            self._list.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
            QWidget.setTabOrder(before, button)
            self.recent.append(button)
            before = button
        self.caption.setVisible(bool(self.recent))

    def _take(self, path: str) -> None:
        if path:
            self.picked.emit(path)
