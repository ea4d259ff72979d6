"""Which data: four thumbnails, the rest in a searchable list, and the ways to bring one's own."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.core.catalogue import DataEntry
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.pick_list import Entry, PickList
from dgm_studio.gui.widgets.section import SectionHeader
from dgm_studio.gui.widgets.thumbnail import Thumbnail

SHOWN = 4
OWN = "own"
"""The id of the painted or imported entry."""


class DataPicker(QWidget):
    """`picked(id)` for a data set of the catalogue, or OWN for the painted or imported points

    that `show_own` set.
    """

    picked = Signal(str)
    paint_clicked = Signal()
    import_clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: dict[str, DataEntry] = {}
        self._own: tuple[str, str, Array] | None = None
        self._current = ""
        self._front: list[str] = []
        self._thumbs: dict[str, Thumbnail] = {}
        stack = Stack(self, gap=6)
        self.header = SectionHeader(
            "Data",
            links=(
                ("all", "All…", "All data sets, with a search field"),
                ("import", "Import…", "Read points from a CSV or NPY file"),
                ("paint", "Paint…", "Paint your own points with brush, spray and line"),
            ),
            above=0,
        )
        self.header.link_clicked.connect(self._link)
        self._row = Row(gap=8)
        self._row.addStretch(1)
        below = Row(gap=8)
        self.name = Label("", 13.5, 600, elide=True)
        self.note = Label("", 11.5, 400, "exact")
        below.addWidget(self.name, 1)
        below.addWidget(self.note)
        stack.addWidget(self.header)
        stack.addLayout(self._row)
        stack.addLayout(below)
        self.popup = PickList("Search data sets", self)
        self.popup.picked.connect(lambda key: self._pick(key[0]))

    def set_entries(self, entries: Mapping[str, DataEntry]) -> None:
        """The catalogue's data sets; the first four are shown, a picked one takes a place among them."""
        self._entries = dict(entries)
        self._front = list(self._entries)[:SHOWN]
        self._rebuild()

    def show_own(self, title: str, note: str, points: Array) -> None:
        """Offer painted or imported points first, e.g.

        ("my-points.csv", "imported, 1,200 points", points).
        """
        self._own = (title, note, points)
        self._rebuild()

    def current(self) -> str:
        """The id that is marked."""
        return self._current

    def set_current(self, key: str) -> None:
        """Mark one; no signal."""
        self._current = key
        if key in self._entries and key not in self._front:
            self._front = [*self._front[: SHOWN - 1], key]
        self._rebuild()

    def _rebuild(self) -> None:
        for thumb in self._thumbs.values():
            self._row.removeWidget(thumb)
            thumb.hide()
            thumb.deleteLater()
        self._thumbs = {}
        front = list(self._front)
        if self._own is not None:
            keep = [key for key in front if key != self._current][: SHOWN - 1]
            front = [OWN, *([self._current, *keep][: SHOWN - 1] if self._current in front else keep)]
        for place, key in enumerate(front):
            title, note, points = self._facts(key)
            thumb = Thumbnail(title, f"{title}: {note}" if note else title, points)
            thumb.setChecked(key == self._current)
            thumb.clicked.connect(lambda _=False, key=key: self._pick(key))
            self._thumbs[key] = thumb
            self._row.insertWidget(place, thumb)
        self._say()

    def thumbnails(self) -> dict[str, Thumbnail]:
        """The thumbnails now shown, by id, in order."""
        return dict(self._thumbs)

    def _facts(self, key: str) -> tuple[str, str, Array]:
        if key == OWN and self._own is not None:
            return self._own
        entry = self._entries[key]
        return entry.card.title, entry.card.summary, entry.thumbnail

    def _say(self) -> None:
        if self._current == OWN and self._own is not None:
            self.name.setText(self._own[0])
            self.note.setText(self._own[1])
            self.note.set_tint("dim")
            return
        entry = self._entries.get(self._current)
        self.name.setText(entry.card.title if entry else "")
        note, tint = density_note(entry) if entry is not None else ("", "faint")
        self.note.set_tint(tint)
        self.note.setText(note)

    def _pick(self, key: str) -> None:
        changed = key != self._current
        self.set_current(key)
        if changed:
            self.picked.emit(key)

    def _link(self, key: str) -> None:
        if key == "paint":
            self.paint_clicked.emit()
        elif key == "import":
            self.import_clicked.emit()
        else:
            self.popup.set_entries(self._lines())
            self.popup.open_below(self.header, (self._current,))

    def _lines(self) -> list[Entry]:
        lines = [
            Entry((key,), entry.card.title, entry.card.summary, points=entry.thumbnail)
            for key, entry in self._entries.items()
        ]
        if self._own is not None:
            lines.insert(0, Entry((OWN,), self._own[0], self._own[1], points=self._own[2]))
        return lines


def density_note(entry: DataEntry) -> tuple[str, str]:
    """How the data set's density is known, by its card's fact "density", and the note's tint."""
    kind = entry.card.fact("density", "")
    if kind == "closed form":
        return "exact density known", "exact"
    return (f"density by {kind}", "dim") if kind else ("samples only", "faint")
