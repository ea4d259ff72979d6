"""A pinned reading: the numbers as they stood, with the knobs that gave them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from dgm_studio.core.knobs import Value
from dgm_studio.core.measured import Measured


@dataclass(frozen=True)
class Pin:
    """`words` are the knobs in words, "Mean of p 0.5, Width of q 2"."""

    found: tuple[Measured, ...]
    knobs: Mapping[str, Value]
    words: str

    def as_json(self) -> dict[str, Any]:
        """For the session file."""
        found = [{"measure": one.measure, **one.as_json(), "pending": one.pending} for one in self.found]
        return {"found": found, "knobs": dict(self.knobs), "words": self.words}


def read_pin(held: object) -> Pin | None:
    """The reverse; None where it is no pin."""
    try:
        assert isinstance(held, dict)
        found = tuple(_read_measured(one) for one in held["found"])
        return Pin(found, dict(held["knobs"]), str(held["words"]))
    except (AssertionError, KeyError, TypeError, ValueError):
        return None


def _read_measured(held: Mapping[str, Any]) -> Measured:
    words = ("measure", "method", "unit", "bias", "note", "better")
    kinds = {"n": int, "pending": bool, **dict.fromkeys(words, str)}
    known = {one.name for one in fields(Measured)} & set(held)
    values: dict[str, Any] = {name: kinds.get(name, float)(held[name]) for name in known if held[name] is not None}
    return Measured(**values)


def pins_of(held: object, scenes: Sequence[str]) -> dict[str, Pin]:
    """The pins of those scenes in a session."""
    pins = {name: read_pin(held.get(name)) for name in scenes} if isinstance(held, dict) else {}
    return {name: pin for name, pin in pins.items() if pin is not None}
