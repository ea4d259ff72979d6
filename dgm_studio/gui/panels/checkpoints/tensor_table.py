"""The table of tensors on the screen: a list of a hundred thousand lines that folds and is walked by the keys."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QWidget

from dgm_studio.gui.panels.checkpoints import tensor_rows as rows
from dgm_studio.gui.panels.checkpoints.column_widths import fitted
from dgm_studio.gui.panels.checkpoints.fold_delegate import INDENT, MARK, PAD, FoldDelegate, PaddedDelegate
from dgm_studio.gui.panels.checkpoints.keyed_table import KeyedTable
from dgm_studio.gui.panels.checkpoints.tensor_model import DEPTH_ROLE, LINE_ROLE, Index, TensorModel
from dgm_studio.gui.panels.checkpoints.tensor_words import HEADS, cell_text
from dgm_studio.gui.theme.theme import font, theme

ACROSS = (
    rows.NAME, rows.SHAPE, rows.TYPE, rows.NUMBERS, rows.LOW, rows.MEAN, rows.HIGH, rows.STD, rows.BYTES, rows.NORM,
    rows.ZEROS, rows.BAD,
)  # fmt: skip
"""The columns as they stand."""
NEEDED = 7
"""So many after the name are to be seen without scrolling: up to the standard deviation."""
NAME, LONGEST_NAME, SHAPE, GAP = 130, 420, 84, 18
"""Design pixels: a name's least and greatest room, a shape's least, and what stands beside a column's words."""
SAMPLE, FIT_MS = 120, 120
"""Lines whose words are measured, and how long the table gathers what comes before it does so again."""
LINE = 24


class TensorTable(KeyedTable):
    """`chosen(name)` when another tensor is current; Left and Right fold and unfold, Enter does either."""

    chosen = Signal(str)

    def __init__(self, model: TensorModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tensors = model
        self._name = ""
        self._sought = False
        """Whether the chosen tensor is to be seen, wherever it goes; not once a hand has moved the table."""
        self._column = rows.AS_IN_FILE
        self._words = [0] * len(HEADS)
        """Pixels that the widest words of each column were seen to take."""
        self._by_hand = False
        """Whether a person has drawn a column wider or narrower: then they stay."""
        self._late = QTimer(self, singleShot=True, interval=FIT_MS)
        self._late.timeout.connect(self._measure)
        self.setModel(model)
        self.setItemDelegate(PaddedDelegate(self))
        self.setItemDelegateForColumn(rows.NAME, _Names(self))
        self.setAccessibleName("Tensors")
        self.setAccessibleDescription("Every tensor of the file, under the parts of its name")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setCornerButtonEnabled(False)
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionsClickable(True)
        head.sectionClicked.connect(self._sort)
        self.clicked.connect(self._clicked)
        for place, column in enumerate(ACROSS):
            head.moveSection(head.visualIndex(column), place)
        head.sectionResized.connect(self._drawn)
        head.sectionDoubleClicked.connect(lambda _: self._fit())
        model.laid_out.connect(self._again)
        for told in (model.laid_out, model.rowsInserted, model.dataChanged):
            told.connect(self._soon)
        theme().changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        px = theme().px
        self.setFont(font(12, 400, tabular=True))
        self.verticalHeader().setMinimumSectionSize(px(LINE))
        self.verticalHeader().setDefaultSectionSize(px(LINE))
        self._words, self._by_hand = [0] * len(HEADS), False
        self._measure()

    # The columns' widths.

    def _soon(self, *_: object) -> None:
        if not self.tensors.table.entries:
            self._words, self._by_hand = [0] * len(HEADS), False  # another file
        if not self._late.isActive():
            self._late.start()

    def _measure(self) -> None:
        """The words of some lines from all over the table; a column never becomes narrower for it."""
        px, lines, table = theme().px, self.tensors.lines, self.tensors.table
        face, bold = QFontMetrics(font(12, 400, tabular=True)), QFontMetrics(font(12, 600, tabular=True))
        heads = QFontMetrics(font(11.5, 500))
        # Groups stand at the top, and the rest is much like itself.
        sample = [*lines[: SAMPLE // 2], *lines[SAMPLE // 2 :: 1 + 2 * len(lines) // SAMPLE]]
        for column, name in enumerate(HEADS):
            wide = [heads.horizontalAdvance(f"{name} ↓"), self._words[column]]
            for line in sample:
                text = (face if line >= 0 else bold).horizontalAdvance(cell_text(table, line, column))
                far = px(PAD + MARK + 8) + px(INDENT) * table.depth(line) if column == rows.NAME else 0
                wide.append(text + far)
            self._words[column] = max(wide)
        self._fit()

    def _fit(self) -> None:
        """Whole columns only, as many as there is room for."""
        px = theme().px
        wide = [self._words[column] + px(GAP) for column in ACROSS]
        room = self.viewport().width()
        found = fitted(room, min(wide[0], px(LONGEST_NAME)), px(NAME), wide[1:], NEEDED, px(SHAPE))
        self._by_hand = False
        head = self.horizontalHeader()
        head.blockSignals(True)
        for column, pixels in zip(ACROSS, found, strict=True):
            self.setColumnWidth(column, pixels)
        head.blockSignals(False)
        self.updateGeometries()
        self.viewport().update()
        head.viewport().update()

    def _drawn(self, *_: object) -> None:
        self._by_hand = True

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        """More or less room."""
        super().resizeEvent(event)
        if not self._by_hand and event.size().width() != event.oldSize().width():
            self._fit()

    @property
    def fitted(self) -> bool:
        """Whether the columns are as wide as the words that are there now."""
        return not self._late.isActive()

    # The chosen line.

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
