"""The table of tensors on the screen: a list of a hundred thousand lines that folds and is walked by the keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from dgm_studio.gui.panels.checkpoints import tensor_rows as rows
from dgm_studio.gui.panels.checkpoints.fold_delegate import FoldDelegate, PaddedDelegate
from dgm_studio.gui.panels.checkpoints.tensor_model import DEPTH_ROLE, LINE_ROLE, Index, TensorModel
from dgm_studio.gui.theme.theme import font, theme

WIDTHS = (260, 118, 76, 92, 84, 80, 80, 80, 80, 80, 66, 72)
"""Of the columns, design pixels."""
LINE = 24
OWN_KEYS = (
    Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End,
    Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Return, Qt.Key.Key_Enter,
)  # fmt: skip


class TensorTable(QTableView):
    """`chosen(name)` when another tensor is current; Left and Right fold and unfold, Enter does either."""

    chosen = Signal(str)

    def __init__(self, model: TensorModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tensors = model
        self.paints = 0
        self._name = ""
        self._sought = False
        """Whether the chosen tensor is to be seen, wherever it goes; not once a hand has moved the table."""
        self._column = rows.AS_IN_FILE
        self.setModel(model)
        self.setItemDelegate(PaddedDelegate(self))
        self.setItemDelegateForColumn(rows.NAME, _Names(self))
        self.setAccessibleName("Tensors")
        self.setAccessibleDescription("Every tensor of the file, under the parts of its name")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionsClickable(True)
        head.sectionClicked.connect(self._sort)
        self.clicked.connect(self._clicked)
        model.laid_out.connect(self._again)
        theme().changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        px = theme().px
        self.setFont(font(12, 400, tabular=True))
        self.verticalHeader().setMinimumSectionSize(px(LINE))
        self.verticalHeader().setDefaultSectionSize(px(LINE))
        for column, wide in enumerate(WIDTHS):
            self.setColumnWidth(column, px(wide))

    @property
    def name(self) -> str:
        """The tensor that is chosen, "" for none."""
        return self._name

    def choose(self, name: str) -> None:
        """Make a tensor current, and unfold what it stands under; it is remembered while it is not there."""
        if name != self._name:
            self._name = name
            self.chosen.emit(name)
        self._sought = True
        if self.tensors.table.reveal(name):
            self.tensors.lay_out()
        self._mark()

    def step(self, by: int) -> None:
        """So many tensors further among the lines."""
        lines = self.tensors.lines
        tensors = [row for row, line in enumerate(lines) if line >= 0]
        if not tensors:
            return
        row = self.currentIndex().row()
        place = next((k for k, at in enumerate(tensors) if at >= row), len(tensors) - 1)
        to = tensors[min(len(tensors) - 1, max(0, place + by if self._name else 0))]
        self.setCurrentIndex(self.tensors.index(to, 0))

    def place(self) -> tuple[int, int]:
        """How many tensors come before the chosen one as they now stand, and how many there are."""
        index = self.tensors.table.index.get(self._name, -1)
        if not self.tensors.table.grouped:
            row = self.currentIndex().row() if index >= 0 else -1
            return row, len(self.tensors.lines)
        tensors = [line for line in self.tensors.lines if line >= 0]
        return (tensors.index(index) if index in tensors else -1), len(tensors)

    def _mark(self) -> None:
        index = self.tensors.table.index.get(self._name, -1)
        if index >= 0 and index in self.tensors.lines:
            at, bar = self.tensors.index(self.tensors.lines.index(index), 0), self.verticalScrollBar()
            before = bar.value()
            self.setCurrentIndex(at)
            if self._sought:
                self.scrollTo(at, QAbstractItemView.ScrollHint.PositionAtCenter)
            else:
                bar.setValue(before)

    def _again(self) -> None:
        """The lines are others: what was current stays so."""
        if self._name:
            self._mark()

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Another line."""
        super().currentChanged(current, previous)
        line = current.data(LINE_ROLE) if current.isValid() else None
        if line is not None and line >= 0:
            name = self.tensors.table.entries[line].name
            if name != self._name:
                self._name = name
                self.chosen.emit(name)

    def _sort(self, column: int) -> None:
        """Rising, falling, as in the file; the largest number first."""
        table = self.tensors.table
        number = column > rows.TYPE
        if table.column != column:
            order = Qt.SortOrder.DescendingOrder if number else Qt.SortOrder.AscendingOrder
        elif table.falling == number:
            order = Qt.SortOrder.AscendingOrder if number else Qt.SortOrder.DescendingOrder
        else:
            column, order = rows.AS_IN_FILE, Qt.SortOrder.AscendingOrder
        self.tensors.sort(column, order)

    def _clicked(self, index: QModelIndex) -> None:
        if index.column() == rows.NAME and index.data(LINE_ROLE) < 0:
            self._toggle(index.row())

    def _toggle(self, row: int) -> None:
        line, bar = self.tensors.lines[row], self.verticalScrollBar()
        before = bar.value()
        self._sought = False
        self.tensors.toggle(row)
        if line in self.tensors.lines:
            self.setCurrentIndex(self.tensors.index(self.tensors.lines.index(line), 0))
        bar.setValue(before)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A hand moves the table."""
        self._sought = False
        super().wheelEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A hand chooses."""
        self._sought = False
        super().mousePressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Counted for the status line."""
        self.paints += 1
        super().paintEvent(event)

    def event(self, event: QEvent, /) -> bool:
        """The arrows are the table's while it has the focus, not the window's."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in OWN_KEYS:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        """Fold and unfold; else as any table."""
        index, key = self.currentIndex(), event.key()
        line = index.data(LINE_ROLE) if index.isValid() else None
        if line is not None and line < 0:
            unfolded = self.tensors.table.unfolded(line)
            enter = key in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if enter or key == (Qt.Key.Key_Left if unfolded else Qt.Key.Key_Right):
                self._toggle(index.row())
                return
        super().keyPressEvent(event)


class _Names(FoldDelegate):
    def __init__(self, table: TensorTable) -> None:
        super().__init__(table)
        self._table = table

    def marks(self, index: Index) -> str:
        line = index.data(LINE_ROLE)
        if line >= 0:
            return ""
        return "chevron-down" if self._table.tensors.table.unfolded(line) else "chevron-right"

    def depth(self, index: Index) -> int:
        return int(index.data(DEPTH_ROLE))
