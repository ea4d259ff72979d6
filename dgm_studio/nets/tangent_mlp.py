"""A perceptron f(x, t) that also carries tangents forwards: J v beside f, without a second backward pass."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from dgm_studio.nets.time_mlp import TimeEmbedding


class TangentMLP(nn.Module):
    """dim -> width (`layers` hidden layers of tanh) -> dim, the time entering the first layer as sin and cos of pi t.

    tanh is smooth and bounded, so the ODE dx/dt = f(x, t) has a unique solution both ways (Picard; lecture 9), and its
    slope 1 - tanh^2 costs nothing once tanh is known: `push` is forward-mode differentiation by hand.
    """

    def __init__(self, dim: int, width: int, layers: int, frequencies: int = 1) -> None:
        super().__init__()
        self.embed = TimeEmbedding(frequencies)
        self.from_x = nn.Linear(dim, width)
        self.from_t = nn.Linear(2 * frequencies, width, bias=False)
        self.hidden = nn.ModuleList(nn.Linear(width, width) for _ in range(layers - 1))
        self.out = nn.Linear(width, dim)

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        """x (n, dim), t (n,) or 0-d -> f (n, dim)."""
        h = torch.tanh(self.from_x(x) + self.from_t(self.embed(t)))
        for layer in self.hidden:
            h = torch.tanh(layer(h))
        value: Tensor = self.out(h)
        return value

    def push(self, x: Tensor, t: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """f (n, dim), and J v (m, n, dim) with J = df/dx for m directions v (m, n, dim) or (m, 1, dim)."""
        h = torch.tanh(self.from_x(x) + self.from_t(self.embed(t)))
        moved = (1 - h * h) * (v @ self.from_x.weight.T)
        for layer in self.hidden:
            h, weight = torch.tanh(layer(h)), layer.weight
            moved = (1 - h * h) * (moved @ weight.T)  # type: ignore[operator]  # a Linear's weight is a Tensor
        return self.out(h), moved @ self.out.weight.T
