"""The numbers of films side by side: one line a measure, one column a film."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from dgm_studio.core.comparing import Estimated, FilmMeasures
from dgm_studio.gui.panels.race.table import short
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.label import Label

PENDING, NONE = "…", "–"
CLAIMED, ORDER, FLOOR = "claimed", "order", "floor"
QUIET = (CLAIMED, FLOOR)
"""Rows that belong to the one above them."""


@dataclass(frozen=True)
class Row:
    """One measure: the field of FilmMeasures, its words, and what it means."""

    key: str
    label: str
    help: str


ROWS = (
    Row("evaluations", "Evaluations", "Network evaluations of one particle from start to end."),
    Row("seconds", "Seconds", "The solver's own time for all particles, without what the studio did beside it."),
    Row("error", "Error", "Root mean square distance of the end points to those of the reference, in model units."),
    Row("w2", "W₂ to data", "Wasserstein-2 distance of the end points to as many fresh data; grey: within its floor."),
    Row(FLOOR, "noise floor", "The same distance between two fresh samples of the data: nothing below it can be told."),
    Row("straightness", "Straightness", "Distance from start to end over the length of the way; 1 is straight."),
    Row("length", "Length", "Length of the way, in model units; mean of the particles."),
    Row("curvature", "Curvature", "Turning of the way in radians per unit of its length; mean of the particles."),
    Row(ORDER, "Order", "Slope of error against evaluations, measured by regression on the plot's points."),
    Row(CLAIMED, "claimed", "What the solver's card claims for smooth fields; – where it claims none."),
)
HELPS = {row.key: row.help for row in ROWS}


class _Cell(QWidget):
    """A value, and below it its doubt."""

    def __init__(self) -> None:
        super().__init__()
        stack = Stack(self, gap=0)
        self.value = Label("", 12, 600, tabular=True)
        self.doubt = Label("", 10, 400, "dim", tabular=True)
        for one in (self.value, self.doubt):
            one.setAlignment(Qt.AlignmentFlag.AlignRight)
            stack.addWidget(one)
        self.doubt.hide()

    def show_text(self, text: str, tint: str = "text", doubt: str = "", tooltip: str = "") -> None:
        self.value.setText(text)
        self.value.set_tint(tint)
        self.doubt.setText(doubt)
        self.doubt.setVisible(bool(doubt))
        self.setToolTip(tooltip)


class CompareTable(QWidget):
    """`set_lanes(titles)`, then `show_measures(place, ...)` and `show_order(place, ...)` fill a column."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(0, 1)
        self._titles: list[str] = []
        self.numbers: list[Label] = []
        self.cells: dict[tuple[str, int], _Cell] = {}
        for row, one in enumerate(ROWS, start=1):
            name = Label(one.label, 12, 400, "faint" if one.key in QUIET else "dim")
            name.setToolTip(one.help)
            self._grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
        theme().changed.connect(self._rescale)
        self._rescale()

    def set_lanes(self, titles: Sequence[str]) -> None:
        """Films of these titles; columns are only made anew where their number changes."""
        if len(titles) != len(self.numbers):
            for old in (*self.numbers, *self.cells.values()):
                self._grid.removeWidget(old)
                old.hide()
                old.deleteLater()
            self.numbers, self.cells = [], {}
            for place in range(len(titles)):
                self._add_column(place)
            self._rescale()
        self._titles = list(titles)
        for place, (number, title) in enumerate(zip(self.numbers, titles, strict=True)):
            number.setToolTip(title)
            number.setAccessibleName(f"Film {place + 1}: {title}")

    def show_measures(self, place: int, found: FilmMeasures | None, *, making: bool) -> None:
        """The numbers of one film; None while there are none."""
        for row in ROWS:
            if row.key in (ORDER, CLAIMED, FLOOR):
                continue
            cell = self.cells[row.key, place]
            value = None if found is None else getattr(found, row.key)
            if isinstance(value, Estimated):
                self._show_estimate(cell, row, value, found)
            elif value is None:
                why = found.no_error if found is not None and row.key == "error" else ""
                cell.show_text(PENDING if making else NONE, "faint", tooltip=why or row.help)
            elif row.key == "seconds":
                cell.show_text(_seconds(value), tooltip=row.help)
            else:
                cell.show_text(short(float(value)), tooltip=row.help)

        w2 = None if found is None else found.w2
        floor = None if w2 is None else w2.floor
        text = short(floor) if floor is not None else PENDING if making and w2 is None else NONE
        self.cells[FLOOR, place].show_text(text, "dim", tooltip=HELPS[FLOOR])

    def show_order(self, place: int, slope: Estimated | None, claimed: float | None, *, making: bool) -> None:
        """The measured slope, and the claimed one."""
        cell = self.cells[ORDER, place]
        if slope is None:
            cell.show_text(PENDING if making else NONE, "faint", tooltip=HELPS[ORDER])
        else:
            cell.show_text(f"{slope.value:.2f}", doubt=_doubt(slope), tooltip=HELPS[ORDER])
        text = PENDING if claimed is None and making else f"{claimed:g}" if claimed else NONE
        self.cells[CLAIMED, place].show_text(text, "dim", tooltip=HELPS[CLAIMED])

    def _show_estimate(self, cell: _Cell, row: Row, value: Estimated, found: FilmMeasures | None) -> None:
        below = value.floor is not None and value.value <= value.floor
        says = [row.help, f"95 % interval {value.low:.3g} to {value.high:.3g}."]
        if value.floor is not None:
            floor = "The reference's own error" if row.key == "error" else "Noise floor"
            says.append(f"{floor}: {value.floor:.3g}" + ("; no difference can be told." if below else "."))
        if row.key == "error" and found is not None:
            says.append(f"Reference: {found.reference}.")
        cell.show_text(short(value.value), "dim" if below else "text", _doubt(value), "\n".join(says))

    def _add_column(self, place: int) -> None:
        head = Label(f"{place + 1}", 12.5, 700, tabular=True)
        head.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.numbers.append(head)
        self._grid.addWidget(head, 0, place + 1)
        for row, one in enumerate(ROWS, start=1):
            cell = _Cell()
            cell.show_text(NONE, "faint", tooltip=one.help)
            self.cells[one.key, place] = cell
            self._grid.addWidget(cell, row, place + 1, Qt.AlignmentFlag.AlignTop)

    def _rescale(self) -> None:
        self._grid.setVerticalSpacing(theme().px(6))
        self._grid.setHorizontalSpacing(theme().px(8))
        for place, number in enumerate(self.numbers):
            number.set_tint(theme().class_colour(place).name())


def _doubt(value: Estimated) -> str:
    """Half the interval, in few letters."""
    return f"±{short((value.high - value.low) / 2)}"


def _seconds(value: float) -> str:
    return f"{value:.2f}" if value >= 0.095 else f"{value:.3f}"
