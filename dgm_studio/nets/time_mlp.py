"""The perceptron that also sees the time: the network of every toy diffusion and flow."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from dgm_studio.nets.lookup import Lookup
from dgm_studio.nets.mlp import MLP, activation_layer


class TimeEmbedding(nn.Module):
    """t -> (sin(pi k t), cos(pi k t)), k = 1 .. frequencies; shape (...,) -> (..., 2 frequencies).

    Half-wave harmonics: cos(pi t) alone already tells all times in [0, 1] apart, and the low frequencies keep
    the network smooth in t (Vaswani et al., 2017, with harmonics fit for a unit interval).
    """

    harmonics: Tensor

    def __init__(self, frequencies: int) -> None:
        super().__init__()
        self.register_buffer("harmonics", torch.empty(frequencies), persistent=False)

    def fill(self, generator: torch.Generator) -> None:
        """pi, 2 pi, 3 pi, ...; nothing random, `generator` is not used."""
        count = len(self.harmonics)
        self.harmonics.copy_(math.pi * torch.arange(1, count + 1, dtype=torch.float64))

    def forward(self, t: Tensor) -> Tensor:
        """Times (...,) -> features (..., 2 frequencies)."""
        phase = t[..., None] * self.harmonics
        return torch.cat((torch.sin(phase), torch.cos(phase)), dim=-1)


class TimeMLP(nn.Module):
    """f(x, t): dim -> width (`layers` hidden layers) -> outputs, the time entering the first layer by its
    harmonics.

    The first layer is split, W_x x + W_t emb(t) + b, so that one time for all points costs one row. With `classes`
    an embedding of the label is added to the time's; its last row says that there is none.
    """

    def __init__(
        self,
        dim: int,
        width: int = 128,
        layers: int = 3,
        frequencies: int = 8,
        activation: str = "silu",
        outputs: int | None = None,
        classes: int = 0,
    ) -> None:
        super().__init__()
        self.embed = TimeEmbedding(frequencies)
        self.from_x = nn.Linear(dim, width)
        self.from_t = nn.Linear(2 * frequencies, width, bias=False)
        self.from_label = Lookup(classes + 1, width) if classes else None
        self.activation = activation_layer(activation)
        self.rest = MLP(width, dim if outputs is None else outputs, width, layers - 1, activation)

    def forward(self, x: Tensor, t: Tensor, label: Tensor | None = None) -> Tensor:
        """x (n, dim), t (n,) or 0-d, labels (n,) from 0 to `classes` or None for none -> (n, outputs)."""
        hidden = self.from_x(x) + self.from_t(self.embed(t))
        if self.from_label is not None:
            hidden = hidden + (self.from_label.weight[-1] if label is None else self.from_label(label))
        out: Tensor = self.rest(self.activation(hidden))
        return out
