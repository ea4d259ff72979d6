"""What holds a critic's slope: gradient penalty and weight clipping; the spectral norm is a layer's (spectral.py)."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn


def slopes(f: Callable[[Tensor], Tensor], x: Tensor, create_graph: bool = False) -> Tensor:
    """|grad f(x)| (n,) at x (n, d)."""
    with torch.enable_grad():
        at = x.detach().requires_grad_()
        (slope,) = torch.autograd.grad(f(at).sum(), at, create_graph=create_graph)
        steep: Tensor = slope.norm(dim=1)
    return steep


def gradient_penalty(f: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor, share: Tensor) -> Tensor:
    """E (|grad f| - 1)^2 at e x + (1 - e) y for pairs x, y (n, d) and e = `share` (n, 1), uniform in [0, 1] (Gulrajani
    et al., 2017): a soft constraint, and only between the two clouds."""
    return (slopes(f, share * real + (1 - share) * fake, create_graph=True) - 1).square().mean()


@torch.no_grad()
def clip_weights(f: nn.Module, bound: float) -> None:
    """Every weight into [-bound, bound] (Arjovsky et al., 2017): f is K-Lipschitz, and nobody knows K."""
    for weight in f.parameters():
        weight.clamp_(-bound, bound)
