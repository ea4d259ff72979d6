"""What the 1D transport to a fixed p needs: the quantiles of p, and the integral of its distribution function."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import torch
from torch import Tensor


class QuantileTable(ABC):
    """For r laws on the line: T = F^-1(u), and psi(T) = the integral of F up to T, so that A(u) = the integral of F^-1
    up to u is T u - psi(T) (Legendre): an error of T enters A squared, and dA/du = T."""

    def __init__(self, positions: Tensor, levels: Tensor) -> None:
        """positions (r, n) in order, levels (r, n) of them."""
        self.positions, self.levels = positions, levels

    def quantiles(self, u: Tensor) -> Tensor:
        """F^-1 at levels u (r, n), between two rows by a straight line."""
        after = torch.searchsorted(self.levels, u).clamp_(1, self.levels.shape[-1] - 1)
        low, high = self.levels.gather(-1, after - 1), self.levels.gather(-1, after)
        share = ((u - low) / (high - low).clamp_min(1e-300)).clamp_(0, 1)
        x, y = self.positions.gather(-1, after - 1), self.positions.gather(-1, after)
        return x + share * (y - x)

    @abstractmethod
    def below(self, x: Tensor) -> Tensor:
        """psi(x) = E max(x - X, 0), x (r, n)."""


class MixtureTable(QuantileTable):
    """Of Gaussian mixtures: weights (1, k), means and variances (r, k); about so many rows."""

    def __init__(self, weights: Tensor, means: Tensor, variances: Tensor, rows: int) -> None:
        self.weights, self.means, self.sds = weights, means, variances.sqrt()
        # Half the rows where each component lies: one alone may be far narrower than the whole.
        nodes = torch.linspace(-8.5, 8.5, rows // means.shape[-1], dtype=means.dtype)
        positions = (means[..., None] + self.sds[..., None] * nodes).flatten(-2).sort(-1).values
        z = (positions[..., None] - means[..., None, :]) / self.sds[..., None, :]
        super().__init__(positions, (weights[..., None, :] * torch.special.ndtr(z)).sum(-1))

    def below(self, x: Tensor) -> Tensor:
        z = (x[..., None] - self.means[..., None, :]) / self.sds[..., None, :]
        bell = torch.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)
        each: Tensor = self.sds[..., None, :] * (z * torch.special.ndtr(z) + bell)
        return (self.weights[..., None, :] * each).sum(-1)


class SampleTable(QuantileTable):
    """Of samples (r, n), each of weight 1/n: F is a staircase, F^-1 one of the samples."""

    def __init__(self, samples: Tensor) -> None:
        x = samples.sort(-1).values
        n = x.shape[-1]
        self.sums = torch.cumsum(x, -1)
        super().__init__(x, (torch.arange(1, n + 1, dtype=x.dtype) / n).expand(x.shape).contiguous())

    def quantiles(self, u: Tensor) -> Tensor:
        place = torch.searchsorted(self.levels, u).clamp_(0, self.levels.shape[-1] - 1)
        return self.positions.gather(-1, place)

    def below(self, x: Tensor) -> Tensor:
        place = torch.searchsorted(self.positions, x, right=True)
        sums = torch.cat((torch.zeros_like(self.sums[..., :1]), self.sums), -1).gather(-1, place)
        mean: Tensor = (place * x - sums) / self.positions.shape[-1]
        return mean
