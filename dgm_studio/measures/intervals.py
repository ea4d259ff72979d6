"""Intervals and noise floors of any statistic of two samples: delete-a-group jackknife, bootstrap, split halves."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator

import numpy as np

from dgm_studio.core.arrays import Array

GROUPS = 20
"""Blocks of the delete-a-group jackknife."""
RESAMPLES = 200
"""Of the bootstrap."""

Statistic = Callable[[Array, Array], Generator[None, None, float]]
"""A number of two clouds (n, d), (m, d); each yield ends a slice."""


def jackknife(
    statistic: Statistic, x: Array, y: Array, order: tuple[Array, Array], groups: int = GROUPS
) -> Generator[None, None, float]:
    """Half the width of the 95 % interval of statistic(x, y) around its value; each replicate ends a slice.

    Delete-a-group (Kott, 2001): point i of x is in block order[0][i] modulo `groups`, likewise y; each block is left
    out of both clouds at once, and the spread of the `groups` replicates is that of the statistic, by Student's t. By
    Efron and Stein (1981) its variance is never too small in expectation, for p = q too, where the bootstrap of a
    distance fails. It says how far fresh samples would move the number: nothing of its bias. Infinite where a replicate
    is not finite.
    """
    blocks_x, blocks_y = order[0] % groups, order[1] % groups
    without = []
    for group in range(groups):
        yield
        without.append((yield from statistic(x[blocks_x != group], y[blocks_y != group])))
    if not np.isfinite(without).all():
        return math.inf
    variance = (groups - 1) / groups * float(np.sum((np.array(without) - np.mean(without)) ** 2))
    return student(groups - 1) * math.sqrt(variance)


def bootstrap(
    statistic: Statistic, x: Array, y: Array, value: float, rng: np.random.Generator, resamples: int = RESAMPLES
) -> Generator[None, None, tuple[float, float]]:
    """The basic 95 % bootstrap interval of statistic(x, y) = `value`: 2 value - (97.5 %, 2.5 %) of the resamples
    (Davison and Hinkley, 1997, equation 5.6); each resample ends a slice.

    For means and smooth functions of them. Not for distances to neighbours, nor for kernels: resampling makes twins.
    """
    found = []
    for _ in range(resamples):
        yield
        drawn = x[rng.integers(len(x), size=len(x))], y[rng.integers(len(y), size=len(y))]
        found.append((yield from statistic(*drawn)))
    if not np.isfinite(found).all():
        return -math.inf, math.inf
    low, high = np.quantile(found, (0.025, 0.975))
    return 2 * value - float(high), 2 * value - float(low)


def halves(count: int, n: int) -> int:
    """How many of `count` points each of two disjoint random parts may have, n at most."""
    return min(n, count // 2)


def shrink(half: float, n: float, power: float) -> float:
    """(half / n)^power: what takes the floor of samples of `half` points to samples of n, where it falls as
    n^-power; 1 where half = n."""
    return math.pow(half / n, power)


def student(freedom: int) -> float:
    """The 97.5 % point of Student's t for `freedom` degrees, by Hill's expansion (1970): to 1e-3 from 4 up."""
    z = 1.959963984540054
    z2 = z * z
    terms: tuple[float, ...] = (
        (z2 + 1) / 4,
        ((5 * z2 + 16) * z2 + 3) / 96,
        (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384,
        ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92_160,
    )
    return z * (1.0 + sum(term / math.pow(freedom, power + 1) for power, term in enumerate(terms)))
