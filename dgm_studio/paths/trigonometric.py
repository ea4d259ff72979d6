"""The trigonometric path: a quarter of a circle from noise to datum."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.paths.path import Path

QUARTER = 0.5 * math.pi


@dataclass(frozen=True)
class Trigonometric(Path):
    """a = sin(pi t / 2), s = cos(pi t / 2) (Albergo and Vanden-Eijnden, 2023): a^2 + s^2 = 1 at constant speed."""

    card: ClassVar[Card] = Card(
        id="trigonometric",
        title="Trigonometric",
        summary="A quarter of a circle walked at constant speed: the variance stays one, both ends are reached.",
        lecture="12",
        paper="Albergo and Vanden-Eijnden, 2023",
        formula="x_t = sin(pi t / 2) x_1 + cos(pi t / 2) x_0",
    )

    def a(self, t: Tensor) -> Tensor:
        """sin(pi t / 2)."""
        return torch.sin(QUARTER * t)

    def s(self, t: Tensor) -> Tensor:
        """cos(pi t / 2), as sin(pi (1 - t) / 2): exactly 0 at t = 1 in every precision."""
        return torch.sin(QUARTER * (1 - t))

    def da(self, t: Tensor) -> Tensor:
        """pi s / 2."""
        return QUARTER * self.s(t)

    def ds(self, t: Tensor) -> Tensor:
        """-pi a / 2."""
        return -QUARTER * self.a(t)

    def diffusion_squared(self, t: Tensor) -> Tensor:
        """pi s: the natural pi s / a times a, bounded at t = 0."""
        return math.pi * self.s(t)

    def lecture_clock(self, t: float) -> str:
        """The time that runs from data to noise."""
        return f"1 - t = {1 - t:.3f}"


PATH = Trigonometric()
