"""A drop-down list that does not change when the wheel scrolls the form past it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from dgm_studio.gui.theme.icons import pixmap
from dgm_studio.gui.theme.theme import font, theme


class Combo(QComboBox):
    """A combo box with our chevron; the wheel works only with focus."""

    def __init__(self, name: str, tooltip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setToolTip(tooltip)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        self.setFont(font(12, 500))
        self.view().setFont(font(12, 400))

    def wheelEvent(self, event: QWheelEvent, /) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent, /) -> None:
        super().paintEvent(event)
        px = theme().px
        painter = QPainter(self)
        arrow = pixmap("chevron-down", "dim" if self.isEnabled() else "disabled", 13)
        painter.drawPixmap(self.width() - px(22), (self.height() - px(13)) // 2, arrow)
        painter.end()
