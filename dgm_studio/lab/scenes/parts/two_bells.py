"""Two Gaussian bells a distance apart, noised to a level: what Langevin chains must cross, in closed form."""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.arrays import Array
from dgm_studio.data.mixture import Mixture

FINE = 4_001
"""Places of a quadrature along the line."""


class TwoBells:
    """w N(-m, s^2 I) + (1 - w) N(m, s^2 I), s^2 = detail^2 + sigma^2: data of width `detail` at noise level sigma.

    In any number of dimensions: the centres are at -separation / 2 and separation / 2 on the first axis and at 0 on
    the others. The axes are independent, so that all that happens between the bells happens on the first.
    """

    def __init__(self, separation: float, left_weight: float, detail: float, sigma: float) -> None:
        self.middle, self.left_weight, self.sigma = separation / 2, left_weight, sigma
        self.std = math.hypot(detail, sigma)
        self.log_odds = math.log((1 - left_weight) / left_weight)
        means = np.array([[-self.middle], [self.middle]])
        self.line = Mixture(np.array([left_weight, 1 - left_weight]), means, np.full((2, 1, 1), self.std**2))
        """The marginal of the first axis, noised."""

    def score(self, x: Tensor) -> Tensor:
        """(E - x) / s^2 at points (n, d), E = m tanh(m x_1 / s^2 + log((1 - w) / w) / 2) on the first axis, 0 on the
        others: the mean of the centres, each weighted by what it has of the density at x."""
        pull = -x
        pull[:, 0] += self.middle * torch.tanh(self.middle / self.std**2 * x[:, 0] + 0.5 * self.log_odds)
        return pull / self.std**2

    @property
    def right_share(self) -> float:
        """P(x_1 > 0)."""
        return 1.0 - float(self._below(np.zeros(1))[0])

    def _below(self, x: Array) -> Array:
        """F(x) of the first axis (n,)."""
        gaps = torch.from_numpy((x[:, None] - self.line.means[:, 0]) / self.std)
        return np.asarray(torch.special.ndtr(gaps).numpy() @ self.line.weights)

    @cached_property
    def _profile(self) -> tuple[Array, Array]:
        """x from centre to centre, and log p(x) there."""
        x = np.linspace(-self.middle, self.middle, FINE)
        return x, self.line.log_density(x[:, None])

    @property
    def barrier(self) -> float:
        """log p at the lower of the two tops minus log p at the saddle between them, in nats; 0 where there is none."""
        _, log_p = self._profile
        low = int(np.argmin(log_p))
        if low in (0, FINE - 1):
            return 0.0
        return float(min(log_p[: low + 1].max(), log_p[low:].max()) - log_p[low])

    def crossing(self, to_right: bool) -> float:
        """Mean time in which dx = score / 2 dt + dW first goes from one centre to the other: to the right
        2 int F / p over the way, F the distribution function (Gardiner, 2009, section 5.5); quadrature. A step of size
        h is h of that time. inf beyond what a float holds.
        """
        x, log_p = self._profile
        behind = self._below(x)
        if not to_right:
            behind = 1.0 - behind
        with np.errstate(over="ignore"):
            return float(2 * np.trapezoid(behind * np.exp(-log_p), x))

    def map(self, box: tuple[float, float, float, float], rows: int, columns: int) -> Array:
        """The noised density over a box of the plane (rows, columns), row 0 at the bottom."""
        x, y = (low + (np.arange(k) + 0.5) / k * (high - low)
                for low, high, k in ((*box[:2], columns), (*box[2:], rows)))  # fmt: skip
        across = np.exp(self.line.log_density(x[:, None]))
        up = np.exp(-0.5 * (y / self.std) ** 2) / (self.std * math.sqrt(2 * math.pi))
        return np.asarray(up[:, None] * across)
