"""A data set as a person writes it on one line: `moons`, `moons:noise=0.2`, `gaussian:mean=0,0;std=1`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Knob, Value, knobs_of, no_such_knob
from dgm_studio.core.names import pick
from dgm_studio.core.table import PICTURES
from dgm_studio.data import data_sets
from dgm_studio.data.dataset import Alias, DataSet
from dgm_studio.data.points_file import SUFFIXES

FAR = 1e6
"""How far a law may be moved or stretched, where learning from it does not matter."""


def names_file(text: str) -> bool:
    """Whether the line names a file rather than a data set."""
    line = text.strip()
    if line.partition(":")[0] in data_sets():
        return False
    return line.lower().endswith((*SUFFIXES, *PICTURES)) or "/" in line or "\\" in line or Path(line).is_file()


def set_in(text: str, *, wide: bool = False, besides: Sequence[str] = ()) -> tuple[DataSet, dict[str, Value]]:
    """The data set (with its default knobs) and the checked values that were written for it.

    An alias stands for knobs of the set (data.dataset.Alias); one number where a plane needs two means the set's twin
    on the line. `wide` lets shifts and widths leave the range that suits learning. Names in `besides` that are no knobs
    of the set are passed over: the caller reads them (`parts_in`). Refused with the near names.
    """
    data_set = pick(data_sets(), text.partition(":")[0].strip(), "data set")
    parts = parts_in(text)
    if data_set.on_the_line and any(_is_shift(data_set, key) and "," not in value for key, value in parts.items()):
        data_set = data_sets()[data_set.on_the_line]
    knobs = {one.name: _widened(one, data_set) if wide else one for one in knobs_of(type(data_set))}
    values: dict[str, Value] = {}
    implied: dict[str, Value] = {}
    for key, written in parts.items():
        if key in knobs:
            values[key] = knobs[key].parse(written)
        elif key in data_set.aliases:
            alias = data_set.aliases[key]
            values.update((name, knobs[name].parse(number)) for name, number in _shared_out(alias, key, written))
            implied.update(alias.implies)
        elif key not in besides:
            raise no_such_knob(key, [*knobs, *data_set.aliases, *besides])
    return data_set, {**implied, **values}


def parts_in(text: str) -> dict[str, str]:
    """What is written after the colon, by name."""
    name, _, rest = text.strip().partition(":")
    found = {}
    for part in filter(None, (part.strip() for part in rest.split(";"))):
        key, equals, value = part.partition("=")
        if not equals:
            raise Refused(f"'{part}' is not a knob of {name}. Write knob=value, with ; between several.")
        found[key.strip()] = value.strip()
    return found


def _is_shift(data_set: DataSet, key: str) -> bool:
    return key in data_set.aliases and data_set.aliases[key].knobs == data_set.shifts


def _shared_out(alias: Alias, key: str, written: str) -> Iterator[tuple[str, str]]:
    """(knob, number) for each knob of the alias."""
    numbers = [part.strip() for part in written.split(",")]
    if len(numbers) not in (1, len(alias.knobs)):
        count = len(alias.knobs)
        want = "one number" if count == 1 else f"{count} numbers with commas between, or one for all"
        raise Refused(f"'{key}={written}' has {len(numbers)} numbers; {key} takes {want}.")
    yield from zip(alias.knobs, numbers * (len(alias.knobs) // len(numbers)), strict=True)


def _widened(one: Knob, data_set: DataSet) -> Knob:
    if one.name in data_set.shifts:
        return replace(one, low=-FAR, high=FAR)
    return replace(one, low=1 / FAR, high=FAR) if one.name in data_set.widths else one
