"""The cosine schedule of improved DDPM in continuous time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.paths.vp import VariancePreserving

G2_MAX = 20.0
"""Bound on g^2: beta itself reaches several hundred at t = 0, too stiff for a few dozen stochastic steps."""


@dataclass(frozen=True)
class Cosine(VariancePreserving):
    """a = cos(theta(u)) / cos(theta(0)), theta(u) = (pi/2) (u_max u + offset) / (1 + offset), u = 1 - t.

    Nichol and Dhariwal (2021), eq. 17. At u = 1 theirs has a = 0 and an infinite beta, so they clip beta_t at
    0.999; in continuous time the angle ends at u_max = 0.9946 instead (Lu et al., 2022, DPM-Solver, appendix
    D.4), where a = 0.008.
    """

    card: ClassVar[Card] = Card(
        id="vp-cosine",
        title="Variance preserving (cosine)",
        summary="Variance preserving with a slower start and end: fewer steps are spent on noise.",
        lecture="7-8",
        paper="Nichol and Dhariwal, 2021",
        formula="a = cos(theta(1 - t)) / cos(theta(0)), s = sqrt(1 - a^2)",
    )
    offset: float = 0.008
    u_max: float = 0.9946

    def _angle(self, t: Tensor) -> Tensor:
        return (self.u_max * (1 - t) + self.offset) * (0.5 * math.pi / (1 + self.offset))

    @property
    def _start(self) -> float:
        return 0.5 * math.pi * self.offset / (1 + self.offset)

    def a(self, t: Tensor) -> Tensor:
        """cos(theta(u)) / cos(theta(0))."""
        return torch.cos(self._angle(t)) / math.cos(self._start)

    def log_a(self, t: Tensor) -> Tensor:
        """log of a."""
        return torch.log(self.a(t))

    def s(self, t: Tensor) -> Tensor:
        """sqrt(sin(theta - theta_0) sin(theta + theta_0)) / cos theta_0: accurate where a is 1."""
        angle, start = self._angle(t), self._start
        # theta - theta_0 from u itself, so that s(1) is exactly 0 in float32 too
        rise = self.u_max * (1 - t) * (0.5 * math.pi / (1 + self.offset))
        return torch.sqrt(torch.sin(rise) * torch.sin(angle + start)) / math.cos(start)

    def beta(self, t: Tensor) -> Tensor:
        """2 a'/a = 2 theta'(u) tan theta(u)."""
        return (math.pi * self.u_max / (1 + self.offset)) * torch.tan(self._angle(t))

    def diffusion_squared(self, t: Tensor) -> Tensor:
        """min(beta, G2_MAX): the natural choice, bounded; any g has the same marginals."""
        return self.beta(t).clamp(max=G2_MAX)


PATH = Cosine()
