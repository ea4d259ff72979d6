"""The classifier of noisy points that guides a diffusion."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class NoisyClassifier(nn.Module):
    """Logits b + k f(x, t) over the classes: b what is known without x, k in [0, 1] the share of signal in x.

    Bayes' rule: log p(y | x_t) = log p(y) + log p(x_t | y) - log p(x_t), whose last two terms cancel where x_t is all
    noise. With k = a sigma_data / sqrt(a^2 sigma_data^2 + s^2) the gradient vanishes there as it must, and (s^2 / a)
    times it, the shift of the clean point, stays bounded. `net` is f: (n, d), times (n,) -> (n, classes).
    """

    def __init__(self, net: nn.Module, classes: int) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.empty(classes))
        self.net = net

    def fill(self, generator: torch.Generator) -> None:
        """All classes equally likely at first."""
        self.bias.fill_(0.0)

    def forward(self, x: Tensor, t: Tensor, signal: Tensor) -> Tensor:
        """x (n, dim) of unit scale, t (n,), k (n, 1) -> logits (n, classes)."""
        out: Tensor = self.bias + signal * self.net(x, t)
        return out
