"""The diffusion transformer of pictures (DiT): patches as tokens, time and class by adaptive layer norms."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention, silu

from dgm_studio.core.errors import Refused
from dgm_studio.core.pictures import PictureShape
from dgm_studio.nets.attention import MOST_HEADS
from dgm_studio.nets.condition import Condition, Modulation, ZeroLinear
from dgm_studio.nets.init import normal_

EXPANSION = 4
"""Hidden units of a block's perceptron over its width."""


class PictureTransformer(nn.Module):
    """F(x, t, y): patches of a picture (p x p, all channels) -> tokens of `width` + a learned position -> `layers`
    blocks -> a norm that c moves -> patches (Peebles and Xie, 2023). Refused where p does not divide the sides."""

    def __init__(self, shape: PictureShape, width: int, layers: int, patch: int, classes: int = 0) -> None:
        super().__init__()
        if shape.height % patch or shape.width % patch:
            fits = [p for p in range(2, 9) if not (shape.height % p or shape.width % p)]
            raise Refused(
                f"Patches of {patch} x {patch} do not fill a picture of {shape.width} x {shape.height}: "
                f"set Patch to {', '.join(map(str, fits)) or 1}."
            )
        self.shape, self.patch = shape, patch
        pixels = shape.channels * patch * patch
        self.into = nn.Linear(pixels, width)
        self.places = nn.Parameter(torch.empty(shape.height * shape.width // patch**2, width))
        self.told = Condition(width, classes)
        self.blocks = nn.ModuleList(Block(width) for _ in range(layers))
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.modulation = Modulation(width, width, 2)
        self.out = ZeroLinear(width, pixels)

    def fill(self, generator: torch.Generator) -> None:
        """Positions N(0, 0.5^2): about as large as the tokens, so that places tell apart from the first step."""
        normal_(self.places, 0.5, generator)

    def forward(self, x: Tensor, t: Tensor, label: Tensor | None = None) -> Tensor:
        """Flat pictures x (n, dim), t (n,), labels (n,) from 0 to `classes` or None for none -> (n, dim)."""
        told = self.told(t, label)
        tokens = self.into(self.cut(x)) + self.places
        for block in self.blocks:
            tokens = block(tokens, told)
        shift, scale = self.modulation(told)
        return self.joined(self.out(moved(self.norm(tokens), shift, scale)))

    def cut(self, x: Tensor) -> Tensor:
        """Flat pictures (n, dim) -> patches (n, L, c p p), row by row."""
        c, p = self.shape.channels, self.patch
        parts = x.view(len(x), c, self.shape.height // p, p, self.shape.width // p, p)
        return parts.permute(0, 2, 4, 1, 3, 5).reshape(len(x), -1, c * p * p)

    def joined(self, patches: Tensor) -> Tensor:
        """The inverse of `cut`."""
        c, p = self.shape.channels, self.patch
        parts = patches.view(len(patches), self.shape.height // p, self.shape.width // p, c, p, p)
        return parts.permute(0, 3, 1, 4, 2, 5).reshape(len(patches), -1)


class Block(nn.Module):
    """x + g_1 attention(norm(x) (1 + s_1) + b_1), then + g_2 perceptron(norm(x) (1 + s_2) + b_2); the six vectors
    come from c and are 0 at first: the block begins as the identity (adaLN-Zero)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.heads = math.gcd(width, MOST_HEADS)
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.modulation = Modulation(width, width, 6)
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.join = nn.Linear(width, width)
        self.into = nn.Linear(width, EXPANSION * width)
        self.out = nn.Linear(EXPANSION * width, width)

    def forward(self, x: Tensor, told: Tensor) -> Tensor:
        """(n, L, width), (n, width) -> (n, L, width)."""
        shift, scale, gate, shift_2, scale_2, gate_2 = self.modulation(told)
        x = x + gate[:, None] * self.join(self.attend(moved(self.norm(x), shift, scale)))
        hidden = silu(self.into(moved(self.norm(x), shift_2, scale_2)))
        out: Tensor = x + gate_2[:, None] * self.out(hidden)
        return out

    def attend(self, x: Tensor) -> Tensor:
        """softmax(q k^T / sqrt(d / heads)) v over all tokens."""
        n, length, width = x.shape
        q, k, v = self.qkv(x).view(n, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        return scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, length, width)


def moved(x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    """x (1 + scale) + shift for tokens (n, L, width) and vectors (n, width)."""
    return torch.addcmul(shift[:, None], x, 1 + scale[:, None])
