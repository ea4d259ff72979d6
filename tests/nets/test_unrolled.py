"""Unrolled steps against the same steps written out, and their derivative against differences."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from dgm_studio.nets.unrolled import Score, unrolled

RATE = 0.1


def quadratic(target: Tensor) -> tuple[nn.Linear, Score, Tensor]:
    """w x with loss (w - target)^2 / 2 at x = 1: three steps lead to target + (1 - rate)^3 (w - target)."""
    net = nn.Linear(1, 1, bias=False).double()
    with torch.no_grad():
        net.weight.fill_(2.0)
    one = torch.ones((1, 1), dtype=torch.float64)
    return net, unrolled(net, lambda score: 0.5 * (score(one) - target).square().sum(), 3, RATE), one


def test_gradient_descent_on_a_parabola_in_closed_form() -> None:
    target = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    net, ahead, one = quadratic(target)
    found = ahead(one).squeeze()
    shrunk = (1 - RATE) ** 3
    assert torch.allclose(found, 0.5 + shrunk * (2.0 - target))
    (slope,) = torch.autograd.grad(found, target)  # through the steps: what plain descent would take as a constant
    assert torch.allclose(slope, torch.tensor(1 - shrunk, dtype=torch.float64))
    assert float(net.weight.detach()) == 2.0


def test_no_steps_is_the_network_itself() -> None:
    net = nn.Linear(2, 1)
    x = torch.randn(5, 2, generator=torch.Generator().manual_seed(0))
    assert torch.equal(unrolled(net, lambda score: score(x).sum(), 0, RATE)(x), net(x))
