"""A network some gradient steps ahead, as a differentiable function of what those steps saw."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.func import functional_call

Score = Callable[[Tensor], Tensor]


def unrolled(net: nn.Module, loss: Callable[[Score], Tensor], steps: int, rate: float) -> Score:
    """`net` with weights w_steps, where w_0 are its own and w_k+1 = w_k - rate d loss(w_k) / d w_k.

    `loss` takes the network as a function. The graph of every step is kept, so that what the result says can be
    differentiated through the steps too (Metz et al., 2017, equations 3 to 6). The network itself does not change.
    """
    weights: dict[str, Tensor] = dict(net.named_parameters())
    for _ in range(steps):
        value = loss(_with(net, weights))
        slopes = torch.autograd.grad(value, list(weights.values()), create_graph=True)
        weights = {name: w - rate * slope for (name, w), slope in zip(weights.items(), slopes, strict=True)}
    return _with(net, weights)


def _with(net: nn.Module, weights: dict[str, Tensor]) -> Score:
    def score(x: Tensor) -> Tensor:
        out: Tensor = functional_call(net, weights, (x,))
        return out

    return score
