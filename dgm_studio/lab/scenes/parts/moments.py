"""Running moments: mean and variance of repetitions, each with its 95 % interval, that grow batch by batch."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from dgm_studio.core.arrays import Array

NORMAL_95 = 1.959963984540054
"""Half-width of a 95 % interval in standard errors."""


class Moments:
    """Count, mean and central sums up to the fourth, merged without cancellation (Pebay, 2008, section 3.1)."""

    def __init__(self) -> None:
        self.count = 0
        self.mean = math.nan
        self._m2 = self._m3 = self._m4 = 0.0

    def add(self, values: Array) -> None:
        """More repetitions (n,), n >= 1."""
        values = np.asarray(values, dtype=np.float64)
        n, mean = values.size, float(values.mean())
        gap = values - mean
        m2, m3, m4 = float((gap**2).sum()), float((gap**3).sum()), float((gap**4).sum())
        if not self.count:
            self.count, self.mean, self._m2, self._m3, self._m4 = n, mean, m2, m3, m4
            return
        a, total, d = self.count, self.count + n, mean - self.mean
        self._m4 += (
            m4
            + d**4 * a * n * (a * a - a * n + n * n) / total**3
            + 6 * d**2 * (a * a * m2 + n * n * self._m2) / total**2
            + 4 * d * (a * m3 - n * self._m3) / total
        )
        self._m3 += m3 + d**3 * a * n * (a - n) / total**2 + 3 * d * (a * m2 - n * self._m2) / total
        self._m2 += m2 + d**2 * a * n / total
        self.mean += d * n / total
        self.count = total

    @property
    def variance(self) -> float:
        """Unbiased; NaN for fewer than two."""
        return self._m2 / (self.count - 1) if self.count > 1 else math.nan

    @property
    def sd(self) -> float:
        """Root of the variance."""
        return math.sqrt(self.variance)

    @property
    def doubt(self) -> float:
        """Half-width of the mean's 95 % interval."""
        return NORMAL_95 * math.sqrt(self.variance / self.count) if self.count > 1 else math.nan

    @property
    def variance_doubt(self) -> float:
        """Half-width of the variance's 95 % interval: Var(s^2) = (mu_4 - sigma^4 (n - 3) / (n - 1)) / n."""
        n = self.count
        if n < 4:
            return math.nan
        spread = (self._m4 / n - self.variance**2 * (n - 3) / (n - 1)) / n
        return NORMAL_95 * math.sqrt(max(spread, 0.0))


def means(of: Sequence[Moments]) -> Array:
    """Means (k,)."""
    return np.array([one.mean for one in of])


def doubts(of: Sequence[Moments]) -> Array:
    """Half-widths of the means' 95 % intervals (k,)."""
    return np.array([one.doubt for one in of])
