"""The perceptron whose layers can be divided by their spectral norms: then it is 1-Lipschitz."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, normalize

from dgm_studio.nets.init import normal_, uniform_
from dgm_studio.nets.mlp import activation_layer

FIRST_ITERATIONS = 20
"""Power iterations before the first step; afterwards one a step suffices, for the weights move little."""


class SpectralLinear(nn.Module):
    """W x + b, or W / sigma x + b with sigma = u^T W v, the largest singular value as power iteration finds it.

    `u` (outputs,) is kept between steps (Miyato et al., 2018, algorithm 1). Gradients flow through W in sigma, not
    through u and v. sigma is at most the true norm, so W / sigma has norm 1 or a little more until u has converged.
    """

    u: Tensor

    def __init__(self, inputs: int, outputs: int, bias: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outputs, inputs))
        self.bias = nn.Parameter(torch.empty(outputs)) if bias else None
        self.register_buffer("u", torch.empty(outputs))

    def fill(self, generator: torch.Generator) -> None:
        """Weight and bias uniform in +-1/sqrt(fan_in), as PyTorch's own; u from a random start."""
        bound = self.weight.shape[1] ** -0.5
        uniform_(self.weight, bound, generator)
        if self.bias is not None:
            uniform_(self.bias, bound, generator)
        normal_(self.u, 1.0, generator)
        for _ in range(FIRST_ITERATIONS):
            self.iterate()

    @torch.no_grad()
    def iterate(self) -> None:
        """One power iteration: v = W^T u, u = W v, each normalised."""
        self.u.copy_(normalize(self.weight @ self._v(), dim=0))

    def _v(self) -> Tensor:
        return normalize(self.weight.detach().T @ self.u, dim=0)

    def norm(self) -> Tensor:
        """sigma (0-d), never quite zero."""
        # The clone keeps the graph valid when `iterate` writes to u before a backward pass.
        return (self.u.clone() @ (self.weight @ self._v())).clamp_min(1e-12)

    def forward(self, x: Tensor, normalised: bool) -> Tensor:
        """x (n, inputs) -> (n, outputs)."""
        return linear(x, self.weight / self.norm() if normalised else self.weight, self.bias)


class SpectralMLP(nn.Module):
    """inputs -> width (`layers` hidden layers) -> one score without bias, for a critic is known up to a constant.

    While the buffer `normalised` is 1 every weight is divided by its norm: with an activation of slope at most 1
    (ReLU, leaky ReLU) the network is then 1-Lipschitz, up to the power iteration's error.
    """

    normalised: Tensor

    def __init__(self, inputs: int, width: int, layers: int, activation: str = "leaky-relu") -> None:
        super().__init__()
        sizes = [inputs] + [width] * layers
        hidden = [SpectralLinear(fan_in, fan_out) for fan_in, fan_out in pairwise(sizes)]
        self.layers = nn.ModuleList([*hidden, SpectralLinear(width, 1, bias=False)])
        self.activation = activation_layer(activation)
        self.register_buffer("normalised", torch.empty((), dtype=torch.bool))

    def fill(self, generator: torch.Generator) -> None:
        """Not normalised; nothing random, `generator` is not used."""
        self.normalised.fill_(False)

    def iterate(self) -> None:
        """One power iteration of every layer."""
        for layer in self.layers:
            assert isinstance(layer, SpectralLinear)
            layer.iterate()

    def forward(self, x: Tensor) -> Tensor:
        """x (n, inputs) -> (n, 1)."""
        normalised = bool(self.normalised)
        *hidden, last = self.layers
        for layer in hidden:
            x = self.activation(layer(x, normalised))
        out: Tensor = last(x, normalised)
        return out
