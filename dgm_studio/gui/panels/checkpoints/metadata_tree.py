"""What a file holds beside its tensors, as a tree: settings, counters, the words of its author."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QPlainTextEdit,
    QStackedWidget,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.empty_state import EmptyState

Index = QModelIndex | QPersistentModelIndex
NONE = "The file holds nothing beside its tensors: no settings, no words."
LONGEST = 400
"""Letters of a value that are shown in its line; the tooltip has more."""
MOST = 200
"""Entries of one list or dict that are listed."""
DEEP = 2
"""Levels that are unfolded."""
LINE = 22
"""Design pixels."""
WHOLE = int(Qt.ItemDataRole.UserRole)
"""The role of a text as the file has it."""
_OWN_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End)


class MetadataTree(QWidget):
    """`show_tree` of dicts, lists and plain values; a text of several lines (a program, a card) stands whole below when
    it is chosen; Ctrl+C copies the chosen value."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = QStandardItemModel(0, 2, self)
        self.model.setHorizontalHeaderLabels(["Name", "Value"])
        self.tree = _Tree()
        self.tree.setModel(self.model)
        self.empty = EmptyState(NONE)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.empty)
        self.pages.addWidget(self.tree)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setAccessibleName("The chosen text")
        self.text.hide()
        stack = Stack(self, gap=8)
        stack.addWidget(self.pages, 2)
        stack.addWidget(self.text, 3)
        self.tree.chosen.connect(self._show_text)
        theme().changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        self.text.setFont(font(12, 400, tabular=True))

    def _show_text(self, text: object) -> None:
        there = isinstance(text, str) and ("\n" in text or len(text) > LONGEST)
        self.text.setPlainText(str(text) if there else "")
        self.text.setVisible(there)

    def show_tree(self, tree: Mapping[str, Any]) -> None:
        """This."""
        self.model.removeRows(0, self.model.rowCount())
        self._show_text("")
        _fill(self.model.invisibleRootItem(), tree)
        self.tree.expandToDepth(DEEP - 1)
        self.pages.setCurrentWidget(self.tree if tree else self.empty)


class _Tree(QTreeView):
    """The arrows are the tree's while it has the focus. `chosen(value)` when another line is current."""

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setItemDelegate(_Lines(self))
        self.setAccessibleName("Metadata")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        self.header().setStretchLastSection(True)
        theme().changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        self.setFont(font(12, 400, tabular=True))
        self.header().setFont(font(11.5, 500))
        self.setIndentation(theme().px(14))
        self.setColumnWidth(0, theme().px(250))

    def event(self, event: QEvent, /) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in _OWN_KEYS:
            event.accept()
            return True
        return super().event(event)

    def currentChanged(self, current: Index, previous: Index) -> None:
        """What a screen reader says of the line."""
        super().currentChanged(current, previous)
        self.setAccessibleDescription(str(current.data() or ""))
        self.chosen.emit(self.model().index(current.row(), 1, current.parent()).data(WHOLE))

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        """The value whole, as the file has it."""
        if event.matches(QKeySequence.StandardKey.Copy):
            value = self.currentIndex().siblingAtColumn(1)
            whole = value.data(WHOLE)
            QApplication.clipboard().setText(str(whole if whole is not None else value.data() or ""))
            return
        super().keyPressEvent(event)


class _Lines(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As high as a table's."""
        return QSize(super().sizeHint(option, index).width(), theme().px(LINE))


def _fill(parent: QStandardItem, tree: Any) -> None:
    if isinstance(tree, Mapping):
        parts = [(str(name), value) for name, value in list(tree.items())[:MOST]]
    else:
        parts = [(str(k), value) for k, value in enumerate(tree[:MOST])]
    for name, value in parts:
        left, right = QStandardItem(name), QStandardItem(_words(value))
        left.setToolTip(name)
        right.setToolTip(_words(value) if not isinstance(value, str) else value[:LONGEST])
        if isinstance(value, str):
            right.setData(value, WHOLE)
        if isinstance(value, Mapping) or _is_list(value):
            _fill(left, value)
        parent.appendRow([left, right])
    if len(tree) > MOST:
        parent.appendRow([QStandardItem("…"), QStandardItem(f"and {len(tree) - MOST:,} more")])


def _is_list(value: Any) -> bool:
    """A list that its own line does not show."""
    return isinstance(value, Sequence) and not isinstance(value, str) and not _is_short(value)


def _is_short(value: Sequence[Any]) -> bool:
    return all(isinstance(one, (int, float, str, bool)) or one is None for one in value) and len(str(value)) <= 80


def _words(value: Any) -> str:
    if isinstance(value, Mapping) or _is_list(value):
        return "1 entry" if len(value) == 1 else f"{len(value):,} entries"
    if isinstance(value, str) and "\n" in value.strip():
        first, _, rest = value.strip().partition("\n")
        return f"{first[:LONGEST]} … {rest.count(chr(10)) + 2:,} lines"
    text = ", ".join(map(str, value)) if isinstance(value, Sequence) and not isinstance(value, str) else str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
