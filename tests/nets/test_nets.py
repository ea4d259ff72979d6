"""The perceptrons and the exact divergence."""

from __future__ import annotations

import pytest
import torch

from dgm_studio.core.errors import Refused
from dgm_studio.nets.divergence import divergence
from dgm_studio.nets.init import init
from dgm_studio.nets.mlp import ACTIVATIONS, MLP
from dgm_studio.nets.time_mlp import TimeMLP


def _time_mlp(dim: int = 2) -> TimeMLP:
    with torch.device("meta"):
        net = TimeMLP(dim, width=32)
    return init(net, torch.Generator().manual_seed(0))


def test_one_time_for_all_is_the_same_as_one_each() -> None:
    net, x = _time_mlp(), torch.randn(9, 2, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(net(x, torch.tensor(0.3)), net(x, torch.full((9,), 0.3)))
    assert not torch.allclose(net(x, torch.tensor(0.3)), net(x, torch.tensor(0.4)))


def test_the_embedding_tells_all_times_apart() -> None:
    features = _time_mlp().embed(torch.linspace(0, 1, 200))
    gaps = torch.cdist(features, features) + 10 * torch.eye(200)
    assert float(gaps.min()) > 0.01


@pytest.mark.parametrize("name", [choice.id for choice in ACTIVATIONS])
def test_every_activation_builds(name: str) -> None:
    with torch.device("meta"):
        net = MLP(3, 4, 16, 2, name)
    init(net, torch.Generator().manual_seed(0))
    assert net(torch.zeros(5, 3)).shape == (5, 4)


def test_an_unknown_activation_is_refused() -> None:
    with pytest.raises(Refused, match="silu"):
        MLP(1, 1, 4, 1, "silo")


@pytest.mark.parametrize("dim", [1, 2, 5])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_divergence_is_the_trace_of_autograds_jacobian(dtype: torch.dtype, dim: int) -> None:
    net = _time_mlp(dim).to(dtype)
    x = torch.randn(7, dim, generator=torch.Generator().manual_seed(1), dtype=dtype)
    t = torch.linspace(0.1, 0.9, 7, dtype=dtype)
    value, div = divergence(lambda y: net(y, t), x)
    jacobian = torch.func.jacrev(lambda y: net(y, t))(x)
    truth = torch.einsum("nini->n", jacobian)
    torch.testing.assert_close(div, truth)
    torch.testing.assert_close(value, net(x, t).detach())
    assert not value.requires_grad
    assert not div.requires_grad


def test_divergence_can_be_trained_through() -> None:
    weight = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64, requires_grad=True)
    x = torch.randn(6, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    _, div = divergence(lambda y: torch.tanh(y @ weight.T), x, create_graph=True)
    (grad,) = torch.autograd.grad(div.sum(), weight)
    slope = 1 - torch.tanh(x @ weight.detach().T) ** 2
    torch.testing.assert_close(div.detach(), slope @ weight.detach().diagonal())

    def by_hand(w: torch.Tensor) -> torch.Tensor:
        return ((1 - torch.tanh(x @ w.T) ** 2) @ w.diagonal()).sum()

    torch.testing.assert_close(grad, torch.func.jacrev(by_hand)(weight.detach()))
