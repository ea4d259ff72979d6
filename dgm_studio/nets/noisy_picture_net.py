"""What a classifier of noised pictures sees: two strided convolutions that are told the time."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import silu

from dgm_studio.core.pictures import PictureShape
from dgm_studio.nets.condition import Condition, Modulation

WIDTH = 16
"""Channels at half size; twice as many at a quarter."""


class NoisyPictureNet(nn.Module):
    """f(x, t): convolutions to a quarter of the size, a hidden layer whose units time scales and shifts, logits."""

    def __init__(self, shape: PictureShape, outputs: int) -> None:
        super().__init__()
        self.shape = shape
        down, across = (-(-side // 4) for side in (shape.height, shape.width))  # halved twice, rounded up
        self.told = Condition(2 * WIDTH)
        self.first = nn.Conv2d(shape.channels, WIDTH, 3, stride=2, padding=1)
        self.modulation = Modulation(2 * WIDTH, WIDTH, 2)
        self.second = nn.Conv2d(WIDTH, 2 * WIDTH, 3, stride=2, padding=1)
        self.hidden = nn.Linear(2 * WIDTH * down * across, 4 * WIDTH)
        self.out = nn.Linear(4 * WIDTH, outputs)

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        """Flat pictures (n, dim) of unit scale, times (n,) -> (n, outputs)."""
        shift, scale = (part[:, :, None, None] for part in self.modulation(self.told(t)))
        pictures = x.view(-1, self.shape.channels, self.shape.height, self.shape.width)
        features = silu(self.second(silu(self.first(pictures) * (1 + scale) + shift)))
        out: Tensor = self.out(silu(self.hidden(features.flatten(1))))
        return out
