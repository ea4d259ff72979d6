"""The small transformer that reads a caption."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding, pad

from dgm_studio.nets.init import normal_
from dgm_studio.nets.token_transformer import TokenTransformer


class TextEncoder(nn.Module):
    """Ids 0 .. V of up to `length` words (0: no word) -> a vector for each place and, in front, one for the whole.

    Word and position are added, then pre-norm blocks of attention and a perceptron, each place seeing all (Vaswani et
    al., 2017), and a norm. "No word" has an embedding as any other: an empty caption is read like one of words.
    """

    def __init__(self, words: int, length: int, width: int, layers: int) -> None:
        super().__init__()
        self.embedding = nn.Parameter(torch.empty(words + 1, width))
        self.position = nn.Parameter(torch.empty(length + 1, width))
        self.body = TokenTransformer(width, layers)
        self.norm = nn.LayerNorm(width)

    def fill(self, generator: torch.Generator) -> None:
        """Words N(0, 1), positions N(0, 0.25): a word says more than its place."""
        normal_(self.embedding, 1.0, generator)
        normal_(self.position, 0.5, generator)

    def forward(self, ids: Tensor) -> Tensor:
        """Ids (n, length) -> (n, 1 + length, width)."""
        found: Tensor = self.norm(self.body(embedding(pad(ids, (1, 0)), self.embedding) + self.position))
        return found
