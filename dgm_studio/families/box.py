"""The box that an energy-based model lives in: walls that reflect, uniform points, quadrature nodes."""

from __future__ import annotations

import torch
from torch import Tensor, nn

HALF = 4.0
"""Half a side before data are seen; the studio's own data lie inside."""

MARGIN = 0.5
"""The box is the data's range and this much on each side, rounded outwards to whole numbers, which read well."""


class Box(nn.Module):
    """low <= x <= high, (d,) each, part of the model's state; `settled` once they have been set from data."""

    low: Tensor
    high: Tensor
    settled: Tensor

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.register_buffer("low", torch.empty(dim))
        self.register_buffer("high", torch.empty(dim))
        self.register_buffer("settled", torch.empty((), dtype=torch.bool))

    def fill(self, generator: torch.Generator) -> None:
        """[-4, 4]^d, not settled; nothing random, `generator` is not used."""
        self.low.fill_(-HALF)
        self.high.fill_(HALF)
        self.settled.fill_(False)

    def settle(self, points: Tensor) -> None:
        """Set the walls around points (n, d)."""
        self.low.copy_(torch.floor(points.amin(0) - MARGIN))
        self.high.copy_(torch.ceil(points.amax(0) + MARGIN))
        self.settled.fill_(True)

    def holds(self, x: Tensor) -> Tensor:
        """Which of the points (n, d) are inside, (n,) bool."""
        return ((x >= self.low) & (x <= self.high)).all(1)

    def uniform(self, n: int, generator: torch.Generator) -> Tensor:
        """n points uniform in the box, (n, d), on the generator's device."""
        low, high = self.low.to(generator.device), self.high.to(generator.device)
        drawn = torch.rand((n, len(low)), generator=generator, device=generator.device, dtype=low.dtype)
        return low + (high - low) * drawn

    def reflect(self, x: Tensor) -> Tensor:
        """Points (n, d) that left the box, mirrored at its walls as often as it takes."""
        side = self.high - self.low
        return self.high - (torch.remainder(x - self.low, 2 * side) - side).abs()

    def nodes(self, count: int) -> tuple[Tensor, Tensor]:
        """Centres (count^d, d) of `count` cells per axis, and the logarithm of a cell's volume, 0-d."""
        share = (torch.arange(count, device=self.low.device, dtype=self.low.dtype) + 0.5) / count
        side = self.high - self.low
        axes = [low + length * share for low, length in zip(self.low, side, strict=True)]
        x = torch.stack(torch.meshgrid(*axes, indexing="ij"), -1).reshape(-1, len(side))
        return x, torch.log(side / count).sum()
