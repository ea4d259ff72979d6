"""How a name stands in a table that folds: indented under its group, with a mark that says which way it folds."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from dgm_studio.gui.theme.icons import pixmap
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.painted import words

INDENT, MARK, PAD, MARGIN = 14, 13, 8, 5
"""Design pixels."""


class PaddedDelegate(QStyledItemDelegate):
    """A cell whose words begin and end where the header's do."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """The ground of a chosen line, then the words further in."""
        inner = QStyleOptionViewItem(option)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, theme().colour("accent_wash"))
        gap = theme().px(MARGIN)
        inner.rect = option.rect.adjusted(gap, 0, -gap, 0)
        inner.state &= ~(QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_HasFocus)
        super().paint(painter, inner, index)


class FoldDelegate(QStyledItemDelegate):
    """`marks(row)` is "" for a line that does not fold, else its icon; `depth(row)` how far in it stands."""

    def marks(self, index: QModelIndex | QPersistentModelIndex) -> str:
        """The icon before a name."""
        return ""

    def depth(self, index: QModelIndex | QPersistentModelIndex) -> int:
        """How many groups stand over it."""
        return 0

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Ground, mark, name."""
        px, look = theme().px, theme()
        state, rect = option.state, QRect(option.rect)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, look.colour("accent_wash"))
        left = rect.left() + px(PAD) + self.depth(index) * px(INDENT)
        if mark := self.marks(index):
            painter.drawPixmap(left, rect.center().y() - px(MARK) // 2, pixmap(mark, "dim", MARK))
        left += px(MARK) + px(4)
        face = index.data(Qt.ItemDataRole.FontRole) or font(12, 400)
        room = QRect(left, rect.top(), rect.right() - left - px(4), rect.height())
        words(painter, room, str(index.data(Qt.ItemDataRole.DisplayRole)), face, look.colour("text"))
