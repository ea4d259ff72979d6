"""Who races: a line for each run with its colour and number, and the ways to add one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.catalogue import FamilyEntry
from dgm_studio.core.recipe import Recipe
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.buttons import Button, IconButton
from dgm_studio.gui.widgets.family_picker import FamilyPicker
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.section import SectionHeader

MOST = 6


class Entrants(QWidget):
    """`added(family, preset)`, `added_current()`, `removed(place)`, `taken(place)` say what a person wants."""

    added = Signal(str, str)
    added_current = Signal()
    removed = Signal(int)
    taken = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stack = Stack(self, gap=6)
        links = (
            ("add", "Add…", "Another family or preset, at its own defaults"),
            ("current", "Add Train's", "The Train panel's model with its knobs, from step 0"),
        )
        self.header = SectionHeader("Runs", links=links, above=0)
        self.header.link_clicked.connect(self._link)
        self._lines = Stack(gap=4)
        self._picker = FamilyPicker(self)  # only its list is used: what is picked is added, not shown
        self._picker.hide()
        self._picker.popup.picked.connect(lambda key: self.added.emit(key[0], key[1]))
        stack.addWidget(self.header)
        stack.addLayout(self._lines)
        self.rows: list[QWidget] = []

    def set_families(self, families: Mapping[str, FamilyEntry], reasons: Mapping[str, str]) -> None:
        """What can be added; `reasons` say why some cannot learn the data."""
        self._picker.set_families(families)
        self._picker.set_reasons(reasons)

    def show_runs(self, titles: Sequence[str], notes: Sequence[str]) -> None:
        """One line a run: its title, and a note (a step, why it is out)."""
        for row in self.rows:
            self._lines.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [
            self._row(place, title, note) for place, (title, note) in enumerate(zip(titles, notes, strict=True))
        ]
        for row in self.rows:
            self._lines.addWidget(row)
        full = len(titles) >= MOST
        for link in self.header.links.values():
            link.setEnabled(not full)
            if full:
                link.setToolTip(f"A race has at most {MOST} runs")

    def _row(self, place: int, title: str, note: str) -> QWidget:
        line = QWidget()
        row = Row(line, gap=8)
        number = Label(f"{place + 1}", 13, 600, tabular=True)
        palette = number.palette()
        palette.setColor(number.foregroundRole(), theme().class_colour(place))
        number.setPalette(palette)
        words = Stack(gap=0)
        words.addWidget(Label(title, 13, 500, elide=True))
        if note:
            words.addWidget(Label(note, 11.5, 400, "dim", elide=True))
        take = Button("Train", f"Open {title} in the Train panel as it is now", kind="link")
        take.clicked.connect(lambda: self.taken.emit(place))
        remove = IconButton("cross", f"Remove {title}", "Take this run out; the race starts anew", size=12)
        remove.clicked.connect(lambda: self.removed.emit(place))
        row.addWidget(number)
        row.addLayout(words, 1)
        row.addWidget(take)
        row.addWidget(remove)
        return line

    def _link(self, key: str) -> None:
        if key == "current":
            self.added_current.emit()
        else:
            self._picker.popup.set_entries(self._picker.entries())
            self._picker.popup.open_below(self.header.links["add"], ("", ""))


def title_of(recipe: Recipe, families: Mapping[str, FamilyEntry]) -> str:
    """What to call a run: its preset's title."""
    entry = families[recipe.family]
    return next((one.title for one in entry.presets if one.id == recipe.preset), entry.card.title)
