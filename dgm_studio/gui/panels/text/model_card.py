"""Which model: those that ship, files that were opened, a file of one's own, the live training."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.resources import resource
from dgm_studio.gui.panels.text.film import TokenFilm
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.family_picker import BigChoice
from dgm_studio.gui.widgets.pick_list import Entry, PickList
from dgm_studio.gui.widgets.section import SectionHeader

SUFFIX = ".safetensors"
FIRST = "kjv-masked-word"
OPEN, LIVE = "open-file", "live"
_CORPORA = {"kjv": "King James Bible", "austen": "Jane Austen"}
_KINDS = {
    "masked": ("masked diffusion", "14"),
    "uniform": ("uniform diffusion", "13"),
    "autoregressive": ("left to right", "13"),
}
PROMPTS = {
    "kjv-masked-word": "And Moses said unto the people, ___ × 18 in the land of Egypt.",
    "kjv-uniform-word": "And Moses said unto the people, ___ × 18 in the land of Egypt.",
    "kjv-autoregressive-word": "And Moses said unto the people,",
    "kjv-masked-char": "And Moses said ",
}
"""What a model that ships is first asked, by the end of its name."""
_UNITS = {"word": "words", "char": "characters"}


def shipped() -> list[str]:
    """The names of the text models that come with the studio, the usual one first."""
    folder = resource("checkpoints")
    names = sorted(path.stem for path in folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []
    named = [name for name in names if name.split("-")[-1] in _UNITS]
    return sorted(named, key=lambda name: name != FIRST)


def title_of(source: str) -> str:
    """What to call a model before it is open: "Words of King James Bible, masked diffusion"; a file's name."""
    parts = Path(source).stem.split("-")
    if len(parts) == 3 and parts[1] in _KINDS and parts[2] in _UNITS:
        return f"{_CORPORA.get(parts[0], parts[0].title())}, {_UNITS[parts[2]]}"
    return Path(source).stem


def kind_of(source: str) -> str:
    """How it works, with the lecture, from the name of a model that ships."""
    parts = Path(source).stem.split("-")
    if len(parts) == 3 and parts[1] in _KINDS:
        kind, lecture = _KINDS[parts[1]]
        return f"{kind} · lecture {lecture}"
    return ""


def first_source() -> str:
    """The model that is opened first: the usual one, else any that ships, else ""."""
    names = shipped()
    return names[0] if names else ""


def first_prompt(source: str) -> str:
    """What a model that ships is first asked."""
    ends = [text for end, text in PROMPTS.items() if Path(source).stem.endswith(end)]
    return ends[0] if ends else ""


class ModelCard(QWidget):
    """`picked(source)`: the name of a model that ships, a path, or LIVE; `open_wanted` for a file dialog."""

    picked = Signal(str)
    open_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.source = ""
        self._live = ""
        self._recent: tuple[Path, ...] = ()
        stack = Stack(self, gap=6)
        stack.addWidget(SectionHeader("Model", above=0))
        self.button = BigChoice("Model", "Choose a model of text: one that ships, a file, or the live training")
        self.button.clicked.connect(self.open)
        stack.addWidget(self.button)
        self.popup = PickList("Search models", self)
        self.popup.picked.connect(lambda key: self._pick(key[0]))

    def show_source(self, source: str) -> None:
        """What is wanted, before it has told about itself."""
        self.source = source
        if source == LIVE:
            self.button.show_choice("The live training", self._live or "as it is now")
        else:
            self.button.show_choice(title_of(source), kind_of(source) or "a file of your own")

    def show_film(self, film: TokenFilm) -> None:
        """What the model says of itself."""
        report = film.report
        kind = _KINDS.get(report.kind, (report.kind, "13"))
        weights = f"{report.parameters / 1e6:.1f} M weights" if report.parameters else ""
        parts = [kind[0].removesuffix(" diffusion"), weights, f"lecture {kind[1]}"]
        title = report.title or title_of(self.source)
        self.button.show_choice(title, " · ".join(part for part in parts if part))

    def offer(self, recent: Iterable[Path], live: str) -> None:
        """Files of text that were opened, and what the live training is ("" for none)."""
        self._recent, self._live = tuple(recent), live

    def entries(self) -> list[Entry]:
        """The lines of the menu."""
        lines = [Entry((name,), title_of(name), kind_of(name), "Ships with the studio") for name in shipped()]
        if self._live:
            lines.append(Entry((LIVE,), "The live training", self._live, "Training"))
        lines += [Entry((str(path),), path.stem, str(path.parent), "Recent files") for path in self._recent]
        return [*lines, Entry((OPEN,), "Open a file…", "A checkpoint of a text model (*.safetensors)", "Files")]

    def open(self) -> None:
        """Open the menu."""
        self.popup.set_entries(self.entries())
        self.popup.open_below(self.button, (self.source,))

    def _pick(self, source: str) -> None:
        if source == OPEN:
            self.open_wanted.emit()
        else:
            self.picked.emit(source)
