"""What a gallery shows: models one below the other, and along each row seeds, or one setting swept at one seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from dgm_studio.core.errors import Refused
from dgm_studio.core.gallery import CHOICE, GAMMA, LABEL, MOST_ROWS, SEED, Making, Rows, seeds_from, varied
from dgm_studio.core.knobs import Knob, Value, checked
from dgm_studio.core.latents import CLASSES, PictureModelReport
from dgm_studio.gui.panels.latents.denoise_form import SET_ABOVE, told_classes

FIRST, COUNT, CLASS = "first", "count", "class"
MOST_SEEDS, MOST_ACROSS, COMPARED = 64, 16, 8
"""Pictures of one model alone; values of a sweep; seeds of a row where rows are compared."""

FIRST_KNOB = Knob(
    FIRST, int, 0, "First seed", "Seeds count up from here; a seed is the same noise in every row.", 0, 99_999
)
COUNT_KNOB = Knob(
    COUNT, int, 16, "Pictures", "Pictures of each row, a seed each; 8 at most where rows are compared.", 1, MOST_SEEDS
)
GAMMA_KNOB = Knob(
    GAMMA, float, 1.0, "Guidance scale γ", "(1 − γ) f(x) + γ f(x, y): 1 is the class as it was learnt (lecture 14).",
    0.0, 8.0,
)  # fmt: skip
NO_CLASS, IN_TURN = -1, -2
"""Classes that are none: the model is not told one; column j is told class j, counted round."""

SWEPT, GAMMAS = 6, (0.0, 1.0, 1.5, 2.0, 3.0, 5.0)
"""Values of a sweep that a person has not typed; those of gamma."""


@dataclass(frozen=True)
class Source:
    """A row's model."""

    path: str
    choice: Mapping[str, str] = field(default_factory=dict)


ReportOf = Callable[[str, Mapping[str, str]], PictureModelReport | None]
"""What is known of the model of a path and a choice."""


@dataclass(frozen=True)
class Setting:
    """One thing that can be swept: its `id` as core.gallery.Making.having takes it, title, and values to begin with;
    `words` are what its values are called, in the same order, empty where they speak for themselves."""

    id: str
    title: str
    values: tuple[Value, ...]
    words: tuple[str, ...] = ()
    knob: Knob | None = None

    def word(self, value: Value) -> str:
        """What a value is called."""
        if value in self.values and self.words:
            return self.words[self.values.index(value)]
        return f"{value:g}" if isinstance(value, float) else str(value)

    def parse(self, text: str) -> tuple[Value, ...]:
        """Values as a person typed them, with commas between; Refused where one is none, or there are too many."""
        parts = [part.strip() for part in text.split(",") if part.strip()]
        if not 1 <= len(parts) <= MOST_ACROSS:
            raise Refused(f"A row has 1 to {MOST_ACROSS} pictures; '{text}' gives {len(parts)} values.")
        if self.knob is not None:
            return tuple(self.knob.parse(part) for part in parts)
        if self.id == GAMMA:
            return tuple(float(GAMMA_KNOB.parse(part)) for part in parts)
        return self.values


@dataclass(frozen=True)
class GalleryWish:
    """All that decides what is seen. `sampling` are the knobs that a person has set; a model that does not have one of
    them, or no classes, is asked without. `sweep` is a Setting's id, "" for seeds along the rows."""

    sources: tuple[Source, ...] = ()
    first: int = 0
    count: int = 16
    label: int = IN_TURN
    gamma: float = 1.0
    sampling: Mapping[str, Value] = field(default_factory=dict)
    sweep: str = ""
    values: tuple[Value, ...] = ()

    @property
    def compared(self) -> bool:
        """Whether columns mean the same in several rows, or a setting."""
        return len(self.sources) > 1 or bool(self.sweep)

    @property
    def seeds(self) -> tuple[int, ...]:
        """Along each row; of a sweep the one."""
        if self.sweep:
            return (self.first,)
        return seeds_from(self.first, min(self.count, COMPARED if self.compared else MOST_SEEDS))

    def rows(self, report_of: ReportOf) -> Rows:
        """The makings, as far as the models are known."""
        return tuple(self._row(one, report_of(one.path, one.choice)) for one in self.sources)

    def _row(self, source: Source, report: PictureModelReport | None) -> tuple[Making, ...]:
        known = dict(self.sampling) if report is None else {
            name: value for name, value in self.sampling.items() if name in report.sampling
        }  # fmt: skip
        one = Making(source.path, self.first, NO_CLASS, self.gamma, known, dict(source.choice))
        classes = len(told_classes(report)) if report is not None else 0
        label = self.label if self.label < classes else NO_CLASS
        if self.sweep:
            one = replace(one, label=max(label, 0) if label == IN_TURN and classes else max(label, NO_CLASS))
            return varied(one, self.sweep, self.values)
        makings = varied(one, SEED, self.seeds)
        if label == IN_TURN and classes:
            return tuple(replace(making, label=column % classes) for column, making in enumerate(makings))
        return tuple(replace(making, label=max(label, NO_CLASS)) for making in makings)

    def changed(self, name: str, value: Value, settings: Sequence[Setting]) -> GalleryWish:
        """With one thing of the form changed; Refused where typed values of a sweep are none."""
        match name:
            case "first":
                return replace(self, first=int(value))
            case "count":
                return replace(self, count=int(value))
            case "class":
                return replace(self, label=int(value))
            case "gamma":
                return replace(self, gamma=float(value))
            case "sweep":
                found = next((one for one in settings if one.id == value), None)
                return replace(self, sweep=found.id if found else "", values=found.values if found else ())
            case "values":
                found = next((one for one in settings if one.id == self.sweep), None)
                return replace(self, values=found.parse(str(value))) if found is not None else self
        raise KeyError(name)

    def restored(self, held: Mapping[str, Any]) -> GalleryWish:
        """Seeds, class and guidance as a session kept them; what is missing or foreign stays."""
        try:
            own = checked(
                (FIRST_KNOB, COUNT_KNOB, GAMMA_KNOB),
                {name: held.get(name, getattr(self, name)) for name in (FIRST, COUNT, GAMMA)},
            )
            label = max(IN_TURN, int(held.get(CLASS, self.label)))
        except (Refused, TypeError, ValueError):
            return self
        return replace(self, first=int(own[FIRST]), count=int(own[COUNT]), gamma=float(own[GAMMA]), label=label)

    def with_source(self, source: Source) -> GalleryWish:
        """One more row; Refused where there are as many as a gallery has."""
        if len(self.sources) >= MOST_ROWS:
            raise Refused(f"A gallery compares at most {MOST_ROWS} models. Take a row away first.")
        return replace(self, sources=(*self.sources, source))


def settings_of(report: PictureModelReport, knobs: tuple[Knob, ...]) -> tuple[Setting, ...]:
    """What can be swept of a model: guidance and class where it is told one, the knobs of its Sampling, and every
    conclusion of its file that may be chosen otherwise."""
    found = []
    if CLASSES in report.can:
        names = told_classes(report)[:MOST_ACROSS]
        found.append(Setting(GAMMA, "Guidance γ", GAMMAS))
        found.append(Setting(LABEL, "Class", tuple(range(len(names))), names))
    own = [one for one in knobs if one.name not in SET_ABOVE]
    for knob in own:
        now = report.sampling.get(knob.name, knob.default)
        words = tuple(choice.label for choice in knob.choices)
        found.append(Setting(knob.name, knob.label, swept(knob, now), words, knob))
    found += [Setting(CHOICE + one.name, one.title, one.options) for one in report.settings if len(one.options) > 1]
    return tuple(found)


def swept(knob: Knob, now: Value) -> tuple[Value, ...]:
    """Values of a knob worth seeing beside each other: all choices; off and on; else SWEPT numbers evenly spread (in
    the logarithm where the knob is), within an eighth and four times of `now` there."""
    if knob.choices:
        return tuple(choice.id for choice in knob.choices)[:MOST_ACROSS]
    if knob.type is bool:
        return (False, True)
    if knob.type is str or isinstance(now, str):
        return (now,)
    low = knob.low if knob.low is not None else float(now) / 8
    high = knob.high if knob.high is not None else max(4 * float(now), low + 1.0)
    if knob.log:
        low, high = max(low, float(now) / 8), min(high, 4 * float(now))
        numbers = np.geomspace(max(low, 1e-9), high, SWEPT)
    else:
        numbers = np.linspace(low, high, SWEPT)
    rounded: list[Any] = [round(float(one)) if knob.type is int else float(f"{one:.3g}") for one in numbers]
    return tuple(dict.fromkeys(rounded))
