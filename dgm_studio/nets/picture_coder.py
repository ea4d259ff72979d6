"""Small convolutional networks between a picture and a quarter of its size: the two halves of an autoencoder."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import silu

from dgm_studio.core.errors import Refused
from dgm_studio.core.pictures import PictureShape

SHRINK = 4
"""How many pixels a side become one place of the small size."""


class Residual(nn.Module):
    """x + W silu(conv3x3(silu(x))), at the small size, where it costs little."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.near = nn.Conv2d(channels, channels, 3, padding=1)
        self.mix = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(n, c, h, w) -> the same."""
        out: Tensor = x + self.mix(silu(self.near(silu(x))))
        return out


class Shrink(nn.Module):
    """Pictures (n, c, h, w) to features (n, outputs, h/4, w/4): two strided convolutions, `blocks` residual ones."""

    def __init__(self, channels: int, outputs: int, width: int, blocks: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(channels, width, 4, stride=2, padding=1),
            nn.SiLU(),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1),
            *(Residual(2 * width) for _ in range(blocks)),
            nn.SiLU(),
            nn.Conv2d(2 * width, outputs, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(n, c, h, w) -> (n, outputs, h/4, w/4)."""
        out: Tensor = self.layers(x)
        return out


class Grow(nn.Module):
    """Features (n, inputs, h/4, w/4) to pictures (n, c, h, w): `blocks` residual convolutions, two pixel shuffles.

    A pixel shuffle (Shi et al., 2016) convolves at the smaller size and lays four channels out as 2x2 pixels: a fifth
    of the time of a convolution at the larger. `last` is the layer that draws the pixels.
    """

    def __init__(self, inputs: int, channels: int, width: int, blocks: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(inputs, 2 * width, 1),
            *(Residual(2 * width) for _ in range(blocks)),
            nn.SiLU(),
            nn.Conv2d(2 * width, 4 * width, 3, padding=1),
            nn.PixelShuffle(2),
            nn.SiLU(),
        )
        self.last = nn.Conv2d(width, 4 * channels, 3, padding=1)
        self.shuffle = nn.PixelShuffle(2)

    def forward(self, features: Tensor) -> Tensor:
        """(n, inputs, h/4, w/4) -> (n, c, h, w)."""
        out: Tensor = self.shuffle(self.last(self.layers(features)))
        return out


class PictureEncoder(nn.Module):
    """Flat pictures (n, dim) to (n, outputs), by Shrink and one matrix."""

    def __init__(self, shape: PictureShape, outputs: int, width: int, blocks: int) -> None:
        super().__init__()
        self.shape = shape
        rows, columns = small_size(shape)
        self.shrink = Shrink(shape.channels, 2 * width, width, blocks)
        self.out = nn.Linear(2 * width * rows * columns, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """(n, dim) -> (n, outputs)."""
        features = self.shrink(x.reshape(-1, *self.shape[:3]))
        out: Tensor = self.out(silu(features.flatten(1)))
        return out


class PictureDecoder(nn.Module):
    """Latents (n, inputs) to flat pictures (n, sheets dim), `sheets` of them one after the other (a mean and a
    log-variance are two), by one matrix and Grow."""

    def __init__(self, shape: PictureShape, inputs: int, sheets: int, width: int, blocks: int) -> None:
        super().__init__()
        self.small = (2 * width, *small_size(shape))
        self.into = nn.Linear(inputs, 2 * width * self.small[1] * self.small[2])
        self.grow = Grow(2 * width, sheets * shape.channels, width, blocks)

    def forward(self, z: Tensor) -> Tensor:
        """(n, inputs) -> (n, sheets dim)."""
        pictures: Tensor = self.grow(torch.unflatten(self.into(z), 1, self.small))
        return pictures.flatten(1)


def small_size(shape: PictureShape) -> tuple[int, int]:
    """Rows and columns of a quarter of the size; Refused where four do not divide a side."""
    if shape.height % SHRINK or shape.width % SHRINK:
        raise Refused(
            f"Pictures of {shape.width} x {shape.height} pixels cannot be halved twice; choose sides that {SHRINK} "
            "divides, such as 28 or 32."
        )
    return shape.height // SHRINK, shape.width // SHRINK
