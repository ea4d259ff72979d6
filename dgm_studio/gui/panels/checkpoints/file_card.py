"""Which file: those that were opened, those that ship, another one, or a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from dgm_studio.core.resources import resource
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.family_picker import BigChoice
from dgm_studio.gui.widgets.pick_list import Entry, PickList
from dgm_studio.gui.widgets.section import SectionHeader

FILE, FOLDER = "?file", "?folder"
FILTER = "Checkpoints (*.safetensors *.pt *.pth *.ckpt *.bin *.pkl *.onnx *.gguf *.npz *.npy *.pt2 *.tar);;Any file (*)"
NO_FILE, HOW = "No file", "drop one, or choose one here"


def shipped() -> list[Path]:
    """The checkpoints that come with the studio."""
    return sorted(resource("checkpoints").glob("*.safetensors"))


def ask_for_file(parent: QWidget, title: str = "Open a checkpoint", start: str = "") -> str:
    """A file of any kind, "" where none was chosen."""
    return QFileDialog.getOpenFileName(parent, title, start, FILTER)[0]


def ask_for_folder(parent: QWidget, title: str = "Open a folder with a model in it", start: str = "") -> str:
    """A folder, "" where none was chosen."""
    return QFileDialog.getExistingDirectory(parent, title, start)


class FileCard(QWidget):
    """`picked(path)`; `more` are lines that a user of the card puts first, each with its own id."""

    picked = Signal(str)

    def __init__(self, caption: str, tooltip: str, recent: Callable[[], Iterable[Path]],
                 parent: QWidget | None = None) -> None:  # fmt: skip
        super().__init__(parent)
        self.path = ""
        self.more: tuple[Entry, ...] = ()
        self._recent = recent
        stack = Stack(self, gap=6)
        stack.addWidget(SectionHeader(caption, above=0))
        self.button = BigChoice(caption, tooltip)
        self.button.clicked.connect(self.open)
        stack.addWidget(self.button)
        self.popup = PickList("Search files", self)
        self.popup.picked.connect(lambda key: self._pick(key[0]))
        self.show_file("", "")

    def show_file(self, path: str, words: str) -> None:
        """The file that is open, or is being read."""
        self.path = path
        self.button.show_choice(Path(path).name if path else NO_FILE, words if path else HOW)

    def show_choice(self, key: str, title: str, words: str) -> None:
        """One of `more` was chosen."""
        self.path = key
        self.button.show_choice(title, words)

    def entries(self) -> list[Entry]:
        """The lines of the menu."""
        last = [
            Entry((FILE,), "Open a file…", "Any file: what it is shows in a moment", "Files"),
            Entry((FOLDER,), "Open a folder…", "A model in several files: diffusers, transformers, shards", "Files"),
        ]
        recent = [Entry((str(one),), one.name, str(one.parent), "Recent files") for one in self._recent()]
        ships = [Entry((str(one),), one.stem, "ships with the studio", "Ships with the studio") for one in shipped()]
        return [*self.more, *last, *recent, *ships]

    def open(self) -> None:
        """Open the menu."""
        self.popup.set_entries(self.entries())
        self.popup.open_below(self.button, (self.path,))

    def _pick(self, key: str) -> None:
        chosen = ask_for_file(self) if key == FILE else ask_for_folder(self) if key == FOLDER else key
        if chosen:
            self.picked.emit(chosen)
