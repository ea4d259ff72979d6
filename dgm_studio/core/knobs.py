"""Knobs: hyper-parameters declared once, as annotated fields of a frozen dataclass.

The form, the command line, the saved file and the tests all read the same declaration.
"""

from __future__ import annotations

import dataclasses
import math
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from dgm_studio.core.errors import Refused
from dgm_studio.core.names import near

Value = bool | int | float | str
DRAWN_PATH = "drawn-path"
"""The kind of curve that a(t) and s(t) of a path are; core.drawn_path has its rules."""
T = TypeVar("T")


@dataclass(frozen=True)
class Choice:
    """One value of a knob that picks from a list: what is saved (`id`) and what is shown (`label`)."""

    id: str
    label: str
    help: str = ""


@dataclass(frozen=True)
class Knob:
    """One hyper-parameter: type, default, range, scale, unit, help. Plain data, so that it can cross threads.

    `low` and `high` are inclusive. `choices` is empty for numbers and switches. `when` names another knob of the
    same set and the values of it for which this one has any effect; elsewhere it is greyed. `numbers` are the fewest
    and most numbers of a text that is a list of them, "0, 0.5, 1"; `curve` names the kind of curve they draw at even
    spacing of [0, 1] ("" for none): the knobs of one kind are drawn by hand in one plot.
    """

    name: str
    type: type
    default: Value
    label: str
    help: str
    low: float | None = None
    high: float | None = None
    log: bool = False
    unit: str = ""
    choices: tuple[Choice, ...] = ()
    when: tuple[str, tuple[Value, ...]] | None = None
    numbers: tuple[int, int] | None = None
    curve: str = ""

    def check(self, value: object) -> Value:
        """`value` as this knob's type, or Refused with the range or the choices in one sentence."""
        if self.type is bool:
            if isinstance(value, bool):
                return value
            raise Refused(f"{self.label} ({self.name}) is a switch: give true or false, not {value!r}.")
        if self.choices:
            ids = [choice.id for choice in self.choices]
            if value in ids:
                return str(value)
            close = near(str(value), ids) or ids
            raise Refused(f"{self.label} ({self.name}) cannot be '{value}'. Choose {', '.join(close)}.")
        if self.type is str:
            if self.numbers is not None:
                self._check_list(str(value), *self.numbers)
            return str(value)
        return self._check_number(value)

    def _check_list(self, text: str, fewest: int, most: int) -> None:
        try:
            count = len(numbers_in(text))
        except ValueError:
            count = 0
        if not fewest <= count <= most:
            raise Refused(
                f"{self.label} ({self.name}) cannot be '{text}'. Give {fewest} to {most} numbers with commas between."
            )

    def _check_number(self, value: object) -> Value:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise Refused(f"{self.label} ({self.name}) needs a number, not {value!r}.")
        if self.type is int and value != int(value):
            raise Refused(f"{self.label} ({self.name}) needs a whole number, not {value!r}.")
        number = int(value) if self.type is int else float(value)
        if (self.low is not None and number < self.low) or (self.high is not None and number > self.high):
            low, high = (f"{bound:g}" if bound is not None else "" for bound in (self.low, self.high))
            span = f"between {low} and {high}" if low and high else (f"at least {low}" if low else f"at most {high}")
            unit = f" {self.unit}" if self.unit else ""
            said = str(number) if self.type is int else f"{number:g}"
            raise Refused(f"{self.label} ({self.name}) is {said}; it must be {span}{unit}.")
        return number

    def parse(self, text: str) -> Value:
        """A command-line or form text as a checked value."""
        if self.type is bool:
            word = text.strip().lower()
            if word in ("true", "yes", "on", "1"):
                return True
            if word in ("false", "no", "off", "0"):
                return False
            return self.check(text)
        if self.choices or self.type is str:
            return self.check(text.strip())
        try:
            number = float(text)
        except ValueError:
            return self.check(text)
        return self.check(number)


def knob(
    default: Value,
    label: str,
    help: str,
    *,
    low: float | None = None,
    high: float | None = None,
    log: bool = False,
    unit: str = "",
    choices: tuple[Choice, ...] = (),
    when: tuple[str, tuple[Value, ...]] | None = None,
    numbers: tuple[int, int] | None = None,
    curve: str = "",
) -> Any:
    """Declare a knob: `width: int = knob(128, "Width", "Hidden units per layer.", low=4, high=512)`."""
    facts = {
        "label": label, "help": help, "low": low, "high": high,
        "log": log, "unit": unit, "choices": choices, "when": when, "numbers": numbers, "curve": curve,
    }  # fmt: skip
    return dataclasses.field(default=default, metadata={"knob": facts})


def numbers_in(text: str) -> tuple[float, ...]:
    """The finite numbers of a list such as "0, 0.5, 1"; ValueError where a part is none."""
    found = tuple(float(part) for part in text.split(","))
    if not all(map(math.isfinite, found)):
        raise ValueError(text)
    return found


def knobs_of(cls: type) -> tuple[Knob, ...]:
    """The knobs a frozen dataclass declares, in order."""
    hints = typing.get_type_hints(cls)
    return tuple(
        Knob(field.name, hints[field.name], typing.cast(Value, field.default), **field.metadata["knob"])
        for field in dataclasses.fields(cls)
        if "knob" in field.metadata
    )


def find_knob(knobs: tuple[Knob, ...], name: str) -> Knob:
    """The knob of that name, or Refused with the near ones."""
    for one in knobs:
        if one.name == name:
            return one
    raise no_such_knob(name, [one.name for one in knobs])


def no_such_knob(name: str, known: Sequence[str]) -> Refused:
    """The refusal of a knob that is not among those `known`, with the near ones."""
    return Refused(f"There is no knob named '{name}'. Did you mean {' or '.join(near(name, known) or known)}?")


def checked(knobs: tuple[Knob, ...], values: Mapping[str, object]) -> dict[str, Value]:
    """All knobs with their values: `values` checked, defaults for the rest; unknown names are Refused."""
    for name in values:
        find_knob(knobs, name)
    return {one.name: one.check(values.get(one.name, one.default)) for one in knobs}


def fill(cls: type[T], values: Mapping[str, object]) -> T:
    """An instance of the frozen knob set `cls` from checked `values`, defaults for the rest."""
    return cls(**checked(knobs_of(cls), values))
