"""What stands in one lane of a comparison, and the words that tell it from the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dgm_studio.core.catalogue import Catalogue
from dgm_studio.core.errors import Refused
from dgm_studio.core.exact_source import exact_parts
from dgm_studio.core.knobs import Knob, Value

RUN = "run"
"""The source that is the studio's run, whatever its lane is called."""
SOLVER, STEPS = "solver", "steps"


@dataclass(frozen=True)
class Contender:
    """One film of a comparison: `source` is RUN, a checkpoint's path, or "exact:PATH:DATA"; with `exact` the film goes
    along the exact field of its data; `sampling` are the Sampling values that are set, the others are its own."""

    source: str = RUN
    exact: bool = False
    sampling: Mapping[str, Value] = field(default_factory=dict)

    @property
    def model(self) -> tuple[str, bool]:
        """What carries the particles."""
        return self.source, self.exact

    def with_value(self, name: str, value: Value) -> Contender:
        """One Sampling value changed."""
        return replace(self, sampling={**self.sampling, name: value})

    def held(self) -> dict[str, Any]:
        """For a session."""
        return {"source": self.source, "exact": self.exact, "sampling": dict(self.sampling)}

    @staticmethod
    def of(held: object) -> Contender | None:
        """From a session; None where it is foreign."""
        if not isinstance(held, dict) or not isinstance(held.get("source"), str):
            return None
        sampling = held.get("sampling")
        known = sampling if isinstance(sampling, dict) else {}
        fine = {str(name): value for name, value in known.items() if isinstance(value, (bool, int, float, str))}
        return Contender(held["source"], held.get("exact") is True, fine)


def title_of(contender: Contender, run: str, catalogue: Catalogue | None) -> str:
    """Whose film it is, in a few words; `run` is the run's title."""
    if contender.source == RUN:
        return f"{run}, exact field" if contender.exact else run
    known = exact_parts(contender.source)
    if known is not None:
        card = catalogue.paths.get(known.path) if catalogue is not None else None
        title = card.title if card is not None else known.path
        return f"{title.partition(' (')[0]}, exact"
    return Path(contender.source).name


def words_of(contender: Contender, title: str, knobs: Iterable[Knob], sampling: Mapping[str, Value]) -> dict[str, str]:
    """What it is by topic: its model, then each Sampling value that has an effect, in words."""
    words = {"": title}
    known = {one.name: one for one in knobs}
    for name, value in {**sampling, **contender.sampling}.items():
        if name not in known:
            words[name] = f"{name} {value}"
        elif _matters(known[name], known, {**sampling, **contender.sampling}):
            words[name] = _said(known[name], value)
    return words


def heads(words: Sequence[Mapping[str, str]]) -> list[str]:
    """Of each lane what tells it from the others: its solver's name at least."""
    topics = list(dict.fromkeys(topic for one in words for topic in one))
    differ = [topic for topic in topics if len({one.get(topic, "") for one in words}) > 1]
    shown = differ or ([SOLVER] if any(SOLVER in one for one in words) else [""])
    return [" · ".join(one[topic] for topic in shown if one.get(topic)) or one.get("", "") for one in words]


def shared(words: Sequence[Mapping[str, str]], topics: Iterable[str]) -> str:
    """Of these topics what all lanes have in common."""
    first = words[0] if words else {}
    return ", ".join(
        first[one] for one in topics if one in first and all(other.get(one) == first[one] for other in words)
    )


def _matters(knob: Knob, known: Mapping[str, Knob], values: Mapping[str, Value]) -> bool:
    if knob.when is None or knob.when[0] not in known:
        return True
    other = known[knob.when[0]]
    return values.get(other.name, other.default) in knob.when[1] and _matters(other, known, values)


def _said(knob: Knob, value: Value) -> str:
    label = next((one.label for one in knob.choices if one.id == value), "")
    if label:
        return label
    if knob.name == STEPS:
        return f"{value} step" if value == 1 else f"{value} steps"
    if isinstance(value, bool):
        return f"{knob.label} {'on' if value else 'off'}"
    return f"{knob.label} {value:g}" if isinstance(value, (int, float)) else f"{knob.label} {value}"


def fitting(knobs: Iterable[Knob], values: Mapping[str, Value]) -> dict[str, Value]:
    """Those of the values that these knobs know and take."""
    fine: dict[str, Value] = {}
    for one in knobs:
        if one.name in values:
            try:
                fine[one.name] = one.check(values[one.name])
            except Refused:
                continue
    return fine
