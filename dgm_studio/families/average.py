"""The exponential moving average of weights, smoother than the weights themselves: what is sampled."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn


class Average:
    """w_avg <- d_k w_avg + (1 - d_k) w with the warm-up d_k = min(d, (1 + k) / (10 + k)) after k updates.

    The warm-up keeps the first, bad weights from lingering. `values` is empty while the average is off.
    """

    def __init__(self, source: Mapping[str, nn.Parameter]) -> None:
        self.source = source
        self.values: dict[str, Tensor] = {}
        self.updates = 0

    @torch.no_grad()
    def update(self, decay: float) -> None:
        """Take in the present weights; decay 0 turns the average off, turned on it starts at them."""
        if decay <= 0:
            self.values, self.updates = {}, 0
            return
        if not self.values:
            self.values = {name: weight.detach().clone() for name, weight in self.source.items()}
            return
        own = min(decay, (1 + self.updates) / (10 + self.updates))
        torch._foreach_lerp_(list(self.values.values()), list(self.source.values()), 1 - own)
        self.updates += 1

    @torch.no_grad()
    def restore(self, values: Mapping[str, Tensor], updates: int) -> None:
        """Go on from a saved average."""
        self.values = {name: values[name].to(weight, copy=True) for name, weight in self.source.items() if values}
        self.updates = updates
