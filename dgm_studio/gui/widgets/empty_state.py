"""What an empty place says: one sentence and one button."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.label import Label


class EmptyState(QWidget):
    """`clicked` when the button is pressed; without a word there is no button."""

    clicked = Signal()

    def __init__(self, sentence: str, word: str = "", tooltip: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stack = Stack(self, gap=14, pad=(20, 20, 20, 20))
        centre = Qt.AlignmentFlag.AlignHCenter
        self.sentence = Label(sentence, 14, 400, "dim", wrap=True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.button = Button(word, tooltip or word, kind="primary", size=13, weight=600)
        self.button.clicked.connect(self.clicked)
        stack.addStretch(1)
        stack.addWidget(self.sentence)
        stack.addWidget(self.button, 0, centre)
        self.button.setVisible(bool(word))  # not before it has a parent: it would open as a window
        stack.addStretch(1)
        theme().changed.connect(self._rescale)
        self._rescale()

    def set_sentence(self, sentence: str) -> None:
        """Another sentence."""
        self.sentence.setText(sentence)

    def _rescale(self) -> None:
        self.setMinimumWidth(theme().px(220))
