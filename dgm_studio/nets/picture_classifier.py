"""The small convolutional classifier of pictures, whose features judge the pictures that models make."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import relu, silu

from dgm_studio.core.pictures import PictureShape

FEATURES = 64
"""Columns of a picture's features."""


class PictureClassifier(nn.Module):
    """Flat pictures (n, c h w) in [-1, 1] -> features (n, 64) -> logits (n, classes).

    Three convolutions that halve height and width, each with batch norm and ReLU; a hidden layer of 64 (the
    features), and a linear read-out. In eval mode no picture depends on another.
    """

    def __init__(self, shape: PictureShape, width: int = 32) -> None:
        super().__init__()
        self.shape, self.width = shape, width
        plan = ((shape.channels, width, 5), (width, 2 * width, 3), (2 * width, 4 * width, 3))
        # A batch norm follows and takes the mean away: a bias would do nothing.
        self.layers = nn.ModuleList(
            nn.Sequential(nn.Conv2d(inputs, outputs, size, 2, size // 2, bias=False), nn.BatchNorm2d(outputs))
            for inputs, outputs, size in plan
        )
        down, across = (-(-side // 8) for side in (shape.height, shape.width))  # halved three times, rounded up
        self.hidden = nn.Linear(4 * width * down * across, FEATURES)
        self.read_out = nn.Linear(FEATURES, shape.classes)

    def features(self, x: Tensor) -> Tensor:
        """Of flat pictures (n, c h w) in [-1, 1]: (n, 64)."""
        x = x.view(-1, self.shape.channels, self.shape.height, self.shape.width)
        x = x.contiguous(memory_format=torch.channels_last)  # a CPU's convolutions are a quarter faster so
        for layer in self.layers:
            x = relu(layer(x))
        return silu(self.hidden(x.flatten(1)))

    def forward(self, x: Tensor) -> Tensor:
        """Logits (n, classes)."""
        out: Tensor = self.read_out(self.features(x))
        return out


def moved(x: Tensor, shape: PictureShape, most: int, generator: torch.Generator) -> Tensor:
    """Flat pictures (n, c h w), each moved by up to `most` pixels down and across, its edge repeated: what a classifier
    is trained on besides, for a picture's class does not change with its place."""
    pictures = x.view(-1, shape.channels, shape.height, shape.width)
    padded = nn.functional.pad(pictures, (most,) * 4, mode="replicate")
    drawn = torch.randint(2 * most + 1, (2, len(x)), generator=generator, device=generator.device)
    down = drawn[0, :, None] + torch.arange(shape.height, device=x.device)
    across = drawn[1, :, None] + torch.arange(shape.width, device=x.device)
    rows = torch.arange(len(x), device=x.device)[:, None, None]
    # Indices on axes 0, 2, 3 with a slice between: the channels come last and go back to their place.
    cut = padded[rows, :, down[:, :, None], across[:, None, :]]
    return cut.permute(0, 3, 1, 2).flatten(1)
