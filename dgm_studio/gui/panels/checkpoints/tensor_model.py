"""The table of tensors as Qt asks for it: lines that stream in, fold, and are sorted and filtered."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal

from dgm_studio.core.inspection import TensorEntry, TensorStats
from dgm_studio.gui.panels.checkpoints import tensor_rows as rows
from dgm_studio.gui.panels.checkpoints.tensor_rows import TensorRows
from dgm_studio.gui.panels.checkpoints.tensor_words import HEADS, HELPS, about, cell_text
from dgm_studio.gui.theme.theme import font, theme

LINE_ROLE, DEPTH_ROLE = int(Qt.ItemDataRole.UserRole), int(Qt.ItemDataRole.UserRole) + 1
SHARE = 4
"""So many times as long as laying out takes passes until the next."""
TAKE_MS = 60
"""How long the table gathers what streams in before it is laid out anew."""
Index = QModelIndex | QPersistentModelIndex
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_NOWHERE = QModelIndex()


class TensorModel(QAbstractTableModel):
    """`take` what streams in, `look_for` words, `sort` by a column, `toggle` a group."""

    laid_out = Signal()
    """The lines are others than before, or in another order."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.table = TensorRows()
        self.lines: list[int] = []
        self.order: tuple[str, ...] = HEADS
        self._late = QTimer(self, singleShot=True, interval=TAKE_MS)
        self._late.timeout.connect(self.lay_out)

    # What streams in.

    def clear(self) -> None:
        """Another file; how it is sorted and grouped stays."""
        before, self.table = self.table, TensorRows()
        for name in ("grouped", "column", "falling"):
            setattr(self.table, name, getattr(before, name))
        self.lay_out()

    def take(self, entries: Iterable[TensorEntry]) -> None:
        """More tensors."""
        first = len(self.table.entries)
        self.table.add(entries)
        if self.table.plain_order() and len(self.lines) == first:
            added = range(first, len(self.table.entries))
            self.beginInsertRows(_NOWHERE, first, added.stop - 1)
            self.lines += added
            self.endInsertRows()
        elif not self._late.isActive():
            self._late.start()

    def measure(self, found: Iterable[TensorStats]) -> None:
        """What was measured of some tensors; their order is made anew when a person sorts again."""
        self.table.measure(found)
        if self.lines:
            self.dataChanged.emit(self.index(0, rows.LOW), self.index(len(self.lines) - 1, rows.BAD))

    # The order.

    def lay_out(self) -> None:
        """All lines anew."""
        self._late.stop()
        begun = time.perf_counter()
        self.beginResetModel()
        self.lines = self.table.shown()
        self.endResetModel()
        self.laid_out.emit()
        # What streams in must not keep the window busy with laying it out.
        self._late.setInterval(max(TAKE_MS, round(SHARE * 1000 * (time.perf_counter() - begun))))

    def look_for(self, text: str, only: frozenset[str] | None = None) -> None:
        """Only tensors that match; see TensorRows."""
        self.table.look_for(text, only)
        self.lay_out()

    def set_grouped(self, on: bool) -> None:
        """Under the parts of their names, or one line each."""
        self.table.grouped = on
        self.lay_out()

    def toggle(self, row: int) -> None:
        """Fold or unfold the group in that row."""
        self.table.toggle(self.lines[row])
        self.lay_out()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By a column; AS_IN_FILE is the order of the file."""
        self.table.column, self.table.falling = column, order == Qt.SortOrder.DescendingOrder
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(HEADS) - 1)
        self.lay_out()

    # Qt's questions.

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Lines."""
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """What is known of a tensor."""
        return 0 if parent.isValid() else len(HEADS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = int(Qt.ItemDataRole.DisplayRole)
    ) -> Any:
        """A column's name, and under the pointer what it means."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            arrow = "" if section != self.table.column else " ↓" if self.table.falling else " ↑"
            return f"{HEADS[section]}{arrow}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{HELPS[section]}; click to sort"
        if role == Qt.ItemDataRole.FontRole:
            return font(11.5, 500)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(_LEFT if section <= rows.TYPE else _RIGHT)
        return None

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """A cell."""
        line, column = self.lines[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cell_text(self.table, line, column)
            case Qt.ItemDataRole.TextAlignmentRole:
                return int(_LEFT if column <= rows.TYPE else _RIGHT)
            case Qt.ItemDataRole.ToolTipRole:
                return about(self.table.entries[line]) if line >= 0 else self.table.groups[-1 - line].prefix
            case Qt.ItemDataRole.FontRole if line < 0:
                return font(12, 600, tabular=True)
            case Qt.ItemDataRole.ForegroundRole:
                return theme().colour(self._tint(line, column))
        if role == LINE_ROLE:
            return line
        return self.table.depth(line) if role == DEPTH_ROLE else None

    def _tint(self, line: int, column: int) -> str:
        if column == rows.BAD and self.table.value(line, column):
            return "error"
        return "text" if column in (rows.NAME, rows.NORM) or line < 0 else "dim"
