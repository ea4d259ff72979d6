"""What Langevin's steps of a size do to a known law of the line, by quadrature: the law ULA really has, and how often
MALA accepts."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.data.mixture import Mixture

PLACES = 321
"""Of the grid: finer than the step's noise down to sizes of 0.005, where sums of Gaussians are exact to 1e-8."""
LEVELS = 4_000
"""Quantiles that W2 is summed over."""


def _mixture(weights: tuple[float, ...], means: tuple[float, ...], stds: tuple[float, ...]) -> Mixture:
    return Mixture(np.array(weights), np.array(means)[:, None], np.array(stds)[:, None, None] ** 2)


TARGETS = {
    "gaussian": _mixture((1.0,), (0.0,), (1.0,)),
    "bells": _mixture((0.5, 0.5), (-1.5, 1.5), (0.7, 0.7)),
    "uneven": _mixture((0.5, 0.5), (-1.0, 1.0), (0.3, 1.0)),
}
"""By id: strongly log-concave as lecture 6's theorem asks; two modes; one mode three times as narrow as the other."""


class Stepped(NamedTuple):
    """The law of ULA at a step size, and MALA's acceptance. `x` (n,), its density (n,), mean and variance, W2 to the
    target; the share of proposals that MALA accepts when it samples the target."""

    x: Array
    density: Array
    mean: float
    variance: float
    w2: float
    accepted: float


class Slope:
    """Score (n, 1) and log-density (n,) of a target at points (n, 1), both from one evaluation of its bells, which is
    what a step of MALA asks of its proposal."""

    def __init__(self, target: str) -> None:
        law = TARGETS[target]
        self.means, self.stds = torch.from_numpy(law.means[:, 0]), torch.from_numpy(np.sqrt(law.covariances[:, 0, 0]))
        self.tops = torch.log(torch.from_numpy(law.weights) / (math.sqrt(2 * math.pi) * self.stds))

    def __call__(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """-sum_k r_k(x) z_k / s_k with z_k = (x - m_k) / s_k and r_k the bells' shares of the density; log p(x)."""
        z = (x - self.means) / self.stds
        parts = self.tops - 0.5 * z * z
        log_p = torch.logsumexp(parts, 1)
        score = -(torch.exp(parts - log_p[:, None]) * z / self.stds).sum(1, keepdim=True)
        return score, log_p


def largest_step(target: str) -> float:
    """4 s^2, s the width of the widest bell: from there on |1 - h / 2 s^2| >= 1 in the tails, and ULA diverges."""
    return 4.0 * float(TARGETS[target].covariances.max())


def moments(target: str) -> tuple[float, float]:
    """Mean and variance of the target itself."""
    law = TARGETS[target]
    mean = float(law.weights @ law.means[:, 0])
    return mean, float(law.weights @ (law.covariances[:, 0, 0] + law.means[:, 0] ** 2)) - mean**2


@lru_cache(maxsize=256)
def stepped(target: str, h: float) -> Stepped | None:
    """The invariant law pi of x' ~ N(x + h/2 score(x), h), from pi K = pi on a grid, and the double integral of
    p(x) q(y | x) min(1, p(y) q(x | y) / p(x) q(y | x)); None where ULA diverges. Takes 10 to 25 ms."""
    law = TARGETS[target]
    widest = math.sqrt(float(law.covariances.max()))
    left = 1 - h / largest_step(target)
    if left <= 0:
        return None
    reach = float(np.abs(law.means).max()) + 8 * widest / math.sqrt(left)
    x = np.linspace(-reach, reach, PLACES)
    step = x[1] - x[0]
    log_p, ahead = law.log_density(x[:, None]), x + 0.5 * h * law.score(x[:, None])[:, 0]
    log_q = -0.5 * (x - ahead[:, None]) ** 2 / h - 0.5 * math.log(2 * math.pi * h)
    kernel = np.exp(log_q) * step
    kernel /= kernel.sum(1, keepdims=True)
    system = kernel.T - np.eye(PLACES)
    system[-1] = 1.0  # the equations hold each other up: one of them makes room for the whole mass
    one = np.zeros(PLACES)
    one[-1] = 1.0
    shares = np.maximum(np.linalg.solve(system, one), 0.0)
    shares /= shares.sum()
    mean = float(shares @ x)
    flow = log_p[:, None] + log_q
    accepted = float(np.exp(np.minimum(flow, flow.T)).sum() * step**2)
    return Stepped(frozen(x), frozen(shares / step), mean, float(shares @ (x - mean) ** 2), _w2(law, x, shares),
                   accepted)  # fmt: skip


def _w2(law: Mixture, x: Array, shares: Array) -> float:
    """W2 of the target and a law on the grid: the root of the mean squared gap of their quantiles."""
    levels = (np.arange(LEVELS) + 0.5) / LEVELS
    edges = np.append(x, 2 * x[-1] - x[-2]) - 0.5 * (x[1] - x[0])
    sums = np.append(0.0, np.cumsum(shares))
    fine = np.linspace(edges[0], edges[-1], 10 * PLACES)
    spread = torch.from_numpy(np.sqrt(law.covariances[:, 0, 0]))
    below = torch.special.ndtr((torch.from_numpy(fine)[:, None] - torch.from_numpy(law.means[:, 0])) / spread).numpy()
    gaps = _quantile(levels, sums, edges) - _quantile(levels, below @ law.weights, fine)
    return math.sqrt(float(np.mean(gaps**2)))


def _quantile(levels: Array, sums: Array, x: Array) -> Array:
    """Where a distribution function with these values at x reaches the levels."""
    rising = np.append(True, np.diff(sums) > 0)
    return np.asarray(np.interp(levels, sums[rising], x[rising]))
