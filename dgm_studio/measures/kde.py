"""Kernel density estimates, with a bandwidth that the points themselves choose."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass

import torch
from torch import Tensor

FACTORS = (0.1, 0.15, 0.22, 0.33, 0.5, 0.75, 1.0)
"""Multiples of Scott's bandwidth that are tried: his rule is for one hump and blurs eight."""
HELD_OUT, FITTED = 128, 1_024
"""Points the factor is judged on (at most a quarter), and judged with, at most."""


@dataclass(frozen=True, eq=False)
class Kde:
    """p(x) = mean_i prod_a N(x_a; points_ia, bandwidth_a^2): points (n, d), bandwidth (d,), in their dtype."""

    points: Tensor
    bandwidth: Tensor

    def on_lattice(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """Density (rows * columns,) at all (x_j, y_i): the kernel separates, so one matrix product does it. Of points
        on a line: density (columns,) at all x_j.

        A bandwidth under half a cell is widened to that, so that no point falls unseen between the nodes.
        """
        if y is None:
            return self._kernel(x, 0).mean(dim=1)
        along_x, along_y = self._kernel(x, 0), self._kernel(y, 1)
        return torch.flatten(along_y @ along_x.T / len(self.points))

    def _kernel(self, at: Tensor, axis: int) -> Tensor:
        h = torch.maximum(self.bandwidth[axis], (at[1] - at[0]) / 2)
        white = (at[:, None] - self.points[None, :, axis]) / h
        return torch.exp(-0.5 * white.square() - h.log()) / math.sqrt(2 * math.pi)

    def log_density(self, x: Tensor) -> Tensor:
        """log p(x) (m,) in nats at x (m, d), finite far from every point too: m n distances, so keep m small."""
        d = self.points.shape[1]
        square = torch.cdist(x / self.bandwidth, self.points / self.bandwidth).square()
        scale = self.bandwidth.log().sum() + 0.5 * d * math.log(2 * math.pi) + math.log(len(self.points))
        return torch.logsumexp(-0.5 * square, dim=1) - scale


def fit_kde(points: Tensor) -> Generator[None, None, Kde]:
    """The KDE of points (n, d): Scott's rule (1992), h_a = std_a n^(-1/(d + 4)), times a factor.

    The factor is that of best likelihood for at most 128 held-out points given at most 1,024 others. Each yield ends
    a slice of a few milliseconds.
    """
    some = min(HELD_OUT, len(points) // 4)
    held, fitted = points[:some], points[some : some + FITTED]
    best, best_score = FACTORS[-1], -torch.inf
    for factor in FACTORS:
        score = float(Kde(fitted, factor * scott(fitted)).log_density(held).mean())
        if score > best_score:
            best, best_score = factor, score
        yield
    return Kde(points, best * scott(points))


def scott(points: Tensor) -> Tensor:
    """Scott's bandwidth per axis (d,), never quite zero."""
    n, d = points.shape
    return points.std(dim=0).clamp_min(1e-6) * math.pow(n, -1.0 / (d + 4))
