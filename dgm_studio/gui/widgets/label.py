"""Words: a label whose font and colour follow the theme."""

from __future__ import annotations

import re

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPalette, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from dgm_studio.gui.theme.theme import font, theme

LONG_WORD = 24
"""Letters from which a word may be broken behind its dots, dashes and slashes: names of tensors, paths."""
MAY_BREAK = "\u200b"
_LONG = re.compile(rf"\S{{{LONG_WORD},}}")
_JOINTS = re.compile(r"(?<=[._/\\-])(?=\w)")


def breakable(text: str) -> str:
    """The text with invisible places to break its long words at."""
    return _LONG.sub(lambda word: _JOINTS.sub(MAY_BREAK, word[0]), text)


class Label(QLabel):
    """Text at a design size and weight in a token's colour.

    `wrap` breaks lines, and words as long as a tensor's name; `elide` shortens with a full tooltip.
    """

    def __init__(
        self,
        text: str = "",
        size: float = 13,
        weight: int = 400,
        tint: str = "text",
        *,
        tabular: bool = False,
        wrap: bool = False,
        elide: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._size, self._weight, self._tint, self._tabular = size, weight, tint, tabular
        self._elide, self._full = elide, ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        if elide:
            self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        elif not wrap:
            self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.restyle)
        self.restyle()
        self.setText(text)

    def restyle(self) -> None:
        """Take the present font and colour."""
        self.setFont(font(self._size, self._weight, tabular=self._tabular))
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, theme().colour(self._tint))
        palette.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.WindowText, theme().colour("disabled"))
        self.setPalette(palette)
        self._show()

    def set_tint(self, token: str) -> None:
        """Another colour, by token."""
        if token != self._tint:
            self._tint = token
            self.restyle()

    def setText(self, text: str, /) -> None:
        if text != self._full:  # setting a text lays the window out again, also when it is the same
            self._full = text
            self._show()

    def text(self) -> str:
        """The words as they stand there, without the places where long ones may break."""
        return super().text().replace(MAY_BREAK, "")

    def full_text(self) -> str:
        """The text before it was shortened."""
        return self._full

    def _show(self) -> None:
        if not self._elide:
            super().setText(breakable(self._full) if self.wordWrap() else self._full)
            return
        shown = QFontMetrics(self.font()).elidedText(self._full, Qt.TextElideMode.ElideRight, max(0, self.width()))
        super().setText(shown)
        self.setToolTip(self._full if shown != self._full else "")

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        if self._elide:
            hint.setWidth(QFontMetrics(self.font()).horizontalAdvance(self._full) + 1)
        return hint

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        if self._elide:
            hint.setWidth(theme().px(24))
        return hint

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        super().resizeEvent(event)
        if self._elide:
            self._show()
