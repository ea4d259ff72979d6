"""The extent of the data: the box that bins divide, and the unit in which a conditional is measured."""

from __future__ import annotations

import torch
from torch import Tensor, nn

MARGIN = 0.05
"""What the box reaches beyond the data on each side, in units of their own range."""

START = 3.0
"""Half the side of the box before any data are seen, centred on the origin: model units are near unit scale."""

EDGE = 1e-6
"""How far from the walls a place drawn in the box stays, in units of its side: rounding must not carry it out."""


class Extent(nn.Module):
    """The axis-aligned box [low, high] of dim axes. `settled` tells whether it has seen data; all of it is saved."""

    low: Tensor
    high: Tensor
    settled: Tensor

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.register_buffer("low", torch.empty(dim))
        self.register_buffer("high", torch.empty(dim))
        self.register_buffer("settled", torch.empty((), dtype=torch.bool))

    def fill(self, generator: torch.Generator) -> None:
        """The cube of half-side 3 around the origin, to be settled."""
        self.low.fill_(-START)
        self.high.fill_(START)
        self.settled.fill_(False)

    @torch.no_grad()
    def settle(self, points: Tensor) -> bool:
        """Take the range of points (n, dim) with a margin, at the first call and whenever a point lies outside; say
        whether the box moved."""
        low, high = torch.aminmax(points, dim=0)
        if bool(self.settled) and not bool(((low < self.low) | (high > self.high)).any()):
            return False
        low, high = self.walls(low, high)
        self.low.copy_(low)
        self.high.copy_(high)
        self.settled.fill_(True)
        return True

    def walls(self, low: Tensor, high: Tensor) -> tuple[Tensor, Tensor]:
        """The box around data that range from low to high, (dim,) each: 5 % more on each side; an axis on which all
        points agree gets a side of 1."""
        size = high - low
        reach = torch.where(size > 0, MARGIN * size, torch.full_like(size, 0.5))
        return low - reach, high + reach

    def holds(self, x: Tensor) -> Tensor:
        """Which of the points (n, dim) are inside, (n,) bool."""
        return ((x >= self.low) & (x <= self.high)).all(1)

    @property
    def size(self) -> Tensor:
        """Its sides (dim,)."""
        return self.high - self.low

    def to_unit(self, x: Tensor) -> Tensor:
        """Points (n, dim) as places in the unit cube; outside [0, 1] where outside the box."""
        return (x - self.low) / self.size

    def from_unit(self, u: Tensor) -> Tensor:
        """The inverse of `to_unit`."""
        return self.low + u * self.size

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Uniform points (n, dim) in the box, on the generator's device."""
        u = torch.rand((n, len(self.low)), generator=generator, device=generator.device, dtype=self.low.dtype)
        return self.from_unit(u.clamp(EDGE, 1 - EDGE))
