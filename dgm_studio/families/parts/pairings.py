"""Pairings: which source point is joined to which data point while a flow is learned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from dgm_studio.core.knobs import Choice

INDEPENDENT, TRANSPORT, PAIRED = "independent", "optimal-transport", "paired"

PAIRINGS = (
    Choice(INDEPENDENT, "Independent", "Every source point may meet every data point: p(x₀, x₁) = p₀(x₀) p₁(x₁)."),
    Choice(
        TRANSPORT, "Minibatch optimal transport",
        "Within each group of the batch, the pairs of the least total squared distance (Tong et al., 2024).",
    ),
    Choice(
        PAIRED, "Paired",
        "Row i of the source belongs to row i of the data: true pairs where the source is a copy of the data, "
        "arbitrary but lasting ones elsewhere.",
    ),
)  # fmt: skip
"""What a knob `coupling` may choose from."""


def load_transport() -> Callable[[Any], tuple[Any, Any]]:
    """The solver of assignments: costs (n, n) to (rows, columns). Its first import takes a third of a second, which is
    no beat's business and paid only where the coupling is chosen."""
    from scipy.optimize import linear_sum_assignment

    solve: Callable[[Any], tuple[Any, Any]] = linear_sum_assignment
    return solve


def transport_order(x0: Tensor, x1: Tensor, group: int) -> Tensor:
    """The order (n,) of x0 (n, d) in which row i is joined to x1[i]: exact optimal transport of the squared distance
    within each `group` consecutive rows (Tong et al., 2024, section 4.2). Its cost grows with group cubed."""
    solve = load_transport()
    orders = []
    for first in range(0, len(x0), group):
        one, two = x0[first : first + group], x1[first : first + group]
        squared = (two[:, None] - one[None]).square().sum(-1)
        _, columns = solve(squared.cpu().double().numpy())
        orders.append(first + torch.from_numpy(columns))
    return torch.cat(orders).to(x0.device)
