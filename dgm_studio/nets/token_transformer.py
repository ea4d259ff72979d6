"""The plain transformer: blocks of attention and a perceptron, to compare the token mixer with."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import gelu

from dgm_studio.nets.attention import Residual, SelfAttention

EXPANSION = 4
"""Hidden units of a block's perceptron over its width."""


class Perceptron(nn.Module):
    """x + W_2 gelu(W_1 x) of the normed x, position by position."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.into = nn.Linear(width, EXPANSION * width)
        self.out = Residual(EXPANSION * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """(n, L, d) -> (n, L, d)."""
        out: Tensor = x + self.out(gelu(self.into(self.norm(x)), approximate="tanh"))
        return out


class TokenTransformer(nn.Module):
    """`layers` pre-norm blocks, each attention and a perceptron (Vaswani et al., 2017). It learns from the positions'
    own numbers which stand in a `row`, and need not be told."""

    def __init__(self, width: int, layers: int, causal: bool = False, row: int = 0) -> None:
        super().__init__()
        pairs = ((SelfAttention(width, causal), Perceptron(width)) for _ in range(layers))
        self.blocks = nn.Sequential(*(block for pair in pairs for block in pair))

    def forward(self, x: Tensor) -> Tensor:
        """(n, L, d) -> (n, L, d)."""
        out: Tensor = self.blocks(x)
        return out
