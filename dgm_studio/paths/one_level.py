"""The path that stands still: data under one noise level, at every time the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.paths.path import Path


@dataclass(frozen=True)
class OneLevel(Path):
    """a = 1, s = sigma >= 0 at all t: every p_t is the data convolved with N(0, sigma^2 I) (Vincent, 2011).

    It leads nowhere, so it is not one of `paths()`: score matching at one level has it, that the exact score stands
    beside the learned one. `width` is the standard deviation of the points that Langevin dynamics starts from.
    """

    card: ClassVar[Card] = Card(
        id="one-level",
        title="One noise level",
        summary="The datum under noise of one strength, whatever the time.",
        lecture="6-7",
        paper="Vincent, 2011",
        formula="x_σ = x_1 + σ x_0",
    )
    sigma: float = 0.3
    width: float = 1.0

    @property
    def prior_std(self) -> float:
        """width."""
        return self.width

    def a(self, t: Tensor) -> Tensor:
        """1."""
        return torch.ones_like(t)

    def s(self, t: Tensor) -> Tensor:
        """sigma."""
        return torch.full_like(t, self.sigma)

    def da(self, t: Tensor) -> Tensor:
        """0."""
        return torch.zeros_like(t)

    def ds(self, t: Tensor) -> Tensor:
        """0."""
        return torch.zeros_like(t)

    def diffusion_squared(self, t: Tensor) -> Tensor:
        """1: with velocity 0 the reverse SDE is then dx = score / 2 dt + dW, Langevin's."""
        return torch.ones_like(t)

    def lecture_clock(self, t: float) -> str:
        """The noise level."""
        return f"sigma = {self.sigma:.3g}"
