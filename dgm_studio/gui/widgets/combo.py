"""A drop-down list that does not change when the wheel scrolls the form past it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QStandardItemModel, QWheelEvent
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

    def set_unfit(self, reasons: Mapping[str, str], helps: Mapping[str, str]) -> None:
        """Grey the entries named by their data, each with its reason; the others are told by their helps."""
        model = self.model()
        assert isinstance(model, QStandardItemModel)
        for row in range(self.count()):
            item, key = model.item(row), str(self.itemData(row))
            reason = reasons.get(key, "")
            item.setEnabled(not reason)
            item.setToolTip(reason or helps.get(key, ""))

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
