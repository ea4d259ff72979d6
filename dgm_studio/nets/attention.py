"""Self-attention over the positions of a window, causal where a model reads left to right."""

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
