"""The path of EDM: noise levels spaced by a power law."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.paths.path import Path


@dataclass(frozen=True)
class PowerLaw(Path):
    """a = 1, s = (sigma_max^(1/rho) + t (sigma_min^(1/rho) - sigma_max^(1/rho)))^rho, so that evenly spaced t are the
    sampler's levels (Karras et al., 2022, equation 5; rho = 7, sigma_min = 0.002).

    Their sigma_max = 80 is for images of deviation 0.5 in thousands of dimensions; here it is 10, as for `ve`.
    """

    card: ClassVar[Card] = Card(
        id="edm",
        title="EDM (power law)",
        summary="The datum stays, noise grows by a power law: small levels get most of the steps.",
        lecture="11",
        paper="Karras et al., 2022",
        formula="s = (sigma_max^(1/7) + t (sigma_min^(1/7) - sigma_max^(1/7)))^7",
    )
    sigma_min: float = 0.002
    sigma_max: float = 10.0
    rho: float = 7.0

    @property
    def prior_std(self) -> float:
        """sigma_max."""
        return self.sigma_max

    @property
    def _ends(self) -> tuple[float, float]:
        return self.sigma_max ** (1 / self.rho), self.sigma_min ** (1 / self.rho)

    def _root(self, t: Tensor) -> Tensor:
        first, last = self._ends
        return first + t * (last - first)

    def a(self, t: Tensor) -> Tensor:
        """1."""
        return torch.ones_like(t)

    def s(self, t: Tensor) -> Tensor:
        """The noise level sigma."""
        return self._root(t) ** self.rho

    def da(self, t: Tensor) -> Tensor:
        """0."""
        return torch.zeros_like(t)

    def ds(self, t: Tensor) -> Tensor:
        """rho root^(rho - 1) root'."""
        first, last = self._ends
        return self.rho * (last - first) * self._root(t) ** (self.rho - 1)

    def diffusion_squared(self, t: Tensor) -> Tensor:
        """-2 s s': the natural choice, d sigma^2 / d(1 - t)."""
        return -2 * self.s_ds(t)

    def time_of(self, sigma: Tensor) -> Tensor:
        """The inverse of s in closed form."""
        first, last = self._ends
        return ((sigma ** (1 / self.rho) - first) / (last - first)).clamp(0.0, 1.0)

    def lecture_clock(self, t: float) -> str:
        """The noise level."""
        return f"sigma = {float(self.s(torch.tensor(t, dtype=torch.float64))):.3g}"


PATH = PowerLaw()
