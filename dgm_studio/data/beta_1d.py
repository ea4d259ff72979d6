"""A beta distribution stretched over an interval: bounded, and skewed as one likes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.knobs import knob
from dgm_studio.data.on_the_line import OnTheLine


@dataclass(frozen=True)
class Beta1D(OnTheLine):
    """x = c + l (B - 1/2), B ~ Beta(a, b), so x lies on [c - l/2, c + l/2]; one column, labelled by half."""

    card = Card(
        id="beta-1d",
        title="Beta, 1D",
        summary="Mass on an interval and none beside it: skewed, flat or heaped up at both ends by two knobs.",
        paper="Johnson et al., 1995",
        formula="p(x) ∝ uᵃ⁻¹ (1 − u)ᵇ⁻¹,  u = (x − c) / l + ½",
        facts=(("density", "closed form"),),
    )
    shifts = ("shift",)
    widths = ("width",)

    a: float = knob(2.0, "Left power a", "Under 1: infinite at the left end; above: zero there.", low=0.5, high=8.0)
    b: float = knob(4.0, "Right power b", "Under 1: infinite at the right end; above: zero there.", low=0.5, high=8.0)
    width: float = knob(6.0, "Length l", "Length of the interval.", low=0.5, high=6.0)
    shift: float = knob(0.0, "Middle c", "Where the middle of the interval lies.", low=-3.0, high=3.0)

    def log_density(self, points: Array) -> Array:
        """log p(x) in nats at points (n, 1) -> (n,), -inf off the interval; at an end the limit from within."""
        u, v = self._ends(points)
        with np.errstate(divide="ignore", invalid="ignore"):
            # 0 * log 0 stands for a power of 0, which is 1.
            left = 0.0 if self.a == 1 else (self.a - 1) * np.log(u)
            right = 0.0 if self.b == 1 else (self.b - 1) * np.log(v)
            norm = math.lgamma(self.a + self.b) - math.lgamma(self.a) - math.lgamma(self.b) - math.log(self.width)
            return np.where((u < 0) | (v < 0), -np.inf, left + right + norm)

    def score(self, points: Array) -> Array:
        """((a - 1) / u - (b - 1) / (1 - u)) / l at points (n, 1) -> (n, 1); NaN off the open interval."""
        u, v = self._ends(points)
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = ((self.a - 1) / u - (self.b - 1) / v) / self.width
        return np.where((u <= 0) | (v <= 0), np.nan, slope)[:, None]

    def sample(self, n: int, rng: np.random.Generator) -> Array:
        """n independent points (n, 1), float64: numpy's own beta variates, far quicker than inversion."""
        return np.asarray(self.shift + self.width * (rng.beta(self.a, self.b, size=(n, 1)) - 0.5))

    def box(self) -> tuple[tuple[float, float], ...]:
        """The interval."""
        return ((self.shift - self.width / 2, self.shift + self.width / 2),)

    def breaks(self) -> tuple[float, ...]:
        """Both ends."""
        return self.box()[0]

    def quantile(self, levels: Array) -> Array:
        """The inverse of the regularised incomplete beta function, stretched."""
        from scipy.special import betaincinv

        return np.asarray(self.shift + self.width * (betaincinv(self.a, self.b, np.asarray(levels)) - 0.5))

    @property
    def middle(self) -> float:
        """The mean: either side has points, however skewed."""
        return self.shift + self.width * (self.a / (self.a + self.b) - 0.5)

    def _ends(self, points: Array) -> tuple[Array, Array]:
        """u and 1 - u, each exact near its own end."""
        ((low, high),) = self.box()
        x = np.asarray(points, dtype=np.float64)[:, 0]
        return (x - low) / self.width, (high - x) / self.width


DATA = Beta1D()
