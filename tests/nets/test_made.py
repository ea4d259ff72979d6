"""MADE: which output sees which input."""

from __future__ import annotations

import pytest
import torch

from dgm_studio.nets.init import init
from dgm_studio.nets.made import MADE, MaskedLinear


def made(dim: int, parts: int = 2, layers: int = 2) -> MADE:
    with torch.device("meta"):
        net = MADE(dim, parts, 24, layers)
    return init(net, torch.Generator().manual_seed(0)).double()


@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("dim", [2, 3, 6])
def test_output_j_sees_exactly_the_inputs_before_j(dim: int, layers: int) -> None:
    net = made(dim, layers=layers)
    x = torch.randn(dim, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    for part in range(2):
        jacobian = torch.func.jacrev(lambda y, p=part: net(y[None])[p][0])(x)
        assert torch.equal(jacobian != 0, torch.ones(dim, dim).tril(-1).bool())


def test_every_mask_follows_the_degrees() -> None:
    first, last = [layer for layer in made(3, parts=1, layers=1).layers if isinstance(layer, MaskedLinear)]
    assert first.mask[:4].tolist() == [[1, 0, 0], [1, 1, 0], [1, 0, 0], [1, 1, 0]]
    assert last.mask[:, :4].tolist() == [[0, 0, 0, 0], [1, 0, 1, 0], [1, 1, 1, 1]]


def test_a_masked_weight_gets_no_gradient() -> None:
    net = made(4)
    sum(part.square().sum() for part in net(torch.ones((3, 4), dtype=torch.float64))).backward()
    for layer in net.layers:
        if isinstance(layer, MaskedLinear):
            assert layer.weight.grad is not None
            assert not bool(layer.weight.grad[layer.mask == 0].any())


def test_the_fill_repeats_by_seed_and_is_bounded_by_the_open_inputs() -> None:
    one, two = made(3), made(3)
    assert all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), two.state_dict().values(), strict=True))
    for layer in one.layers:
        if isinstance(layer, MaskedLinear):
            bound = layer.mask.sum(1).clamp(min=1).rsqrt()
            assert bool((layer.weight.abs() <= bound[:, None]).all())
