"""The token mixer: dilated convolutions with one attention layer between them; learns text fast on a CPU."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, pad

from dgm_studio.nets.attention import Residual, SelfAttention

DILATIONS = (1, 1, 2, 4, 1)
"""Of the convolutions, in order, over and over where there are more layers."""


class ShiftedBlock(nn.Module):
    """x + W_2 gelu(W_1 [x_{i-s}, x_i, x_{i+s}]) of the normed x: a convolution of three taps, dilation s, as one
    matrix product. With `causal` the taps are x_{i-2s}, x_{i-s}, x_i."""

    def __init__(self, width: int, hidden: int, dilation: int, causal: bool) -> None:
        super().__init__()
        self.dilation = dilation
        self.causal = causal
        self.norm = nn.LayerNorm(width)
        self.into = nn.Linear(3 * width, hidden)
        self.out = Residual(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        """(n, L, d) -> (n, L, d)."""
        length, s = x.shape[1], self.dilation
        room = pad(self.norm(x), (0, 0, 2 * s, 0) if self.causal else (0, 0, s, s))
        taps = torch.cat([room[:, k * s : k * s + length] for k in range(3)], dim=-1)
        out: Tensor = x + self.out(gelu(self.into(taps), approximate="tanh"))
        return out


class TokenMixer(nn.Module):
    """`layers` shifted blocks of dilations 1, 1, 2, 4, 1, ..., with one attention layer before the last of them. Where
    the positions are a picture's in raster order, `row` to a row, dilations are 1, row, 1, row, ...: along and down."""

    def __init__(self, width: int, layers: int, causal: bool = False, row: int = 0) -> None:
        super().__init__()
        dilations = (1, row) if row else DILATIONS
        blocks: list[nn.Module] = [
            ShiftedBlock(width, width, dilations[k % len(dilations)], causal) for k in range(layers)
        ]
        blocks.insert(layers - 1, SelfAttention(width, causal))
        self.blocks = nn.Sequential(*blocks)

    def forward(self, x: Tensor) -> Tensor:
        """(n, L, d) -> (n, L, d)."""
        out: Tensor = self.blocks(x)
        return out
