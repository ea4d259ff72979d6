"""What every path is: a(t), s(t), their derivatives, the prior it starts from, the lecture's own clock."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from dgm_studio.core.card import Card


@dataclass(frozen=True)
class Path(ABC):
    """x_t = a(t) x_1 + s(t) x_0, t in [0, 1]; all functions map a tensor of times to one of the same shape.

    `prior_std` is the standard deviation of the Gaussian that sampling starts from at t = 0; where a(0) is
    not 0 (VP, VE) p_0 differs from it, and the gap is shown.
    """

    card: ClassVar[Card]

    @property
    def prior_std(self) -> float:
        """Standard deviation of the start noise."""
        return 1.0

    @abstractmethod
    def a(self, t: Tensor) -> Tensor:
        """Weight of the clean datum x_1."""

    @abstractmethod
    def s(self, t: Tensor) -> Tensor:
        """Weight (standard deviation) of the noise x_0."""

    @abstractmethod
    def da(self, t: Tensor) -> Tensor:
        """a'(t)."""

    @abstractmethod
    def ds(self, t: Tensor) -> Tensor:
        """s'(t)."""

    def s_ds(self, t: Tensor) -> Tensor:
        """s s' as one product: finite also where s = 0 and s' is not (VP at t = 1), which marginals need."""
        return self.s(t) * self.ds(t)

    @abstractmethod
    def diffusion_squared(self, t: Tensor) -> Tensor:
        """g(t)^2 of the reverse SDE dx = [velocity + g^2/2 score] dt + g dW, which has the marginals p_t for
        any g.

        Natural choice 2 s^2 (a'/a - s'/s): that of the forward SDE run backwards; paths where it is singular
        state theirs.
        """

    @abstractmethod
    def lecture_clock(self, t: float) -> str:
        """The lecture's own time as a label, e.g. 'DDPM step 180 of 1000', 'sigma = 0.20', '1 - t = 0.18'."""

    def time_of(self, sigma: Tensor) -> Tensor:
        """The time t in [0, 1] at which s / a = sigma, for noise levels (n,): the nearer end where there is none.

        s / a falls from noise to data, so halving finds it to 2^-30; paths with a closed form give that.
        """
        low, high = torch.zeros_like(sigma), torch.ones_like(sigma)
        for _ in range(30):
            middle = 0.5 * (low + high)
            early = self.s(middle) > sigma * self.a(middle)
            low, high = torch.where(early, middle, low), torch.where(early, high, middle)
        return 0.5 * (low + high)

    def mix(self, x1: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        """x_t (n, d) for x1, x0 (n, d) and times t (n,)."""
        return self.a(t)[:, None] * x1 + self.s(t)[:, None] * x0

    def time_grid(self, steps: int, dtype: torch.dtype = torch.float32) -> Tensor:
        """steps + 1 times from 0 to 1, evenly spaced in t unless the path is better walked otherwise."""
        return torch.linspace(0.0, 1.0, steps + 1, dtype=dtype)
