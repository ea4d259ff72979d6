"""The exact divergence of a vector field, by one derivative per dimension."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def divergence(f: Callable[[Tensor], Tensor], x: Tensor, create_graph: bool = False) -> tuple[Tensor, Tensor]:
    """(f(x) (n, d), div f (n,) = sum_i d f_i / d x_i), exact, by d vector-Jacobian products of one forward pass.

    `f` must act on each row alone. With `create_graph` both can be differentiated again (training by likelihood);
    else they come without a graph. In the dtype of x.
    """
    with torch.enable_grad():
        at = x if create_graph and x.requires_grad else x.detach().requires_grad_()
        value = f(at)
        div = torch.zeros(len(x), dtype=value.dtype, device=value.device)
        for axis in range(x.shape[1]):
            last = axis == x.shape[1] - 1
            (row,) = torch.autograd.grad(
                value[:, axis].sum(), at, create_graph=create_graph, retain_graph=create_graph or not last
            )
            div = div + row[:, axis]
    return (value, div) if create_graph else (value.detach(), div.detach())
