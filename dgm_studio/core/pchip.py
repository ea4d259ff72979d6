"""Monotone cubic interpolation through values at equal spacing of [0, 1], with its exact derivative."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Generic, TypeVar, cast

import numpy as np

from dgm_studio.core.arrays import Array

X = TypeVar("X")


@dataclass(frozen=True)
class Cubic(ABC, Generic[X]):
    """y(t), t in [0, 1], through `values` (3 or more) at 0, h, 2 h, ..., 1: on each interval the cubic Hermite
    polynomial with the slopes of Fritsch and Butland, 1984, so it rises and falls only where the values do.

    Inner slopes: the harmonic mean of the secants, 0 where these change sign. Slopes at the ends: the parabola
    through three points, limited so as to keep the shape (Moler, 2004, Numerical Computing with MATLAB, section 3.6).
    """

    values: tuple[float, ...]

    @cached_property
    def slopes(self) -> tuple[float, ...]:
        """y'(t) at the values."""
        count = len(self.values) - 1
        secants = [(right - left) * count for left, right in pairwise(self.values)]
        inner = [2 * p * q / (p + q) if p * q > 0 else 0.0 for p, q in pairwise(secants)]
        return (_end_slope(secants[0], secants[1]), *inner, _end_slope(secants[-1], secants[-2]))

    def __call__(self, t: X) -> X:
        """y at times of any shape; at a value's own place exactly that value."""
        u, h, left, right, rise, fall = self._pieces(t)
        v = 1 - u
        return cast(X, v * v * (1 + 2 * u) * left + u * u * (1 + 2 * v) * right + h * u * v * (v * rise - u * fall))

    def slope(self, t: X) -> X:
        """y'(t)."""
        u, h, left, right, rise, fall = self._pieces(t)
        v = 1 - u
        return cast(X, 6 * u * v * (right - left) / h + v * (v - 2 * u) * rise + u * (u - 2 * v) * fall)

    @abstractmethod
    def _pieces(self, t: X) -> tuple[Any, ...]:
        """The place in its interval, the interval's length, and both ends' values and slopes."""


@dataclass(frozen=True)
class Pchip(Cubic[Array]):
    """The curve for numpy arrays of times; paths.pchip has torch's."""

    def _pieces(self, t: Array) -> tuple[Any, ...]:
        count = len(self.values) - 1
        which = np.clip(np.floor(t * count), 0, count - 1)
        index = which.astype(np.int64)
        values, slopes = np.asarray(self.values), np.asarray(self.slopes)
        return t * count - which, 1 / count, values[index], values[index + 1], slopes[index], slopes[index + 1]


def resampled(values: Sequence[float], count: int) -> tuple[float, ...]:
    """The same curve through `count` values, as near as so many can."""
    return tuple(Pchip(tuple(values))(np.linspace(0, 1, count)).tolist())


def _end_slope(near: float, far: float) -> float:
    """The slope at an end from the secant there and the next one."""
    slope = (3 * near - far) / 2
    if slope * near <= 0:
        return 0.0
    if near * far < 0 and abs(slope) > 3 * abs(near):
        return 3 * near
    return slope
