"""Laws of the stronger-or-weaker scene: uniform stretches of the line, and a wave on the unit interval."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.data.law import Box, Law
from dgm_studio.data.laws.same_shape import common_step, same

TURNS = 50
"""Halvings that find a wave's quantile: below a rounding error of the unit interval."""


class Stretches(Law):
    """sum_k w_k U[a_k, b_k] with disjoint stretches in order."""

    dim = 1

    def __init__(self, title: str, starts: Sequence[float] | Array, ends: Sequence[float] | Array,
                 weights: Sequence[float] | Array) -> None:  # fmt: skip
        self.title = title
        self.starts, self.ends, self.weights = (np.asarray(part, dtype=np.float64) for part in (starts, ends, weights))
        self.sums = np.concatenate(([0.0], np.cumsum(self.weights)))
        self.sums[-1] = 1.0

    @property
    def lengths(self) -> Array:
        """Of the stretches (k,)."""
        out: Array = self.ends - self.starts
        return out

    def draw(self, n: int, rng: np.random.Generator) -> Array:
        """n independent points (n, 1), by the inverse distribution function."""
        return self.quantile(rng.random(n))[:, None]

    def quantile(self, levels: Array) -> Array:
        """Inverse distribution function at levels (n,) in (0, 1) -> (n,)."""
        place = np.clip(np.searchsorted(self.sums, levels, side="right") - 1, 0, len(self.weights) - 1)
        share = (levels - self.sums[place]) / self.weights[place]
        out: Array = self.starts[place] + np.clip(share, 0.0, 1.0) * self.lengths[place]
        return out

    def log_density(self, points: Array) -> Array:
        """log p(x) at points (n, 1) -> (n,), -inf between stretches."""
        at = points[:, 0]
        place = np.clip(np.searchsorted(self.starts, at, side="right") - 1, 0, len(self.weights) - 1)
        inside = (at >= self.starts[place]) & (at <= self.ends[place])
        return np.where(inside, np.log(self.weights[place] / self.lengths[place]), -np.inf)

    def box(self) -> Box:
        """The support's hull."""
        return ((float(self.starts[0]), float(self.ends[-1])),)

    def breaks(self) -> tuple[float, ...]:
        """All ends of stretches."""
        return tuple(float(edge) for edge in np.unique(np.concatenate((self.starts, self.ends))))

    def shift_to(self, other: Law) -> Array | None:
        """Known for the same stretches elsewhere."""
        if not isinstance(other, Stretches) or not same(self.weights, other.weights):
            return None
        here, there = (np.concatenate((one.starts, one.ends))[:, None] for one in (self, other))
        return common_step(here, there)


class Wave(Law):
    """Density 1 + a cos(2 pi k x) on [0, 1], 0 <= a <= 1, k a whole number."""

    dim = 1

    def __init__(self, title: str, amplitude: float, waves: int) -> None:
        self.title, self.amplitude, self.waves = title, amplitude, waves

    def draw(self, n: int, rng: np.random.Generator) -> Array:
        """n independent points (n, 1), by rejection: two proposals a point at most."""
        kept = np.empty(0)
        while len(kept) < n:
            x = rng.random(2 * (n - len(kept)) + 16)
            under = (1 + self.amplitude) * rng.random(len(x)) < 1 + self.amplitude * np.cos(2 * np.pi * self.waves * x)
            kept = np.concatenate((kept, x[under]))
        return kept[:n, None]

    def quantile(self, levels: Array) -> Array:
        """By bisection of F(x) = x + a sin(2 pi k x) / (2 pi k), which never falls."""
        turn = 2 * np.pi * self.waves
        low, high = np.zeros_like(levels), np.ones_like(levels)
        for _ in range(TURNS):
            middle = (low + high) / 2
            below = middle + self.amplitude * np.sin(turn * middle) / turn < levels
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        out: Array = (low + high) / 2
        return out

    def log_density(self, points: Array) -> Array:
        """log p(x) at points (n, 1) -> (n,), -inf off the unit interval and where the density is 0."""
        at = points[:, 0]
        # 1 + cos(2 s) = 2 cos(s)^2, which keeps its digits where it is nearly 0.
        density = (1 - self.amplitude) + 2 * self.amplitude * np.cos(np.pi * self.waves * at) ** 2
        with np.errstate(divide="ignore"):
            return np.where((at >= 0) & (at <= 1), np.log(density), -np.inf)

    def box(self) -> Box:
        """The unit interval."""
        return ((0.0, 1.0),)

    def breaks(self) -> tuple[float, ...]:
        """Both ends, and where the density is least: at a = 1 it is 0 there."""
        least = (np.arange(self.waves) + 0.5) / self.waves
        return (0.0, *(float(one) for one in least), 1.0)
