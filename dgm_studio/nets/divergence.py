"""The exact divergence of a vector field, by one derivative per dimension."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def divergence(f: Callable[[Tensor], Tensor], x: Tensor, create_graph: bool = False) -> tuple[Tensor, Tensor]:
    """(f(x) (n, d), div f (n,) = sum_i d f_i / d x_i), exact, by one batched backward pass.

    `f` must act on each row alone. With `create_graph` both can be differentiated again (training by
    likelihood); else they come without a graph. In the dtype of x.
    """
    with torch.enable_grad():
        at = x if create_graph and x.requires_grad else x.detach().requires_grad_()
        value = f(at)
        basis = torch.eye(x.shape[1], dtype=value.dtype, device=value.device)
        each = basis[:, None].expand(x.shape[1], *value.shape)
        (rows,) = torch.autograd.grad(value, at, each, create_graph=create_graph, is_grads_batched=True)
        div = torch.einsum("ini->n", rows)
    return (value, div) if create_graph else (value.detach(), div.detach())
