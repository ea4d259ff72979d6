"""Monotone cubic interpolation through values at equal spacing of [0, 1], with its exact derivative."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import torch
from torch import Tensor


@dataclass(frozen=True)
class Pchip:
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

    def __call__(self, t: Tensor) -> Tensor:
        """y at times of any shape; at a value's own place exactly that value."""
        u, h, left, right, rise, fall = self._pieces(t)
        v = 1 - u
        return v * v * (1 + 2 * u) * left + u * u * (1 + 2 * v) * right + h * u * v * (v * rise - u * fall)

    def slope(self, t: Tensor) -> Tensor:
        """y'(t)."""
        u, h, left, right, rise, fall = self._pieces(t)
        v = 1 - u
        return 6 * u * v * (right - left) / h + v * (v - 2 * u) * rise + u * (u - 2 * v) * fall

    def _pieces(self, t: Tensor) -> tuple[Tensor, float, Tensor, Tensor, Tensor, Tensor]:
        """The place in its interval, the interval's length, and both ends' values and slopes."""
        count = len(self.values) - 1
        which = (t.detach() * count).floor().clamp(0, count - 1)
        index = which.long()
        values, slopes = (_row(row, t) for row in (self.values, self.slopes))
        return t * count - which, 1 / count, values[index], values[index + 1], slopes[index], slopes[index + 1]


def _row(row: Sequence[float], like: Tensor) -> Tensor:
    return torch.tensor(row, dtype=like.dtype, device=like.device)


def _end_slope(near: float, far: float) -> float:
    """The slope at an end from the secant there and the next one."""
    slope = (3 * near - far) / 2
    if slope * near <= 0:
        return 0.0
    if near * far < 0 and abs(slope) > 3 * abs(near):
        return 3 * near
    return slope
