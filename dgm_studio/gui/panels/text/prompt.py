"""The prompt: a sentence to be completed, in which ___ is a masked token."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.gui.panels.text.film import WRITTEN, TokenFilm
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.section import GroupHeader

PAUSE_MS = 600
"""Without a key for so long, what is typed is tried."""
BLANK = "___"
_PLAIN = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier


class SentenceField(QPlainTextEdit):
    """A few lines of text; plain keys belong to it while one types, Tab leaves it, Ctrl+Enter takes it."""

    taken = Signal()

    def __init__(self, name: str, tooltip: str, lines: int = 3, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = lines
        self.setAccessibleName(name)
        self.setToolTip(tooltip)
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        theme().changed.connect(self._rescale)
        self._rescale()

    def _rescale(self) -> None:
        self.setFont(font(13))
        self.setFixedHeight(theme().px(20) * self._lines + theme().px(20))

    def event(self, event: QEvent, /) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = not event.modifiers() & ~_PLAIN and not Qt.Key.Key_F1 <= event.key() <= Qt.Key.Key_F35
            if plain:
                event.accept()
                return True
        return super().event(event)

    def canInsertFromMimeData(self, source: QMimeData, /) -> bool:
        """Words may be dropped here; a file is the window's."""
        return not source.hasUrls() and super().canInsertFromMimeData(source)

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if control and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.taken.emit()
            return
        super().keyPressEvent(event)


class Prompt(QWidget):
    """`wanted(text)` once a person has paused, or pressed Ctrl+Enter."""

    wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stack = Stack(self, gap=4)
        self.header = GroupHeader("Prompt", "___ is a masked word")
        self.field = SentenceField(
            "Prompt", "A sentence to complete. ___ is one masked token, ___ × 18 are eighteen; its words stay as typed."
        )
        self.field.setPlaceholderText("Empty: every word is masked.")
        self.refusal = Label("", 11, 400, "error", wrap=True)
        self.refusal.hide()
        self.insert = Button("Insert ___", "Put a masked token where the cursor is")
        self.clear = Button("Mask all", "Begin with an empty prompt: every word is masked")
        ways = Row(gap=6)
        ways.addWidget(self.insert)
        ways.addWidget(self.clear)
        ways.addStretch(1)
        stack.addWidget(self.header)
        stack.addWidget(self.field)
        stack.addWidget(self.refusal)
        stack.addLayout(ways)
        self._told = ""
        self._soon = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._soon.timeout.connect(self._take)
        self.field.textChanged.connect(self._soon.start)
        self.field.taken.connect(self._take)
        self.insert.clicked.connect(self._insert)
        self.clear.clicked.connect(self._clear)

    @property
    def text(self) -> str:
        """What stands there."""
        return self.field.toPlainText().strip()

    @property
    def waiting(self) -> bool:
        """Whether what was typed has not been tried yet."""
        return self._soon.isActive()

    def show_text(self, text: str) -> None:
        """Put a text there; no signal."""
        if text != self.text:
            blocked = self.field.blockSignals(True)
            self.field.setPlainText(text)
            self.field.blockSignals(blocked)
        self._soon.stop()
        self._told = text
        self.refuse("")

    def refuse(self, sentence: str) -> None:
        """Why it cannot be completed, "" for nothing."""
        self.refusal.setText(sentence)
        self.refusal.setVisible(bool(sentence))
        self.field.setProperty("invalid", bool(sentence))
        self.field.style().polish(self.field)

    def _take(self) -> None:
        self._soon.stop()
        if self.text != self._told:
            self._told = self.text
            self.refuse("")
            self.wanted.emit(self.text)

    def _insert(self) -> None:
        cursor = self.field.textCursor()
        before = self.field.toPlainText()[: cursor.position()]
        cursor.insertText(f"{BLANK} " if not before or before[-1].isspace() else f" {BLANK} ")
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _clear(self) -> None:
        self.field.setPlainText("")
        self._take()


def prompt_of(film: TokenFilm, start: Array) -> str:
    """Ids (L,), masked where nothing is locked, as a prompt with a run of masks as "___ × 18"."""
    parts: list[str] = []
    run = 0
    for token in start.tolist():
        if token == film.report.mask:
            run += 1
            continue
        if run:
            parts.append((" " if parts else "") + (BLANK if run == 1 else f"{BLANK} × {run}"))
        glued = not parts or (bool(film.report.glue[token]) and not run)
        parts.append(("" if glued else " ") + WRITTEN.get(film.word(token), film.word(token)))
        run = 0
    return "".join(parts).strip()  # what is left after the last locked word is masked anyway
