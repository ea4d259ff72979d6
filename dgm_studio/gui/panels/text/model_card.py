"""The models of text that ship: what they are called, and what each is first asked."""

from __future__ import annotations

from pathlib import Path

from dgm_studio.core.resources import resource
from dgm_studio.gui.panels.model_picker import ModelPicker
from dgm_studio.gui.panels.text.film import TokenFilm

SUFFIX = ".safetensors"
FIRST = "kjv-masked-word"
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


class ModelCard(ModelPicker):
    """Models of text."""

    what = "text"

    def ships(self) -> list[str]:
        """The usual one first."""
        return shipped()

    def named(self, source: str) -> tuple[str, str]:
        """What a shipped model's name says."""
        return title_of(source), kind_of(source) or "a file of your own"

    def show_film(self, film: TokenFilm) -> None:
        """What the model says of itself."""
        report = film.report
        kind = _KINDS.get(report.kind, (report.kind, "13"))
        weights = f"{report.parameters / 1e6:.1f} M weights" if report.parameters else ""
        parts = [kind[0].removesuffix(" diffusion"), weights, f"lecture {kind[1]}"]
        title = report.title or title_of(self.source)
        self.button.show_choice(title, " · ".join(part for part in parts if part))
