"""Data sets that are curves blurred by Gaussian noise: their density is a one-dimensional integral."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.knobs import knob
from dgm_studio.data.dataset import Cloud, DataSet
from dgm_studio.data.mixture import REACH

# Panels of two standard deviations with six Gauss-Legendre nodes each leave a remainder near 6e-9 of the peak
# (remainder formula with the 12th derivative of the Gaussian); the card promises 1e-6. For wide noise
# bends count: panels turn by 0.3 rad on average (0.6 left 2e-6 on five spirals of three turns).
_NODES, _PANEL, _BEND = 6, 2.0, 0.3
_FINE = 4_097
_BLOCK = 1 << 16

QUADRATURE = (("density", "quadrature"), ("density error", 1e-6))
"""The facts every such data set's card carries: what the density is, and its error relative to its peak."""


@dataclass(frozen=True)
class NoisyCurves(DataSet):
    """x = c_k(u) + s eps: arm k uniform, place u in [0, 1] of density q(u), eps ~ N(0, I).

    p(x) = (1/K) sum_k integral_0^1 q(u) N(x; c_k(u), s^2 I) du, by composite Gauss-Legendre quadrature.
    """

    noise: float = knob(0.1, "Noise", "Standard deviation of the blur across the curve.", low=0.02, high=0.5, log=True)

    @property
    @abstractmethod
    def arm_count(self) -> int:
        """How many curves K there are."""

    @abstractmethod
    def curve(self, arm: Array, u: Array) -> Array:
        """c_k(u): arms (n,) and places (n,) to points (n, 2)."""

    def place(self, uniform: Array) -> Array:
        """Uniform numbers on [0, 1] to places u, the quantile function of q; the identity where q = 1."""
        return uniform

    def place_density(self, u: Array) -> Array:
        """q(u), the derivative of the inverse of `place`."""
        return np.ones_like(u)

    def label(self, arm: Array, u: Array) -> Array:
        """The class of a point: its arm."""
        return arm

    def draw(self, n: int, rng: np.random.Generator) -> Cloud:
        """n independent samples with their arms (or what `label` says) as labels."""
        arm = rng.integers(self.arm_count, size=n)
        u = self.place(rng.random(n))
        points = self.curve(arm, u) + self.noise * rng.standard_normal((n, 2))
        return Cloud(points.astype(np.float32), self.label(arm, u).astype(np.int64))

    def log_density(self, points: Array) -> Array:
        """log p(x) in nats at points (n, 2) -> (n,), float64, to 1e-6 of the density's peak."""
        centres, log_weights = self._quadrature()
        points = np.asarray(points, dtype=np.float64)
        variance = self.noise**2
        out = np.empty(len(points))
        for rows, shares, top in self._posterior(points, centres, log_weights):
            x = points[rows]
            out[rows] = top + np.log(shares.sum(axis=1)) - (x**2).sum(axis=1) / (2 * variance)
        return np.asarray(out - np.log(2 * np.pi * variance))

    def score(self, points: Array) -> Array:
        """(E[c | x] - x) / s^2 at points (n, 2) -> (n, 2): Tweedie's formula, by the same quadrature."""
        centres, log_weights = self._quadrature()
        points = np.asarray(points, dtype=np.float64)
        out = np.empty(points.shape)
        for rows, shares, _ in self._posterior(points, centres, log_weights):
            out[rows] = shares @ centres / shares.sum(axis=1)[:, None] - points[rows]
        return np.asarray(out / self.noise**2)

    def box(self) -> tuple[tuple[float, float], ...]:
        """The curves and REACH standard deviations of the noise."""
        centres, _ = self._quadrature()
        # Nodes stop short of a curve's ends, by less than half a panel.
        room = (REACH + _PANEL / 2) * self.noise
        low, high = centres.min(axis=0) - room, centres.max(axis=0) + room
        return tuple(zip(low.tolist(), high.tolist(), strict=True))

    def _posterior(self, points: Array, centres: Array, log_weights: Array) -> Iterator[tuple[slice, Array, Array]]:
        """Blocks of rows, with e^(power - top) (rows, m) of each node and top (rows,): the shares of q(c | x)."""
        # -|x - c|^2 / 2 s^2 as one matrix product; only the part that depends on c enters the sum.
        variance = self.noise**2
        offset = log_weights - (centres**2).sum(axis=1) / (2 * variance)
        directions = centres.T / variance
        step = max(1, _BLOCK // len(centres))
        for start in range(0, len(points), step):
            rows = slice(start, start + step)
            power = points[rows] @ directions
            power += offset
            top = power.max(axis=1)
            power -= top[:, None]
            yield rows, np.exp(power, out=power), top

    def _quadrature(self) -> tuple[Array, Array]:
        """Nodes on all arms (m, 2) and the logs of their weights (m,), which sum to one."""
        nodes, weights = np.polynomial.legendre.leggauss(_NODES)
        centres, log_weights = [], []
        for k in range(self.arm_count):
            edges = self._panel_edges(k)
            half = np.diff(edges)[:, None] / 2
            u = (edges[:-1, None] + half * (1 + nodes)).ravel()
            mass = (half * weights).ravel() * self.place_density(u) / self.arm_count
            centres.append(self.curve(np.full(len(u), k), u))
            log_weights.append(np.log(mass))
        return np.concatenate(centres), np.concatenate(log_weights)

    def _panel_edges(self, arm: int) -> Array:
        """Places that cut the arm into panels of equal length, short beside the noise and the bends."""
        u = np.linspace(0.0, 1.0, _FINE)
        steps = np.diff(self.curve(np.full(_FINE, arm), u), axis=0)
        length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(steps, axis=1))])
        bend = np.abs(np.diff(np.unwrap(np.arctan2(steps[:, 1], steps[:, 0])))).sum()
        panels = int(np.ceil(max(length[-1] / (_PANEL * self.noise), bend / _BEND)))
        return np.asarray(np.interp(np.linspace(0.0, length[-1], panels + 1), length, u))
