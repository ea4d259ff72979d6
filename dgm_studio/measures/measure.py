"""What every measure is: a card, and up to three ways to its number: closed form, quadrature, estimators."""

from __future__ import annotations

from abc import ABC
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.data.law import Law

Slow = Generator[None, None, float]
"""Each next() is a slice of well under 50 ms; the value comes at the end."""

SAMPLES, DENSITIES = "samples", "densities"
"""What a measure may need (its card's `needs`)."""


FLAT = 1e-7
"""Of a cloud's largest spread: along a direction of so much less it has no extent."""


class Function(Protocol):
    """A number from two samples: x (n, d) of p, y (m, d) of q, float64; `p` and `q` are there for estimators that know
    one of the densities (average log-likelihood). Whatever is drawn at random comes from `rng`."""

    def __call__(self, x: Array, y: Array, p: Law, q: Law, rng: np.random.Generator) -> Slow: ...


@dataclass(frozen=True)
class Estimator:
    """One way from samples to a measure's number.

    `bias` is one sentence for an estimator whose mean at finite n is not the true value, else empty. `interval` is how
    its 95 % interval is found: "bootstrap" (percentile of resamples) or "jackknife" (delete-a-group: where the
    bootstrap of a distance fails). `most` is the largest n it takes (a notice stands above); above `quick` points one
    evaluation takes a good part of a second, and its interval and floor make do with fewer.
    """

    id: str
    title: str
    function: Function
    bias: str = ""
    interval: str = "jackknife"
    most: int = 200_000
    quick: int = 200_000
    dims: tuple[int, ...] = (1, 2)


class Measure(ABC):
    """The ways that exist; which of them a pair of laws allows is found out by asking. The first estimator is the usual
    one."""

    card: ClassVar[Card]
    """id, title, lecture, paper, formula; `needs` any of SAMPLES, DENSITIES; facts: unit (core.measured), symmetric."""
    estimators: ClassVar[tuple[Estimator, ...]] = ()
    least: ClassVar[float] = 0.0
    """What no value can be below."""

    def closed_form(self, p: Law, q: Law) -> float | None:
        """The exact number (inf included), where a formula gives it for this pair; else None."""
        return None

    def quadrature(self, p: Law, q: Law) -> Generator[None, None, tuple[float, float] | None]:
        """(value, bound on its error) by integrating densities; (inf, 0) where that is the limit; None where either law
        has no density. Each yield ends a slice."""
        yield from ()
        return None

    @property
    def unit(self) -> str:
        """Of the value."""
        return str(self.card.fact("unit", ""))

    @property
    def symmetric(self) -> bool:
        """Whether p and q may be exchanged."""
        return bool(self.card.fact("symmetric", False))


def same_space(x: Array, y: Array, least: int, what: str) -> None:
    """Refused unless both clouds are finite, of one dimension, and of `least` points or more."""
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1]:
        raise Refused(f"{what} compares two clouds of one dimension, not of shapes {x.shape} and {y.shape}.")
    if min(len(x), len(y)) < least:
        raise Refused(f"{what} needs {least} points or more of either law; there are {len(x):,} and {len(y):,}.")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise Refused(f"{what} met points that are not finite (NaN or infinite). Remove those rows.")


def differing(x: Array, y: Array, least: int, what: str) -> None:
    """`same_space`, and Refused where all points of either cloud are equal."""
    same_space(x, y, least, what)
    for cloud in (x, y):
        if not np.ptp(cloud, axis=0).any():
            raise Refused(f"{what} needs points that differ, and all {len(cloud):,} of one law are equal.")


def spread_out(x: Array, y: Array, least: int, what: str) -> None:
    """`differing`, and Refused where either cloud lies on a line or a plane of fewer dimensions than its points have:
    it then has no density, of which an estimate speaks."""
    differing(x, y, least, what)
    for cloud in (x, y):
        spread = np.linalg.svd(np.cov(cloud, rowvar=False, ddof=0).reshape(x.shape[1], -1), compute_uv=False)
        if spread[-1] <= FLAT**2 * spread[0]:
            raise Refused(
                f"{what} needs laws with a density, and all {len(cloud):,} points of one law lie on a line or flat: "
                "take w1, w2, energy or mmd."
            )


Measures = Mapping[str, Measure]
