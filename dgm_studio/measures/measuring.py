"""Measuring: every way to one measure's number for two laws, each as soon as it is known, then its doubt."""

from __future__ import annotations

import math
import time
import zlib
from collections.abc import Collection, Generator, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.core.measured import DISTANCE, SHARE, SQUARED, Measured
from dgm_studio.data.law import Law
from dgm_studio.measures.intervals import GROUPS, bootstrap, halves, jackknife, shrink
from dgm_studio.measures.measure import DENSITIES, Estimator, Measure

CLOSED_FORM, QUADRATURE = "closed form", "quadrature"
"""The ways that are no estimators; these go by their ids. A number's `method` is the estimator's title."""
USUAL = "usual"
"""The way that means the first estimator these laws allow."""
FEWEST, MOST = 100, 200_000
"""Samples of each side."""
FEW = 6
"""Groups and draws above an estimator's `quick`."""

Wait = Generator[Measured | None, None, tuple[str, ...]]
R = TypeVar("R")


@dataclass(frozen=True)
class Asked:
    """Two laws, n samples of each as far as a file of points reaches, a seed; `ways` are CLOSED_FORM, QUADRATURE, USUAL
    and ids of estimators, None for all there are; without `doubt` the values alone."""

    p: Law
    q: Law
    n: int = 2_000
    seed: int = 0
    ways: Collection[str] | None = None
    doubt: bool = True

    def __post_init__(self) -> None:
        if self.p.dim != self.q.dim:
            raise Refused(
                f"{self.p.title} has {_dimensions(self.p.dim)} and {self.q.title} has {_dimensions(self.q.dim)}: only "
                "laws of as many can be compared. Choose others, or other columns of the file."
            )
        if not FEWEST <= self.n <= MOST:
            raise Refused(f"n is {self.n:,}; it must be between {FEWEST:,} and {MOST:,} samples of each side.")

    def wants(self, way: str) -> bool:
        """Whether that way is to be gone."""
        return self.ways is None or way in self.ways


def measuring(measure: Measure, asked: Asked) -> Wait:
    """None for each slice, and a Measured for each way as it becomes known: closed form, quadrature, then of each
    estimator the value, the value with its interval, and with its floor too (the same `method`, updated).

    Returns why the ways that were not gone could not be; Refused where none could.
    """
    found, reasons = False, []
    usual = asked.ways is not None and USUAL in asked.ways
    for way in (_closed_form, _quadrature):
        known = yield from way(measure, asked)
        if known is not None:
            found = True
            yield known
    for one in measure.estimators:
        if not asked.wants(one.id) and not usual:
            continue
        try:
            yield from _estimate(measure, one, asked)
            found, usual = True, False
        except Refused as refusal:
            reasons.append(f"{one.title}: {refusal}")
    if not found:
        raise Refused(_no_way(measure, asked, reasons))
    return tuple(reasons)


def best(found: Iterable[Measured]) -> Measured:
    """The number to show where only one is shown: closed form, else quadrature, else the usual estimator's."""
    return min(found, key=lambda one: {CLOSED_FORM: 0, QUADRATURE: 1}.get(one.method, 2))


def _closed_form(measure: Measure, asked: Asked) -> Generator[None, None, Measured | None]:
    yield from ()
    if not asked.wants(CLOSED_FORM):
        return None
    begun = time.perf_counter()
    value = measure.closed_form(asked.p, asked.q)
    if value is None:
        return None
    took = time.perf_counter() - begun
    return Measured(measure.card.id, value, value, value, CLOSED_FORM, measure.unit, seconds=took)


def _quadrature(measure: Measure, asked: Asked) -> Generator[None, None, Measured | None]:
    if not asked.wants(QUADRATURE):
        return None
    answer, took = yield from _timed(measure.quadrature(asked.p, asked.q))
    if answer is None:
        return None
    value, error = answer
    low, high = (value, value) if math.isinf(value) else _cut(measure, value, value - error, value + error)
    return Measured(measure.card.id, value, low, high, QUADRATURE, measure.unit, seconds=took)


def _estimate(measure: Measure, one: Estimator, asked: Asked) -> Generator[Measured | None, None, None]:
    p, q = asked.p, asked.q
    if p.dim not in one.dims:
        raise Refused(f"it is not made for {_dimensions(p.dim)}.")
    asked_n = min(asked.n, one.most)
    x, y = _samples(asked, asked_n)
    yield None
    value, took = yield from _timed(one.function(x, y, p, q, _rng(asked, one, "value")))
    notes = [f"{one.title} takes {one.most:,} points of each side at most"] if asked.n > one.most else []
    notes += [f"{law.title} gave {len(cloud):,} points" for law, cloud in ((p, x), (q, y)) if len(cloud) < asked_n]
    notes = list(dict.fromkeys(notes))  # p and q may be one file
    now = Measured(
        measure.card.id, value, value, value, one.title, measure.unit, None, min(len(x), len(y)), one.bias, took,
        "; ".join(notes), str(measure.card.fact("better", "low")), pending=asked.doubt,
    )  # fmt: skip
    yield now
    if not asked.doubt:
        return
    try:
        low, high = yield from _interval(measure, one, asked, x, y, value)
        now = replace(now, low=low, high=high)
        yield now
        floor, note = yield from _floor(measure, one, asked, len(x), len(y))
    except Refused as refusal:  # the value stands all the same
        floor, note = None, f"without more: {refusal}"
    yield replace(now, floor=floor, note="; ".join([*notes, *([note] if note else [])]), pending=False)


def _interval(
    measure: Measure, one: Estimator, asked: Asked, x: Array, y: Array, value: float
) -> Generator[None, None, tuple[float, float]]:
    """The estimator's 95 % interval, cut where the measure ends; without bounds where it is not finite."""
    if not math.isfinite(value):
        return value, value
    rng = _rng(asked, one, "interval")

    def statistic(some: Array, others: Array) -> Generator[None, None, float]:
        # The same stream each time: what an estimator draws for itself is no part of the samples' spread.
        return one.function(some, others, asked.p, asked.q, _rng(asked, one, "value"))

    if one.interval == "bootstrap":
        low, high = yield from bootstrap(statistic, x, y, value, rng)
    else:
        order = rng.permutation(len(x)), rng.permutation(len(y))
        groups = min(_repeats(one, min(len(x), len(y))), len(x), len(y))
        spread = yield from jackknife(statistic, x, y, order, groups)
        low, high = value - spread, value + spread
    return _cut(measure, value, low, high)


def _cut(measure: Measure, value: float, low: float, high: float) -> tuple[float, float]:
    """The interval where the measure has values, and around the value wherever that is."""
    low = max(low, min(measure.least, value))
    return low, min(high, max(1.0, value)) if measure.unit == SHARE else high


def _floor(
    measure: Measure, one: Estimator, asked: Asked, n: int, m: int
) -> Generator[None, None, tuple[float | None, str]]:
    """The mean of the same estimator on fresh samples of p, of n and m points; for a file on random split halves,
    scaled as the unit falls with n (distances as n^-1/2, or n^-1/d from 3 dimensions on, squares twice as fast)."""
    p, rng = asked.p, _rng(asked, one, "floor")
    held, draws, note, scale = p.most(), [], "", 1.0
    if held is not None:
        half = halves(held, max(n, m))
        if half < 2:
            return None, f"{p.title} has too few points for a floor"
        if half < max(n, m):
            rate = {DISTANCE: 0.5, SQUARED: 1.0}.get(measure.unit, 0.0) * min(1.0, 2 / p.dim)
            scale = shrink(_mean_size(min(n, half), min(m, half)), _mean_size(n, m), rate)
            scaled = f"scaled to {n:,} and {m:,}" if rate else "not scaled"
            note = f"floor of random split halves of {half:,} points, {scaled}"
        n, m = min(n, half), min(m, half)
    for _ in range(_repeats(one, min(n, m))):
        both = p.draw(n + m, rng)
        yield
        draws.append((yield from one.function(both[:n], both[n:], p, p, rng)))
    return scale * float(np.mean(draws)), note


def _samples(asked: Asked, n: int) -> tuple[Array, Array]:
    """Samples of p and q, the same for all measures; of one and the same file two disjoint ones."""
    rng = np.random.default_rng([asked.seed, _salt("samples")])
    p, q = asked.p, asked.q
    shift = p.shift_to(q) if p.most() is not None and q.most() is not None else None
    if shift is not None and p.most() is not None and not shift.any():
        half = halves(p.most() or 0, n)
        if half < 2:
            raise Refused(f"{p.title} has too few points to be cut in two halves. Add some.")
        both = p.draw(2 * half, rng)
        return both[:half], both[half:]
    return p.draw(min(n, p.most() or n), rng), q.draw(min(n, q.most() or n), rng)


def _mean_size(n: int, m: int) -> float:
    """The size of two equal samples that are as far apart as samples of n and of m: 1/n + 1/m tells."""
    return 2 / (1 / n + 1 / m)


def _repeats(one: Estimator, n: int) -> int:
    return GROUPS if n <= one.quick else FEW


def _rng(asked: Asked, one: Estimator, what: str) -> np.random.Generator:
    return np.random.default_rng([asked.seed, _salt(one.id), _salt(what)])


def _salt(word: str) -> int:
    return zlib.crc32(word.encode())


def _timed(slow: Generator[None, None, R]) -> Generator[None, None, tuple[R, float]]:
    """The generator's value and the seconds spent in it, not those between its slices."""
    took = 0.0
    while True:
        begun = time.perf_counter()
        try:
            next(slow)
        except StopIteration as stop:
            return stop.value, took + time.perf_counter() - begun
        took += time.perf_counter() - begun
        yield


def _no_way(measure: Measure, asked: Asked, reasons: Collection[str]) -> str:
    """Why nothing could be measured, and what could be done."""
    own = [one for one in (asked.p, asked.q) if one.most() is not None]
    title = measure.card.title
    ids = ", ".join((CLOSED_FORM, QUADRATURE, *(one.id for one in measure.estimators)))
    dims = sorted({dim for one in measure.estimators for dim in one.dims})
    if measure.estimators and asked.p.dim not in dims:
        return (
            f"{title} is not known in {_dimensions(asked.p.dim)}: its ways ({ids}) go up to {dims[-1]}. Choose columns "
            "(--columns on the command line), or a measure that needs samples alone (w2, mmd, energy)."
        )
    if reasons:
        return f"{title} could not be measured. {' '.join(reasons)}"
    if asked.ways is not None and not any(asked.wants(way) for way in (CLOSED_FORM, QUADRATURE, USUAL)):
        return f"{title} has no such way. Its ways are {ids}."
    if DENSITIES in measure.card.needs and own:
        return (
            f"{title} needs both densities, and {own[0].title} is known by its points alone. Its ways are {ids}: "
            "choose a data set with a density, or a measure that samples suffice for (w2, mmd, energy)."
        )
    return f"{title} is not known for {asked.p.title} and {asked.q.title} by any of its ways ({ids}). Choose others."


def _dimensions(dim: int) -> str:
    return f"{dim} dimension" if dim == 1 else f"{dim} dimensions"
