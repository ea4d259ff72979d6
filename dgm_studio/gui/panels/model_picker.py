"""Which model: those that ship, files that were opened, a file of one's own, the live training."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.family_picker import BigChoice
from dgm_studio.gui.widgets.pick_list import Entry, PickList
from dgm_studio.gui.widgets.section import SectionHeader

OPEN, LIVE = "open-file", "live"


class ModelPicker(QWidget):
    """`picked(source)`: the name of a model that ships, a path, or LIVE; `open_wanted` for a file dialog. `what` is
    what such models are of."""

    what: ClassVar[str]

    picked = Signal(str)
    open_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.source = ""
        self._live = ""
        self._recent: tuple[Path, ...] = ()
        stack = Stack(self, gap=6)
        stack.addWidget(SectionHeader("Model", above=0))
        self.button = BigChoice("Model", f"Choose a model of {self.what}: one that ships, a file, or the live training")
        self.button.clicked.connect(self.open)
        stack.addWidget(self.button)
        self.popup = PickList("Search models", self)
        self.popup.picked.connect(lambda key: self._pick(key[0]))

    def ships(self) -> list[str]:
        """The names of the models that come with the studio."""
        return []

    def named(self, source: str) -> tuple[str, str]:
        """Title and second line of a model that ships or lies in a file, before it is open."""
        return Path(source).stem, "a file of your own"

    def show_source(self, source: str) -> None:
        """What is wanted, before it has told about itself."""
        self.source = source
        title, words = ("The live training", self._live or "as it is now") if source == LIVE else self.named(source)
        self.button.show_choice(title, words)

    def offer(self, recent: Iterable[Path], live: str) -> None:
        """Files that were opened, and what the live training is ("" for none)."""
        self._recent, self._live = tuple(recent), live

    def entries(self) -> list[Entry]:
        """The lines of the menu."""
        lines = [Entry((name,), *self.named(name), "Ships with the studio") for name in self.ships()]
        if self._live:
            lines.append(Entry((LIVE,), "The live training", self._live, "Training"))
        lines += [Entry((str(path),), path.stem, str(path.parent), "Recent files") for path in self._recent]
        last = Entry((OPEN,), "Open a file…", f"A checkpoint of a model of {self.what} (*.safetensors)", "Files")
        return [*lines, last]

    def open(self) -> None:
        """Open the menu."""
        self.popup.set_entries(self.entries())
        self.popup.open_below(self.button, (self.source,))

    def _pick(self, source: str) -> None:
        if source == OPEN:
            self.open_wanted.emit()
        else:
            self.picked.emit(source)
