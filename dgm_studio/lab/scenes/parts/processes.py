"""Diffusions of the line whose drift is g^2 / 2 times the slope of a logarithm, and what they begin with."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array

VP, VE, PURE, LANGEVIN, WELL = "vp", "ve", "diffusion", "langevin", "double-well"
GROWTH = 20.0
"""By how much g of the variance-exploding process grows over the whole time."""
MODE_STD = 0.45
"""Of each of the two Gaussians."""
STRAIGHT_FROM = 1.25
"""The double well's force goes on as a straight line beyond so many times the wells' place: the theorem asks for a
drift of bounded slope."""
BARRIER = 0.6
"""Height of the double well's barrier."""


@dataclass(frozen=True)
class Bells:
    """A mixture of equally likely Gaussians of the line."""

    means: tuple[float, ...]
    std: float

    def log_density(self, x: Array) -> Array:
        """log p(x) (n,)."""
        z = -0.5 * ((x[:, None] - np.array(self.means)) / self.std) ** 2
        top = z.max(axis=1)
        scale = math.log(len(self.means) * self.std * math.sqrt(2 * math.pi))
        return np.asarray(top + np.log(np.exp(z - top[:, None]).sum(axis=1)) - scale)

    def slope(self, x: Array) -> Array:
        """d log p/dx (n,)."""
        if len(self.means) == 1:
            return np.asarray((self.means[0] - x) / self.std**2)
        z = -0.5 * ((x[:, None] - np.array(self.means)) / self.std) ** 2
        shares = np.exp(z - z.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        return np.asarray((shares @ np.array(self.means) - x) / self.std**2)

    def averages(self, edges: Array) -> Array:
        """Mean density over each cell (n - 1,)."""
        from scipy.special import ndtr

        below = ndtr((edges[:, None] - np.array(self.means)) / self.std).mean(axis=1)
        return np.asarray(np.diff(below) / np.diff(edges))

    def draw(self, n: int, rng: np.random.Generator) -> Array:
        """n samples (n,)."""
        return np.asarray(rng.choice(self.means, n) + self.std * rng.standard_normal(n))

    @property
    def reach(self) -> float:
        """Beyond it, on either side, lies less than 1e-10 of the mass."""
        return max(abs(mean) for mean in self.means) + 6.5 * self.std


@dataclass(frozen=True)
class Process:
    """dx = f(x, t) dt + g(t) dW with f = g^2 / 2 d log(kept)/dx for times in [0, end].

    `kind` says what `kept` is: N(0, 1) of the variance-preserving process, nothing (f = 0) of pure diffusion and of the
    variance-exploding one, two Gaussians of the Langevin SDE, exp(-2 U / g^2) of the double well U. `apart` is the
    distance between the two modes or wells.
    """

    kind: str
    g: float
    end: float
    apart: float

    @property
    def two(self) -> Bells:
        """The two Gaussians."""
        return Bells((-0.5 * self.apart, 0.5 * self.apart), MODE_STD)

    @property
    def bells(self) -> Bells | None:
        """The kept density where it is Gaussian, or two of them."""
        return {VP: Bells((0.0,), 1.0), LANGEVIN: self.two}.get(self.kind)

    @property
    def keeps(self) -> bool:
        """Whether some density stays as it is."""
        return self.kind not in (VE, PURE)

    def log_kept(self, x: Array) -> Array:
        """Logarithm of the kept density up to a constant (n,), 0 where none is kept."""
        if self.bells is not None:
            return self.bells.log_density(x)
        return -2.0 * self._well(x) / self.g**2 if self.kind == WELL else np.zeros_like(x)

    def slope(self, x: Array) -> Array:
        """d log(kept)/dx (n,)."""
        if self.bells is not None:
            return self.bells.slope(x)
        return -2.0 * self._well_slope(x) / self.g**2 if self.kind == WELL else np.zeros_like(x)

    def steepest(self, x: Array) -> float:
        """The largest |d slope/dx| over x (n,): how short a step of a particle must be."""
        return float(np.abs(np.diff(self.slope(x)) / np.diff(x)).max())

    def clock(self, t: Array) -> Array:
        """Integral of g^2 / 2 from 0 to t (n,). The variance-exploding g grows geometrically, to the same in all."""
        share = t / self.end
        if self.kind == VE:
            share = np.expm1(2.0 * math.log(GROWTH) * share) / math.expm1(2.0 * math.log(GROWTH))
        return np.asarray(0.5 * self.g**2 * self.end * share)

    def exact(self, start: Bells, t: float) -> Bells | None:
        """p_t in closed form, where it has one."""
        clock = float(self.clock(np.array(t)))
        if self.kind == LANGEVIN:
            return start if start == self.two else None
        if self.kind == WELL:
            return None
        shrunk = math.exp(-clock) if self.kind == VP else 1.0
        noise = -math.expm1(-2.0 * clock) if self.kind == VP else 2.0 * clock
        return Bells(tuple(shrunk * mean for mean in start.means), math.sqrt(shrunk**2 * start.std**2 + noise))

    def half(self, start: Bells | None) -> float:
        """How far the grid reaches: no more mass than rounding shows is beyond it at any time."""
        first = start.reach if start is not None else 0.0
        if not self.keeps and start is not None:
            return max(abs(mean) for mean in start.means) + 6.5 * math.sqrt(start.std**2 + self.g**2 * self.end)
        far = np.linspace(0.0, 40.0, 4_001)
        log = self.log_kept(far)
        return max(first, float(far[log > log.max() - 25.0].max()))

    # The double well: U = BARRIER ((x / a)^2 - 1)^2 near it, a parabola of the same slope further out.

    def _well(self, x: Array) -> Array:
        a = max(0.5 * self.apart, 0.25)
        u, far = np.abs(x) / a, STRAIGHT_FROM
        inner = BARRIER * (np.minimum(u, far) ** 2 - 1.0) ** 2
        out = np.maximum(u - far, 0.0)
        first, second = 4.0 * BARRIER * far * (far**2 - 1.0), 4.0 * BARRIER * (3.0 * far**2 - 1.0)
        return np.asarray(inner + first * out + 0.5 * second * out**2)

    def _well_slope(self, x: Array) -> Array:
        a = max(0.5 * self.apart, 0.25)
        u, far = np.abs(x) / a, STRAIGHT_FROM
        near = np.minimum(u, far)
        inner = 4.0 * BARRIER * near * (near**2 - 1.0)
        out = 4.0 * BARRIER * (3.0 * far**2 - 1.0) * np.maximum(u - far, 0.0)
        return np.asarray(np.sign(x) * (inner + out) / a)
