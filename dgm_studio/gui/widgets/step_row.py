"""Numbered steps in a row, of which one is lit."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.boxes import Row
from dgm_studio.gui.widgets.focus_ring import FocusRing
from dgm_studio.gui.widgets.painted import CENTRE, LEFT, ring, rounded, smooth, words

HEIGHT, MOST = 52, 4


class StepButton(FocusRing, QAbstractButton):
    """One step: number and word; lit, done or ahead."""

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.number, self.word, self.state = number, "", "ahead"
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._rescale)
        self._rescale()

    def set_word(self, word: str) -> None:
        """What the step is called; without a word there is no such step."""
        self.word = word
        self.setText(word)
        self.setAccessibleName(f"{self.number}. {word}")
        self.setToolTip(f"Show stage {self.number}: {word.lower()}")
        self.setVisible(bool(word))

    def set_state(self, state: str) -> None:
        """ "lit", "done" or "ahead"."""
        self.state = state
        self.setAccessibleDescription({"lit": "shown now", "done": "seen", "ahead": "to come"}[state])
        self.update()

    def _rescale(self) -> None:
        self.setFixedHeight(theme().px(HEIGHT))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(150), theme().px(HEIGHT))

    def paintEvent(self, event: QPaintEvent, /) -> None:
        painter, look, px = smooth(self), theme(), theme().px
        lit, done = self.state == "lit", self.state == "done"
        box = QRectF(self.rect())
        ground = "accent" if lit else ("hover" if self.underMouse() else "raised")
        rounded(painter, box, px(8), look.colour(ground), None if lit else look.colour("accent" if done else "line"))
        disc = QRectF(px(12), (self.height() - px(28)) / 2, px(28), px(28))
        rounded(painter, disc, px(14), look.colour("on_accent" if lit else ("accent_wash" if done else "panel")))
        tint = look.colour("accent" if lit or done else "faint")
        words(painter, disc.toRect(), str(self.number), font(14, 700, tabular=True), tint, CENTRE)
        text = look.colour("on_accent" if lit else ("text" if done else "dim"))
        words(painter, QRect(px(50), 0, self.width() - px(58), self.height()), self.word, font(16, 600), text, LEFT)
        if self.ringed:
            ring(painter, box, px(8), "on_accent" if lit else "accent")
        painter.end()


class StepRow(QWidget):
    """`set_steps(words)`, `set_current(index)`; `picked(index)` when a person presses one."""

    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = Row(self, gap=10)
        # All are made now: Tab reaches them in the order in which the parts of a window were made.
        self._made = [StepButton(number, self) for number in range(1, MOST + 1)]
        for index, button in enumerate(self._made):
            button.clicked.connect(lambda _=False, index=index: self.picked.emit(index))
            row.addWidget(button, 1)
        self.set_steps(())

    @property
    def buttons(self) -> list[StepButton]:
        """Those there are."""
        return [button for button in self._made if button.word]

    def set_steps(self, steps: Sequence[str]) -> None:
        """Other words, at most MOST, the first lit."""
        for k, button in enumerate(self._made):
            button.set_word(steps[k] if k < len(steps) else "")
        self.set_current(0)

    def set_current(self, index: int) -> None:
        """Light this one; those before it are done."""
        for k, button in enumerate(self.buttons):
            button.set_state("lit" if k == index else ("done" if k < index else "ahead"))
