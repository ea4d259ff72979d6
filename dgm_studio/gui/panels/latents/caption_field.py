"""What the pictures are to show, in words: a line of text, and the words that could stand next."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.caption import CHARACTERS
from dgm_studio.core.errors import Refused
from dgm_studio.core.wording import Wording
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.flow import Flow
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.section import GroupHeader
from dgm_studio.gui.widgets.text_field import TextField

PAUSE_MS = 500
"""Without a key for so long, what is typed is tried."""

OFFERED = 14
"""Words that are offered at most."""


class CaptionField(QWidget):
    """`wanted(caption)` once a person has paused or pressed Enter: complete, and of known words alone."""

    wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.wording = Wording(())
        self.caption = ""
        """What was taken last."""
        stack = Stack(self, gap=6)
        self.field = TextField()
        self.field.setAccessibleName("Caption")
        self.refusal = Label("", 11, 400, "error", wrap=True)
        self.refusal.hide()
        self.words = QWidget()
        flow = Flow(self.words, gap=4, line_gap=4)
        self.offers = [Button("", "", size=11.5) for _ in range(OFFERED)]
        for offer in self.offers:
            flow.addWidget(offer)
            offer.hide()
            offer.clicked.connect(lambda _=False, offer=offer: self._add(offer.text()))
        self.hint = Label("", 11.5, 400, "faint", wrap=True)
        for part in (GroupHeader("Caption", "resamples only"), self.field, self.refusal, self.words, self.hint):
            stack.addWidget(part)
        self._soon = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._soon.timeout.connect(self._take)
        self.field.textEdited.connect(self._typed)
        self.field.editingFinished.connect(self._finish)
        theme().changed.connect(self._rescale)
        self._rescale()

    def _rescale(self) -> None:
        self.field.setFont(font(13, 500))

    @property
    def waiting(self) -> bool:
        """Whether what was typed has not been tried yet."""
        return self._soon.isActive()

    def show_words(self, words: tuple[str, ...]) -> None:
        """The words of the model that is open."""
        self.wording = Wording(words)
        self.hint.setText(self.wording.hint)
        self.field.setPlaceholderText(self.wording.example)
        self.field.setToolTip(f"What the pictures are to show: {self.wording.hint}")

    def show_caption(self, caption: str) -> None:
        """What is wanted; no signal."""
        self._soon.stop()
        self.caption = caption
        self.field.setText(caption)
        self.refuse("")
        self._offer()

    def refuse(self, sentence: str) -> None:
        """Why it cannot be drawn, "" for nothing."""
        self.refusal.setText(sentence)
        self.refusal.setVisible(bool(sentence))
        self.field.setProperty("invalid", bool(sentence))
        self.field.style().polish(self.field)

    def _typed(self) -> None:
        self._offer()
        self._soon.start()

    def _offer(self) -> None:
        text = self.field.text()
        following = [w for w in self.wording.following(text) if w not in CHARACTERS and not text.endswith(f" {w}")]
        for offer, word in zip(self.offers, (*following[:OFFERED], *("",) * OFFERED), strict=False):
            offer.setText(word)
            offer.setToolTip(f"Put “{word}” into the caption")
            offer.setAccessibleName(f"{word}, into the caption")
            offer.setVisible(bool(word))
        self.words.setVisible(bool(following))

    def _add(self, word: str) -> None:
        """In place of the word that is begun, or after the last."""
        text = self.field.text()
        begun = "" if not text or text[-1].isspace() else text.replace(",", " ").split()[-1]
        is_begun = bool(begun) and word.lower().startswith(begun.lower())
        before = text[: len(text) - len(begun)] if is_begun else f"{text.rstrip()} " if text.strip() else ""
        self.field.setText(f"{before}{word} ")
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self._typed()

    def _take(self) -> None:
        """Try what stands there; a sentence below where it is refused."""
        self._soon.stop()
        try:
            caption = self.wording.read(self.field.text())
            if not caption:
                raise Refused(f"The caption is empty: write what the pictures show, as in '{self.wording.example}'.")
        except Refused as refused:
            self.refuse(str(refused))
            return
        self.refuse("")
        if caption != self.caption:
            self.caption = caption
            self.wanted.emit(caption)

    def _finish(self) -> None:
        """Enter, or the field is left: what is right stands there complete."""
        self._take()
        if not self.refusal.text() and self.field.text() != self.caption:
            self.field.setText(self.caption)
            self._offer()
