"""Adaptive instance normalisation: each channel of a picture takes its mean and its spread from a style."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import instance_norm, leaky_relu

from dgm_studio.nets.init import normal_

EPSILON = 1e-5


def adain(x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    """scale (x - mu(x)) / sigma(x) + shift, mu and sigma over the places of each channel of each picture (Huang and
    Belongie, 2017, equation 8): x (n, c, h, w), scale and shift (n, c) -> (n, c, h, w) of mean `shift` and standard
    deviation |scale|, where sigma^2 is far above 1e-5."""
    normal = instance_norm(x, eps=EPSILON)
    return torch.addcmul(shift[:, :, None, None], normal, scale[:, :, None, None])


class StyledNorm(nn.Module):
    """AdaIN whose scale and shift are an affine map of a style w (n, s): (scale, shift) = A w + (1, 0) + b."""

    def __init__(self, style: int, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(2 * channels, style))
        self.bias = nn.Parameter(torch.empty(2 * channels))

    def fill(self, generator: torch.Generator) -> None:
        """A from N(0, 1 / s): styles of unit spread say as much as a latent does. Scale 1 and shift 0 for the style 0
        (Karras et al., 2019, appendix C)."""
        normal_(self.weight, self.weight.shape[1] ** -0.5, generator)
        self.bias.zero_()
        self.bias[: len(self.bias) // 2] = 1.0

    def told(self, w: Tensor) -> tuple[Tensor, Tensor]:
        """Scale and shift (n, c) of styles (n, s)."""
        scale, shift = nn.functional.linear(w, self.weight, self.bias).chunk(2, dim=1)
        return scale, shift

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """x (n, c, h, w'), styles (n, s) -> (n, c, h, w')."""
        return adain(x, *self.told(w))


class Mapping(nn.Module):
    """z (n, k) -> style w (n, s): z at the length sqrt k, then `layers` linear layers with leaky ReLU after each
    (Karras et al., 2019, section 2)."""

    def __init__(self, latent: int, style: int, layers: int) -> None:
        super().__init__()
        sizes = [latent] + [style] * layers
        self.layers = nn.ModuleList(Kept(one, other) for one, other in pairwise(sizes))

    def forward(self, z: Tensor) -> Tensor:
        """(n, k) -> (n, s)."""
        w = z * (z.square().mean(dim=1, keepdim=True) + 1e-8).rsqrt()
        for layer in self.layers:
            w = leaky_relu(layer(w), 0.2)
        return w


class Kept(nn.Linear):
    """A linear layer before a leaky ReLU of 0.2 that keeps its input's mean square (He et al., 2015): without, the
    styles of all z would start nearly equal, and stay so."""

    def fill(self, generator: torch.Generator) -> None:
        """N(0, 2 / (1.04 inputs)), no bias."""
        normal_(self.weight, (2 / (1.04 * self.in_features)) ** 0.5, generator)
        self.bias.zero_()
