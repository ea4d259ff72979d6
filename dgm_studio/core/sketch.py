"""Sketches: what a small scene of the lectures shows, as plain arrays: plots, readings, a caption."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array, frozen

SOLID, DASHED = "solid", "dashed"


@dataclass(frozen=True, eq=False)
class Line:
    """One curve: x and y (n,), its colour token, and its doubt.

    `doubt` (n,) is the half-width of each value's 95 % interval, drawn as a bar; `band` (low, high: (n,)) is shaded.
    """

    name: str
    tone: str
    x: Array
    y: Array
    style: str = SOLID
    doubt: Array | None = None
    band: tuple[Array, Array] | None = None


@dataclass(frozen=True)
class Mark:
    """An upright line at one x."""

    name: str
    tone: str
    x: float


@dataclass(frozen=True, eq=False)
class Plot:
    """Curves over the same axes. `across` and `up` are the axes' words with units; `low` and `high` bound what is shown
    upwards, where the curves alone would give a poor view."""

    title: str
    across: str
    up: str
    lines: tuple[Line, ...]
    marks: tuple[Mark, ...] = ()
    log_x: bool = False
    log_y: bool = False
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Reading:
    """One number with the half-width of its 95 % interval, and the answer where it is known: `known` says how."""

    name: str
    value: float | None
    doubt: float | None = None
    exact: float | None = None
    unit: str = ""
    help: str = ""
    known: str = "exact"


@dataclass(frozen=True, eq=False)
class Sketch:
    """The first plot is the large one. `caption` says what to see, with this sketch's numbers."""

    plots: tuple[Plot, ...]
    readings: tuple[Reading, ...]
    caption: str
    repetitions: int


EMPTY = Sketch((), (), "", 0)
"""Before anything was drawn."""


def line(
    name: str, tone: str, x: Iterable[float] | Array, y: Iterable[float] | Array, style: str = SOLID,
    doubt: Iterable[float] | Array | None = None,
    band: tuple[Array, Array] | None = None,
) -> Line:  # fmt: skip
    """A Line of read-only float64 arrays."""
    return Line(
        name, tone, _floats(x), _floats(y), style,
        None if doubt is None else _floats(doubt),
        None if band is None else (_floats(band[0]), _floats(band[1])),
    )  # fmt: skip


def _floats(values: Iterable[float] | Array) -> Array:
    return frozen(np.array(values if isinstance(values, np.ndarray) else list(values), dtype=np.float64))
