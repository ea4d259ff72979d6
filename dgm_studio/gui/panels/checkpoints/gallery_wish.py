"""What a gallery shows: models one below the other, and along each row seeds, or one setting swept at one seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from dgm_studio.core.errors import Refused
from dgm_studio.core.gallery import CHOICE, GAMMA, LABEL, MOST_ROWS, SEED, Making, Rows, seeds_from, varied
from dgm_studio.core.knobs import Knob, Value
from dgm_studio.core.latents import CLASSES, PictureModelReport
from dgm_studio.gui.panels.latents.denoise_form import SET_ABOVE, told_classes

NO_CLASS, IN_TURN = -1, -2
"""Classes that are none: the model is not told one; column j is told class j, counted round."""

MOST_SEEDS, MOST_ACROSS = 64, 16
"""Pictures of one model alone, and of a row where rows are compared."""

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
        return seeds_from(self.first, min(self.count, MOST_ACROSS if self.compared else MOST_SEEDS))

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
    for one in report.settings:
        if len(one.options) > 1:
            found.append(Setting(CHOICE + one.name, one.title, one.options))
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
