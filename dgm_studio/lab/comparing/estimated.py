"""Numbers over particles with their intervals."""

from __future__ import annotations

import math

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.comparing import Estimated
from dgm_studio.measures.intervals import student


def mean_of(values: Array) -> Estimated:
    """The mean of values (n,) with its 95 % interval, that of the mean of independent particles; of one particle its
    value alone."""
    mean = float(np.mean(values))
    half = _half(values)
    return Estimated(mean, mean - half, mean + half)


def rms_of(gaps: Array, floor: float | None = None) -> Estimated:
    """The root mean square length of vectors (n, d), the interval by that of the mean square."""
    squares = np.square(np.asarray(gaps, dtype=np.float64)).sum(axis=1)
    mean, half = float(squares.mean()), _half(squares)
    return Estimated(math.sqrt(mean), math.sqrt(max(0.0, mean - half)), math.sqrt(mean + half), floor)


def _half(values: Array) -> float:
    n = len(values)
    if n < 2:
        return 0.0
    return student(n - 1) * float(np.std(values, ddof=1)) / math.sqrt(n) if n > 4 else math.inf
