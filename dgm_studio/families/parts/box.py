"""The box that an energy-based model lives in: an extent with walls that reflect, and quadrature nodes."""

from __future__ import annotations

import torch
from torch import Tensor

from dgm_studio.families.parts.extent import Extent

HALF = 4.0
"""Half a side before data are seen; the studio's own data lie inside."""

MARGIN = 0.5
"""The box is the data's range and this much on each side, rounded outwards to whole numbers, which read well."""


class Box(Extent):
    """low <= x <= high, (d,) each: walls that read well, and what is known of the density inside them."""

    def fill(self, generator: torch.Generator) -> None:
        """[-4, 4]^d, not settled; nothing random, `generator` is not used."""
        super().fill(generator)
        self.low.fill_(-HALF)
        self.high.fill_(HALF)

    def walls(self, low: Tensor, high: Tensor) -> tuple[Tensor, Tensor]:
        """Half a unit more on each side, rounded outwards."""
        return torch.floor(low - MARGIN), torch.ceil(high + MARGIN)

    def reflect(self, x: Tensor) -> Tensor:
        """Points (n, d) that left the box, mirrored at its walls as often as it takes."""
        return self.high - (torch.remainder(x - self.low, 2 * self.size) - self.size).abs()

    def nodes(self, count: int) -> tuple[Tensor, Tensor]:
        """Centres (count^d, d) of `count` cells per axis, and the logarithm of a cell's volume, 0-d."""
        share = (torch.arange(count, device=self.low.device, dtype=self.low.dtype) + 0.5) / count
        axes = [low + length * share for low, length in zip(self.low, self.size, strict=True)]
        x = torch.stack(torch.meshgrid(*axes, indexing="ij"), -1).reshape(-1, len(self.size))
        return x, torch.log(self.size / count).sum()
