"""Sketches: what a small scene of the lectures shows, as plain arrays: plots, readings, a caption."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.measured import Measured

SOLID, DASHED = "solid", "dashed"


@dataclass(frozen=True, eq=False)
class Line:
    """One curve: x and y (n,), its colour token, and its doubt.

    `doubt` (n,) is the half-width of each value's 95 % interval, drawn as a bar; `band` (low, high: (n,)) is shaded;
    where y is below `floor` (n,) the curve is grey: it says no more than noise would.
    """

    name: str
    tone: str
    x: Array
    y: Array
    style: str = SOLID
    doubt: Array | None = None
    band: tuple[Array, Array] | None = None
    floor: Array | None = None
    filled: bool = False
    """Whether the ground under the curve is tinted."""


@dataclass(frozen=True)
class Mark:
    """An upright line at one x."""

    name: str
    tone: str
    x: float


@dataclass(frozen=True, eq=False)
class Cloud:
    """Points (n, 2) of one colour, `size` design pixels across."""

    name: str
    tone: str
    points: Array
    size: float = 3.0


@dataclass(frozen=True, eq=False)
class Segments:
    """Straight pieces (n, 4) from (x, y) to (x, y); `weights` (n,) in [0, 1] are their opacities."""

    name: str
    tone: str
    ends: Array
    weights: Array | None = None
    width: float = 1.2


@dataclass(frozen=True, eq=False)
class Picture:
    """A map: values (rows, columns), row 0 at the bottom, over box (left, right, bottom, top).

    With `between` (low tone, high tone) it is coloured from one to the other by way of the stage's ground at `middle`;
    else from nothing to `tone`. `contours` are levels drawn as lines. With `cells` it is a table of shares in [0, 1]:
    sharp cells, full of `tone` at 1, each with its number where that fits, the name above.
    """

    name: str
    tone: str
    values: Array
    box: tuple[float, float, float, float]
    between: tuple[str, str] | None = None
    middle: float = 0.0
    contours: tuple[float, ...] = ()
    cells: bool = False


@dataclass(frozen=True, eq=False)
class Bars:
    """A histogram: edges (k + 1,), heights (k,). With `knob` a person draws it with the mouse: the knob is a text of
    the k heights, such as "1, 0.5, 0"."""

    name: str
    tone: str
    edges: Array
    heights: Array
    knob: str = ""
    filled: bool = True
    """Whether the ground under it is tinted; else only its outline is drawn."""


@dataclass(frozen=True)
class Grip:
    """A point that a person drags: the knob `across` becomes its x - from_x, the knob `up` its y - from_y, each
    divided by `scale`; no knob, no movement that way."""

    name: str
    tone: str
    x: float
    y: float
    across: str = ""
    up: str = ""
    from_x: float = 0.0
    from_y: float = 0.0
    scale: float = 1.0


@dataclass(frozen=True, eq=False)
class Pairing:
    """Points that a person connects by hand, one of `left` (n, 2) with one of `right` (m, 2), by dragging from one to
    the other; the knob is a text such as "0-3, 2-1". A pair drawn again is taken away."""

    left: Array
    right: Array
    knob: str


@dataclass(frozen=True, eq=False)
class Plot:
    """Curves, maps, clouds over the same axes, `across` and `up` in words with units. `low` and `high` bound what is
    shown upwards, `left` and `right` sideways, where what is drawn would give a poor view: a plot with grips needs all
    four, or it would run away from the hand. `equal` axes show a circle round. `names_across` and `names_up` are places
    with their names, where an axis has those in place of figures."""

    title: str
    across: str
    up: str
    lines: tuple[Line, ...]
    marks: tuple[Mark, ...] = ()
    log_x: bool = False
    log_y: bool = False
    low: float | None = None
    high: float | None = None
    pictures: tuple[Picture, ...] = ()
    bars: tuple[Bars, ...] = ()
    segments: tuple[Segments, ...] = ()
    clouds: tuple[Cloud, ...] = ()
    grips: tuple[Grip, ...] = ()
    pairing: Pairing | None = None
    equal: bool = False
    left: float | None = None
    right: float | None = None
    names_across: tuple[tuple[float, str], ...] = ()
    names_up: tuple[tuple[float, str], ...] = ()


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
    """The first plot is the large one. `caption` says what to see, with this sketch's numbers. `measured` are the
    numbers of measures, every way to one measure side by side."""

    plots: tuple[Plot, ...]
    readings: tuple[Reading, ...]
    caption: str
    repetitions: int
    measured: tuple[Measured, ...] = ()


EMPTY = Sketch((), (), "", 0)
"""Before anything was drawn."""


def line(
    name: str, tone: str, x: Iterable[float] | Array, y: Iterable[float] | Array, style: str = SOLID,
    doubt: Iterable[float] | Array | None = None,
    band: tuple[Array, Array] | None = None,
    filled: bool = False,
) -> Line:  # fmt: skip
    """A Line of read-only float64 arrays."""
    return Line(
        name, tone, _floats(x), _floats(y), style,
        None if doubt is None else _floats(doubt),
        None if band is None else (_floats(band[0]), _floats(band[1])),
        filled=filled,
    )  # fmt: skip


def _floats(values: Iterable[float] | Array) -> Array:
    return frozen(np.array(values if isinstance(values, np.ndarray) else list(values), dtype=np.float64))
