"""The straight path of rectified flow and of flow matching."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.paths.path import Path


@dataclass(frozen=True)
class Straight(Path):
    """a = t, s = 1 - t (Lipman et al., 2023, with sigma_min = 0; Liu et al., 2023)."""

    card: ClassVar[Card] = Card(
        id="straight",
        title="Straight line",
        summary="Noise and datum are joined by a straight line walked at constant speed.",
        lecture="12",
        paper="Lipman et al., 2023; Liu et al., 2023",
        formula="x_t = t x_1 + (1 - t) x_0",
    )

    def a(self, t: Tensor) -> Tensor:
        """t."""
        return t.clone()

    def s(self, t: Tensor) -> Tensor:
        """1 - t."""
        return 1 - t

    def da(self, t: Tensor) -> Tensor:
        """1."""
        return torch.ones_like(t)

    def ds(self, t: Tensor) -> Tensor:
        """-1."""
        return -torch.ones_like(t)

    def diffusion_squared(self, t: Tensor) -> Tensor:
        """2 (1 - t): the natural 2 (1 - t) / t times a(t), bounded at t = 0.

        Up to the factor 2 the w = sigma_t of Ma et al., 2024 (SiT, section 3.4); any g has the same
        marginals.
        """
        return 2 * (1 - t)

    def time_of(self, sigma: Tensor) -> Tensor:
        """1 / (1 + sigma)."""
        return 1 / (1 + sigma)

    def lecture_clock(self, t: float) -> str:
        """The time that runs from data to noise."""
        return f"1 - t = {1 - t:.3f}"


PATH = Straight()
