"""The small U-Net of pictures: convolutions at three sizes, joined across, time and class in every block."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, silu

from dgm_studio.core.pictures import PictureShape
from dgm_studio.nets.attention import SelfAttention
from dgm_studio.nets.condition import Condition, Modulation

SIZES = (1, 2, 3)
"""Channels at full, half and quarter size, in units of the width."""
GROUPS = 8


class PictureUNet(nn.Module):
    """F(x, t, y) (Ronneberger et al., 2015; Ho et al., 2020): `layers` blocks at each of three sizes down and up, each
    level up seeing what the level down had, attention over the smallest. Any height and width: each halving rounds
    up, and each doubling goes back to the very size it came from."""

    def __init__(self, shape: PictureShape, width: int, layers: int, classes: int = 0) -> None:
        super().__init__()
        self.shape = shape
        channels = [width * size for size in SIZES]
        told = 4 * width
        self.told = Condition(told, classes)
        self.into = nn.Conv2d(shape.channels, width, 3, padding=1)
        self.down = nn.ModuleList(
            _Level(own if at == 0 else channels[at - 1], own, told, layers) for at, own in enumerate(channels)
        )
        self.halve = nn.ModuleList(nn.Conv2d(own, own, 3, stride=2, padding=1) for own in channels[:-1])
        self.attention = SelfAttention(channels[-1])
        self.up = nn.ModuleList(
            _Level(own + channels[at + 1], own, told, layers) for at, own in enumerate(channels[:-1])
        )
        self.norm = _norm(width)
        self.out = ZeroConvolution(width, shape.channels, 3, padding=1)

    def forward(self, x: Tensor, t: Tensor, label: Tensor | None = None) -> Tensor:
        """Flat pictures x (n, dim), t (n,), labels (n,) from 0 to `classes` or None for none -> (n, dim)."""
        return self.drawn(x, self.told(t, label))

    def drawn(self, x: Tensor, told: Tensor, words: Tensor | None = None) -> Tensor:
        """The same told a vector (n, 4 width); `words` are for `look` alone."""
        hidden = self.into(x.view(len(x), self.shape.channels, self.shape.height, self.shape.width))
        across = []
        for at, level in enumerate(self.down):
            hidden = self.look(level(hidden, told), f"down{at}", words)
            if at < len(self.halve):
                across.append(hidden)
                hidden = self.halve[at](hidden)
        n, c, h, w = hidden.shape
        hidden = self.attention(hidden.flatten(2).transpose(1, 2)).transpose(1, 2).view(n, c, h, w)
        for at, beside in reversed(list(enumerate(across))):
            larger = interpolate(hidden, size=beside.shape[2:], mode="nearest")
            hidden = self.look(self.up[at](torch.cat((larger, beside), dim=1), told), f"up{at}", words)
        out: Tensor = self.out(silu(self.norm(hidden))).reshape(len(x), -1)
        return out

    def look(self, hidden: Tensor, place: str, words: Tensor | None) -> Tensor:
        """What a level (n, c, h, w) sees beside; nothing here (nets.captioned_unet)."""
        return hidden


class _Level(nn.Module):
    """`layers` blocks at one size."""

    def __init__(self, inputs: int, outputs: int, told: int, layers: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            ResidualBlock(inputs if at == 0 else outputs, outputs, told) for at in range(layers)
        )

    def forward(self, x: Tensor, told: Tensor) -> Tensor:
        for block in self.blocks:
            x = block(x, told)
        return x


class ResidualBlock(nn.Module):
    """x W + conv(silu(norm(conv(silu(norm(x)))) (1 + s) + b)), s and b from the condition; the last convolution is 0 at
    first (Ho et al., 2020, with the scale and shift of Dhariwal and Nichol, 2021)."""

    def __init__(self, inputs: int, outputs: int, told: int) -> None:
        super().__init__()
        self.norm = _norm(inputs)
        self.first = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.modulation = Modulation(told, outputs, 2)
        self.norm_2 = _norm(outputs)
        self.second = ZeroConvolution(outputs, outputs, 3, padding=1)
        self.past = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, x: Tensor, told: Tensor) -> Tensor:
        """(n, inputs, h, w), (n, told) -> (n, outputs, h, w)."""
        shift, scale = (part[:, :, None, None] for part in self.modulation(told))
        hidden = self.norm_2(self.first(silu(self.norm(x))))
        out: Tensor = self.past(x) + self.second(silu(torch.addcmul(shift, hidden, 1 + scale)))
        return out


class ZeroConvolution(nn.Conv2d):
    """A convolution that gives 0 until it has learnt."""

    def fill(self, generator: object) -> None:
        """Zeros; nothing random, `generator` is not used."""
        self.weight.zero_()
        if self.bias is not None:
            self.bias.zero_()


def _norm(channels: int) -> nn.GroupNorm:
    return nn.GroupNorm(math.gcd(channels, GROUPS), channels)
