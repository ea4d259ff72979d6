"""A transformer over scales: all tokens of a scale are guessed at once, from the scales before."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from dgm_studio.nets.attention import SelfAttention
from dgm_studio.nets.lookup import Lookup
from dgm_studio.nets.token_transformer import Perceptron


class ScaleNet(nn.Module):
    """Features of tokens, `counts` of them in each scale (one in the first), from what the scales before made of the
    picture at each place (n, L - 1, m) and a class; attention is causal by scale (Tian et al., 2024, figure 4)."""

    def __init__(self, inputs: int, tokens: int, classes: int, counts: Sequence[int], width: int, layers: int) -> None:
        super().__init__()
        self.counts = tuple(counts)
        self.into = nn.Linear(inputs, width)
        self.classes = Lookup(classes + 1, width)
        self.position = nn.Parameter(torch.empty(sum(counts), width))
        self.attentions = nn.ModuleList(SelfAttention(width) for _ in range(layers))
        self.perceptrons = nn.ModuleList(Perceptron(width) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, tokens)

    def fill(self, generator: torch.Generator) -> None:
        """Positions zero; nothing random, `generator` is not used."""
        self.position.zero_()

    def features(self, made: Tensor, labels: Tensor) -> Tensor:
        """(n, L', d) of inputs made (n, L' - 1, m), L' the tokens of the first scales, and labels (n,) from 0 to
        `classes`, which is none."""
        x = torch.cat((self.classes(labels)[:, None], self.into(made)), 1)
        length = x.shape[1]
        x = x + self.position[:length]
        scale = torch.repeat_interleave(torch.arange(len(self.counts)), torch.tensor(self.counts))[:length]
        seen_from = (scale[:, None] >= scale).to(x.device)
        for attention, perceptron in zip(self.attentions, self.perceptrons, strict=True):
            x = perceptron(attention(x, seen_from))
        out: Tensor = self.norm(x)
        return out

    def read_out(self, features: Tensor) -> Tensor:
        """Logits (..., K) of features (..., d)."""
        out: Tensor = self.out(features)
        return out
