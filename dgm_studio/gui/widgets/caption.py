"""A paragraph whose words change many times a second: it lays the window out again only when its height changes."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from dgm_studio.gui.theme.theme import font, theme

_FLAGS = int(Qt.TextFlag.TextWordWrap)


class Caption(QWidget):
    """Wrapped words of a design size in a token's colour."""

    def __init__(self, text: str = "", size: float = 13, tint: str = "dim", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._size, self._tint = text, size, tint
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme().changed.connect(self._restyle)
        self._restyle()

    def text(self) -> str:
        """What it says."""
        return self._text

    def setText(self, text: str) -> None:
        """Say this."""
        if text == self._text:
            return
        before = self.heightForWidth(self.width())
        self._text = text
        self.setAccessibleName(text)
        if self.heightForWidth(self.width()) != before:
            self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int, /) -> int:
        return QFontMetrics(self.font()).boundingRect(QRect(0, 0, max(1, width), 10_000), _FLAGS, self._text).height()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(300), self.heightForWidth(max(self.width(), theme().px(300))))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(80), QFontMetrics(self.font()).height())

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != self.width():
            self.updateGeometry()  # the layout keeps the hint of the old width, and would leave no room for more lines

    def paintEvent(self, event: QPaintEvent, /) -> None:
        painter = QPainter(self)
        painter.setPen(theme().colour(self._tint))
        painter.drawText(self.rect(), _FLAGS, self._text)
        painter.end()

    def _restyle(self) -> None:
        self.setFont(font(self._size))
        self.updateGeometry()
        self.update()
