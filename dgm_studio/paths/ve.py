"""The variance-exploding path of NCSN and of the VE SDE."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.paths.path import Path


@dataclass(frozen=True)
class VarianceExploding(Path):
    """a = 1, s = sigma_min^t sigma_max^(1 - t): noise levels in geometric progression (Song and Ermon, 2019).

    sigma_max = 10 is about the largest distance in the studio's data sets (they lie within +-4), the first
    rule of Song and Ermon, 2020; p_0 then differs from the prior N(0, sigma_max^2 I) by about 1 % in width.
    sigma_min = 0.01 is left in the samples; it is below what a stage can show.
    """

    card: ClassVar[Card] = Card(
        id="ve",
        title="Variance exploding",
        summary="The datum stays, noise grows in geometric progression until it drowns everything.",
        lecture="7-11",
        paper="Song and Ermon, 2019; Song et al., 2021",
        formula="x_t = x_1 + sigma x_0, sigma = sigma_min^t sigma_max^(1 - t)",
    )
    sigma_min: float = 0.01
    sigma_max: float = 10.0

    @property
    def prior_std(self) -> float:
        """sigma_max."""
        return self.sigma_max

    @property
    def _rate(self) -> float:
        return math.log(self.sigma_max / self.sigma_min)

    def a(self, t: Tensor) -> Tensor:
        """1."""
        return torch.ones_like(t)

    def s(self, t: Tensor) -> Tensor:
        """sigma_min (sigma_max / sigma_min)^(1 - t)."""
        return self.sigma_min * torch.exp(self._rate * (1 - t))

    def da(self, t: Tensor) -> Tensor:
        """0."""
        return torch.zeros_like(t)

    def ds(self, t: Tensor) -> Tensor:
        """-s log(sigma_max / sigma_min)."""
        return -self._rate * self.s(t)

    def diffusion_squared(self, t: Tensor) -> Tensor:
        """2 s^2 log(sigma_max / sigma_min): the natural choice, d sigma^2 / d(1 - t)."""
        return 2 * self._rate * self.s(t) ** 2

    def time_of(self, sigma: Tensor) -> Tensor:
        """The inverse of s in closed form."""
        return (1 - torch.log(sigma / self.sigma_min) / self._rate).clamp(0.0, 1.0)

    def lecture_clock(self, t: float) -> str:
        """The noise level."""
        return f"sigma = {float(self.s(torch.tensor(t, dtype=torch.float64))):.3g}"


PATH = VarianceExploding()
