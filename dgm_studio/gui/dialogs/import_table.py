"""Importing points: which columns, which classes, and exactly what becomes of the units."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from dgm_studio.core.knobs import Knob
from dgm_studio.core.table import ImportChoice, Table
from dgm_studio.gui.dialogs.sheet import Sheet
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.combo import Combo
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.section import SectionHeader
from dgm_studio.gui.widgets.segments import Segments
from dgm_studio.gui.widgets.switch_row import SwitchRow

WAYS = (
    ("centre", "Centre", "Subtract the mean, divide both by one number: the shape stays"),
    ("standardise", "Standardise", "Subtract the mean, divide each by its own spread"),
    ("none", "Keep units", "Change nothing"),
)
DROP = Knob(
    "drop_bad_rows", bool, False, "Drop bad rows",
    "Read on without the rows that hold text, nothing, NaN or infinity where a number is needed.",
)  # fmt: skip
THIN = Knob(
    "thin", bool, False, "Take a random part if there are too many rows",
    "The same random rows each time this file is read.",
)  # fmt: skip
ROWS_SHOWN = 6
NO_Y = "None: points of a line"


class ImportDialog(Sheet):
    """Shows `table` and emits `chosen(ImportChoice)`; `refuse(sentence)` brings it back if reading failed."""

    chosen = Signal(object)

    def __init__(self, table: Table, parent: QWidget | None = None) -> None:
        super().__init__("Import points", width=560, parent=parent)
        self.table = table
        self.set_subtitle(_about(table))
        self.preview = _Preview(table)
        self.body.addWidget(self.preview)
        numbers = [name for name, good in zip(table.columns, table.numeric, strict=True) if good]
        self.x_column = _columns("Column x", "The horizontal coordinate", numbers)
        self.y_column = _columns("Column y", "The vertical coordinate; with none the points are of a line", [])
        for name in numbers:
            self.y_column.addItem(name, name)
        self.y_column.addItem(NO_Y, "")
        self.y_column.setCurrentIndex(min(1, len(numbers)))
        self.label = Combo("Classes", "A column whose values become classes, or none")
        self.label.addItem("None", "")
        for name in table.columns:
            self.label.addItem(name, name)
        self.ways = Segments(WAYS)
        self.ways.set_current("centre")
        self.explanation = Label("", 12, tint="dim", wrap=True)
        self.body.addLayout(self._form())
        self.problem = Label("", 13, tint="error", wrap=True)
        self.drop, self.thin = SwitchRow(DROP), SwitchRow(THIN)
        self._trouble = QWidget()
        trouble = Stack(self._trouble, gap=4)
        trouble.addWidget(SectionHeader("Problems"))
        for each in (self.problem, self.drop, self.thin):
            trouble.addWidget(each)
        self.body.addWidget(self._trouble)
        self.body.addStretch(1)
        cancel = self.add_right(Button("Cancel", "Import nothing (Esc)"))
        cancel.clicked.connect(self.reject)
        self.go = self.add_right(Button("Import", "Read the points", kind="primary"), default=True)
        self.go.clicked.connect(self._import)
        for combo in (self.x_column, self.y_column, self.label):
            combo.currentIndexChanged.connect(self._follow)
        self.ways.chosen.connect(self._follow)
        self._say(table.problems)
        self._follow()

    def choice(self) -> ImportChoice:
        """What is chosen now."""
        return ImportChoice(
            columns=tuple(filter(None, (self.x_column.currentText(), str(self.y_column.currentData() or "")))),
            label_column=str(self.label.currentData() or ""),
            normalisation=self.ways.current(),
            drop_bad_rows=bool(self.drop.value()),
            thin=bool(self.thin.value()),
        )

    def refuse(self, sentence: str) -> None:
        """Reading failed: say why and let the person choose otherwise; nothing chosen is lost."""
        self._say((sentence,))
        self.show()
        self.fit()

    def _say(self, problems: tuple[str, ...]) -> None:
        self.problem.setText("\n".join(problems))
        self._trouble.setVisible(bool(problems))

    def _form(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme().px(16))
        grid.setVerticalSpacing(theme().px(4))
        for column, (name, combo) in enumerate((("x", self.x_column), ("y", self.y_column), ("Classes", self.label))):
            grid.addWidget(Label(name, 12, tint="dim"), 0, column)
            grid.addWidget(combo, 1, column)
            grid.setColumnStretch(column, 1)
        grid.setRowMinimumHeight(2, theme().px(6))
        grid.addWidget(Label("Units", 12, tint="dim"), 3, 0)
        grid.addWidget(self.ways, 4, 0, 1, 3)
        grid.setRowMinimumHeight(5, theme().px(2))
        grid.addWidget(self.explanation, 6, 0, 1, 3)
        return grid

    def _follow(self) -> None:
        now = self.choice()
        self.explanation.setText(explain(now))
        self.preview.mark({**dict(zip(now.columns, "xy", strict=False)), now.label_column: "class"})
        self.go.set_reason(self._unready(now), "Read the points")

    def _unready(self, now: ImportChoice) -> str:
        if not self.x_column.count():
            return "Points need a column of numbers; this file has none."
        if len(set(now.columns)) < len(now.columns):
            return "Choose two different columns for x and y, or none for y."
        if 0 <= self.table.rows < 2:
            return "At least 2 rows are needed."
        return ""

    def _import(self) -> None:
        chosen = self.choice()
        self.accept()
        self.chosen.emit(chosen)


def explain(choice: ImportChoice) -> str:
    """Exactly what a normalisation does to these columns, in a sentence."""
    if len(choice.columns) < 2:
        return _explain_line(choice)
    x, y = choice.columns
    if choice.normalisation == "none":
        return f"{x} and {y} stay as they are. The stage shows −4 to 4; points far outside train badly."
    if choice.normalisation == "centre":
        return (
            f"{x} becomes ({x} − mean of {x}) / s and {y} becomes ({y} − mean of {y}) / s, "
            "with one s for both: the root of their mean variance. The shape stays. "
            "Files you write later are in the original units."
        )
    return (
        f"{x} becomes ({x} − mean of {x}) / standard deviation of {x}, {y} likewise: "
        "the shape is stretched to equal spread. Files you write later are in the original units."
    )


def _explain_line(choice: ImportChoice) -> str:
    """The same of points of a line."""
    x = choice.columns[0] if choice.columns else "x"
    if choice.normalisation == "none":
        return f"{x} stays as it is, points of a line. The stage shows −4 to 4; points far outside train badly."
    return (
        f"{x} becomes ({x} − mean of {x}) / standard deviation of {x}, points of a line. "
        "Files you write later are in the original units."
    )


def _about(table: Table) -> str:
    name = table.path.replace("\\", "/").rsplit("/", 1)[-1]
    rows = f"{table.rows:,} row{'' if table.rows == 1 else 's'}" if table.rows >= 0 else "very many rows"
    if len(table.columns) == 1:
        return f"{name}: {rows}, one column"
    parted = f", {table.delimiter}-separated" if table.delimiter else ""
    return f"{name}: {rows}, {len(table.columns)} columns{parted}"


def _columns(name: str, tooltip: str, names: list[str]) -> Combo:
    combo = Combo(name, tooltip)
    combo.addItems(names)
    return combo


class _Preview(QTableWidget):
    """The first rows as text; a chosen column says what it is chosen for."""

    def __init__(self, table: Table) -> None:
        rows = table.preview[:ROWS_SHOWN]
        super().__init__(len(rows), len(table.columns))
        self._table = table
        self.setAccessibleName("First rows of the file")
        self.setToolTip("The first rows of the file, as text")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for i, cells in enumerate(rows):
            for j, cell in enumerate(cells[: len(table.columns)]):
                self.setItem(i, j, QTableWidgetItem(cell))
        theme().changed.connect(self._dress)
        self._roles: dict[str, str] = {}
        self._dress()

    def mark(self, roles: dict[str, str]) -> None:
        """{column: x, y or class}: shown in the header, its cells in full colour, the others dimmed."""
        self._roles = roles
        self._dress()

    def _dress(self) -> None:
        px = theme().px
        self.setFont(font(12, tabular=True))
        self.horizontalHeader().setFont(font(12, 500))
        self.verticalHeader().setDefaultSectionSize(px(24))
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Base, theme().colour("panel"))
        self.setPalette(palette)
        for j, name in enumerate(self._table.columns):
            role = self._roles.get(name, "")
            self.setHorizontalHeaderItem(j, QTableWidgetItem(f"{name} → {role}" if role else name))
            for i in range(self.rowCount()):
                item = self.item(i, j)
                if item is not None:
                    item.setForeground(theme().colour("text" if role else "faint"))
        self.setStyleSheet(f"QTableView::item {{ padding-left: {px(5)}px; }}")
        self.setFixedHeight(px(24) * self.rowCount() + self.horizontalHeader().sizeHint().height() + 2)
