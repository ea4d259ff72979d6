"""The variance-preserving path of DDPM and of the VP SDE."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.paths.path import Path

DDPM_STEPS = 1000
"""Length of the discrete chain whose index is the lecture's clock (Ho et al., 2020)."""

U_MIN = 1e-5
"""Where s' is infinite (t = 1) its value at 1 - t = U_MIN is returned, Song et al.'s epsilon (2021, appendix
C).
"""


class VariancePreserving(Path):
    """a^2 + s^2 = 1, so s s' = -a a'. s falls like a square root at t = 1, where s' is minus infinity."""

    @abstractmethod
    def log_a(self, t: Tensor) -> Tensor:
        """log a(t), which keeps s = sqrt(1 - a^2) accurate near t = 1."""

    @abstractmethod
    def beta(self, t: Tensor) -> Tensor:
        """The forward SDE's rate, beta = 2 a'/a."""

    def a(self, t: Tensor) -> Tensor:
        """exp(log a)."""
        return torch.exp(self.log_a(t))

    def s(self, t: Tensor) -> Tensor:
        """sqrt(1 - a^2)."""
        return torch.sqrt(-torch.expm1(2 * self.log_a(t)))

    def da(self, t: Tensor) -> Tensor:
        """a beta / 2."""
        return 0.5 * self.beta(t) * self.a(t)

    def ds(self, t: Tensor) -> Tensor:
        """-a a' / s; from 1 - t = U_MIN on the finite value there."""
        inner = t.clamp(max=1 - U_MIN)
        return self.s_ds(inner) / self.s(inner)

    def s_ds(self, t: Tensor) -> Tensor:
        """s s' = -a a', finite everywhere."""
        return -self.a(t) * self.da(t)

    def diffusion_squared(self, t: Tensor) -> Tensor:
        """beta(t): the natural choice 2 s^2 (a'/a - s'/s)."""
        return self.beta(t)

    def lecture_clock(self, t: float) -> str:
        """The index of DDPM's chain; 0 is the data."""
        return f"DDPM step {round((1 - t) * DDPM_STEPS)} of {DDPM_STEPS}"


@dataclass(frozen=True)
class LinearBeta(VariancePreserving):
    """log a = -u^2 (beta_max - beta_min) / 4 - u beta_min / 2 with u = 1 - t (Song et al., 2021, eq. 33).

    DDPM's beta_i from 1e-4 to 0.02 over 1000 steps is its discretisation.
    """

    card: ClassVar[Card] = Card(
        id="vp",
        title="Variance preserving (linear beta)",
        summary="The datum fades while noise grows so that the variance stays one: DDPM's chain.",
        lecture="7-11",
        paper="Ho et al., 2020; Song et al., 2021",
        formula="log a = -u^2 (beta_max - beta_min) / 4 - u beta_min / 2, u = 1 - t, s = sqrt(1 - a^2)",
    )
    beta_min: float = 0.1
    beta_max: float = 20.0

    def log_a(self, t: Tensor) -> Tensor:
        """-u^2 (beta_max - beta_min) / 4 - u beta_min / 2."""
        u = 1 - t
        return -0.25 * u * u * (self.beta_max - self.beta_min) - 0.5 * u * self.beta_min

    def beta(self, t: Tensor) -> Tensor:
        """beta_min + u (beta_max - beta_min)."""
        return self.beta_min + (1 - t) * (self.beta_max - self.beta_min)


PATH = LinearBeta()
