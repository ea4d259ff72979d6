"""The table of a comparison: every tensor of either side, the largest relative change first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from dgm_studio.gui.panels.checkpoints import difference_rows as rows
from dgm_studio.gui.panels.checkpoints.column_widths import fitted
from dgm_studio.gui.panels.checkpoints.difference_rows import STATES, Line, ordered
from dgm_studio.gui.panels.checkpoints.fold_delegate import PaddedDelegate
from dgm_studio.gui.panels.checkpoints.keyed_table import KeyedTable
from dgm_studio.gui.panels.checkpoints.tensor_model import Index
from dgm_studio.gui.panels.checkpoints.tensor_table import LINE
from dgm_studio.gui.panels.checkpoints.tensor_words import number_text, shape_text
from dgm_studio.gui.theme.theme import font, theme

HEADS = ("Tensor", "", "Change", "Norm of it", "Largest", "Cosine", "Shape")
HELPS = (
    "Its name in the model", "What became of it", "‖b − a‖ / ‖a‖: the norm of the change as a share of the tensor's",
    "‖b − a‖: the L2 norm of the change", "The largest absolute change of a number",
    "The cosine of the angle between a and b: 1 where only the length changed", "Its sizes, the outermost first",
)  # fmt: skip
WIDTHS = (270, 86, 84, 84, 84, 74, 150)
NEEDED = 5
"""So many after the name are to be seen without scrolling: all but the shape."""
NAME, VERDICT = 130, 70
"""Design pixels: a name's least room, and that of what became of it."""
TINTS = {rows.CHANGED: "text", rows.EQUAL: "dim", rows.SHAPE: "error", rows.FIRST: "accent", rows.SECOND: "sample"}
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_NOWHERE = QModelIndex()


def percent(share: float) -> str:
    """ "3.2 %", "∞" where there was nothing before."""
    if math.isnan(share):
        return ""
    return "∞" if math.isinf(share) else f"{number_text(100 * share)} %"


class DifferenceModel(QAbstractTableModel):
    """`show_lines`, `look_for` words and a state, `sort` by a column."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.every: list[Line] = []
        self.lines: list[Line] = []
        self.column, self.falling = rows.CHANGE, True
        self._words: tuple[str, ...] = ()
        self._state = ""

    def show_lines(self, lines: Sequence[Line]) -> None:
        """These."""
        self.every = list(lines)
        self._lay_out()

    def look_for(self, text: str, state: str) -> None:
        """Only names that hold every word, of that state ("": of any)."""
        self._words, self._state = tuple(text.lower().split()), state
        self._lay_out()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By a column."""
        self.column, self.falling = column, order == Qt.SortOrder.DescendingOrder
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(HEADS) - 1)
        self._lay_out()

    def _lay_out(self) -> None:
        found = [
            one
            for one in self.every
            if self._state in ("", one.state) and all(word in one.name.lower() for word in self._words)
        ]
        self.beginResetModel()
        self.lines = ordered(found, self.column, falling=self.falling)
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Lines."""
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """What is known of a line."""
        return 0 if parent.isValid() else len(HEADS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = int(Qt.ItemDataRole.DisplayRole)
    ) -> Any:
        """A column's name, and under the pointer what it means."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                arrow = "" if section != self.column else " ↓" if self.falling else " ↑"
                return f"{HEADS[section]}{arrow}"
            case Qt.ItemDataRole.ToolTipRole:
                return f"{HELPS[section]}; click to sort"
            case Qt.ItemDataRole.FontRole:
                return font(11.5, 500)
            case Qt.ItemDataRole.TextAlignmentRole:
                return int(_RIGHT if rows.CHANGE <= section <= rows.COSINE else _LEFT)
        return None

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """A cell."""
        line, column = self.lines[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return _text(line, column)
            case Qt.ItemDataRole.TextAlignmentRole:
                return int(_RIGHT if rows.CHANGE <= column <= rows.COSINE else _LEFT)
            case Qt.ItemDataRole.ToolTipRole:
                return f"{line.name}\n{STATES[line.state][1]}"
            case Qt.ItemDataRole.ForegroundRole:
                return theme().colour(TINTS[line.state] if column <= rows.CHANGE else "dim")
        return None


def _text(line: Line, column: int) -> str:
    if column == rows.NAME:
        return line.name
    if column == rows.STATE:
        return STATES[line.state][0]
    if column == rows.SIZES:
        text = shape_text(line.shape) if line.shape or line.state in (rows.CHANGED, rows.EQUAL) else ""
        return f"{text} → {shape_text(line.other)}" if line.state == rows.SHAPE else text
    value = rows.figure(line, column)
    if column == rows.CHANGE:
        return percent(value)
    return "" if math.isnan(value) else f"{value:.5f}" if column == rows.COSINE else number_text(value)


class DifferenceTable(KeyedTable):
    """`chosen(name)` when another tensor is current."""

    chosen = Signal(str)

    def __init__(self, model: DifferenceModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines = model
        self.setModel(model)
        self.setAccessibleName("Differences")
        self.setAccessibleDescription("Every tensor of either side, with its change")
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # names differ at their ends
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionsClickable(True)
        head.setStretchLastSection(True)
        head.sectionClicked.connect(self._sort)
        self.setItemDelegate(PaddedDelegate(self))
        theme().changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        px = theme().px
        self.setFont(font(12, 400, tabular=True))
        self.verticalHeader().setMinimumSectionSize(px(LINE))
        self.verticalHeader().setDefaultSectionSize(px(LINE))
        self._fit()

    def _fit(self) -> None:
        px = theme().px
        name, *others = map(px, WIDTHS)
        widths = fitted(self.viewport().width(), name, px(NAME), others, NEEDED, px(VERDICT))
        for column, wide in enumerate(widths[:-1]):  # the last takes what is left
            self.setColumnWidth(column, wide)

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        """More or less room."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def _sort(self, column: int) -> None:
        """The largest figure first, or names from A on; the other way at the second click."""
        usual = rows.CHANGE <= column <= rows.LARGEST
        falling = not self.lines.falling if column == self.lines.column else usual
        self.lines.sort(column, Qt.SortOrder.DescendingOrder if falling else Qt.SortOrder.AscendingOrder)

    def step(self, by: int) -> None:
        """So many lines further."""
        if self.lines.lines:
            row = min(len(self.lines.lines) - 1, max(0, self.currentIndex().row() + by))
            self.setCurrentIndex(self.lines.index(row, 0))

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Another line."""
        super().currentChanged(current, previous)
        if current.isValid():
            self.chosen.emit(self.lines.lines[current.row()].name)
