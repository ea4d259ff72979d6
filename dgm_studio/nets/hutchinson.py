"""The divergence of a vector field along directions: v·(J v) for many v at once, exact for the axes, random else."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def along_directions(f: Callable[[Tensor], Tensor], x: Tensor, directions: Tensor) -> tuple[Tensor, Tensor]:
    """(f(x) (n, d), v·(J v) (m, n)) for directions v (m, n, d), J = df/dx, by one batched backward pass (J^T v has the
    same product with v).

    `f` must act on each row alone. Over the d axes the products sum to the divergence; for random v of covariance I
    each is right on average (Hutchinson, 1990; Grathwohl et al., 2019, equation 7). Without a graph, in the dtype of x.
    """
    with torch.enable_grad():
        at = x.detach().requires_grad_()
        value = f(at)
        (pulled,) = torch.autograd.grad(value, at, directions, is_grads_batched=True)
    return value.detach(), (pulled.detach() * directions).sum(2)


def rademacher(shape: tuple[int, ...], like: Tensor, generator: torch.Generator) -> Tensor:
    """Random signs of that shape, in the dtype and on the device of `like`."""
    signs = torch.randint(2, shape, generator=generator, device=generator.device)
    return (2 * signs - 1).to(like)
