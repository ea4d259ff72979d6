"""Attention over the positions of a window, causal where a model reads left to right, and over what another window
says."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

MOST_HEADS = 4


class SelfAttention(nn.Module):
    """x + W_o softmax(q k^T / sqrt(d / heads)) v of the normed x (n, L, d) (Vaswani et al., 2017, pre-norm).

    With `causal` position i sees positions up to i. There are 4 heads, or 2 or 1 where 4 do not divide d. W_o begins at
    0: at first the block is the identity.
    """

    def __init__(self, width: int, causal: bool = False) -> None:
        super().__init__()
        self.heads = math.gcd(width, MOST_HEADS)
        self.causal = causal
        self.norm = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = Residual(width, width)

    def forward(self, x: Tensor, seen_from: Tensor | None = None) -> Tensor:
        """(n, L, d) -> (n, L, d); `seen_from` (L, L) says which positions (columns) each (row) sees, in place of
        `causal`."""
        n, length, width = x.shape
        q, k, v = self.qkv(self.norm(x)).view(n, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        causal = self.causal and seen_from is None
        seen = scaled_dot_product_attention(q, k, v, attn_mask=seen_from, is_causal=causal)
        out: Tensor = x + self.out(seen.transpose(1, 2).reshape(n, length, width))
        return out


class CrossAttention(nn.Module):
    """x + W_o softmax(q k^T / sqrt(d / heads)) v with q of the normed x (n, L, d), k and v of `seen` (n, M, told): how
    places of a picture look at the words of a caption (Rombach et al., 2022, section 3.3).

    Heads as in SelfAttention; W_o begins at 0: at first the block is the identity.
    """

    def __init__(self, width: int, told: int) -> None:
        super().__init__()
        self.heads = math.gcd(width, MOST_HEADS)
        self.norm = nn.LayerNorm(width)
        self.q = nn.Linear(width, width, bias=False)
        self.kv = nn.Linear(told, 2 * width, bias=False)
        self.out = Residual(width, width)

    def forward(self, x: Tensor, seen: Tensor) -> Tensor:
        """(n, L, d), (n, M, told) -> (n, L, d)."""
        n, length, width = x.shape
        q = self.q(self.norm(x)).view(n, length, self.heads, -1).transpose(1, 2)
        k, v = self.kv(seen).view(n, seen.shape[1], 2, self.heads, -1).permute(2, 0, 3, 1, 4)
        found = scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, length, width)
        out: Tensor = x + self.out(found)
        return out


class Residual(nn.Module):
    """The last linear map of a residual branch, x W^T, W = 0 at the start so that every block begins as the identity
    (Zhang et al., 2019)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outputs, inputs))

    def fill(self, generator: torch.Generator) -> None:
        """Zeros; nothing random, `generator` is not used."""
        self.weight.data.zero_()

    def forward(self, x: Tensor) -> Tensor:
        """(..., inputs) -> (..., outputs)."""
        return nn.functional.linear(x, self.weight)
