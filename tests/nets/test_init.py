"""Filling nets from the meta device: everything, from the generator alone, by PyTorch's default law."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from dgm_studio.nets.init import init
from dgm_studio.nets.mlp import MLP
from dgm_studio.nets.time_mlp import TimeMLP


def _made(seed: int) -> nn.Sequential:
    with torch.device("meta"):
        net = nn.Sequential(TimeMLP(2), nn.LayerNorm(5), nn.BatchNorm1d(4), nn.Embedding(3, 2), nn.Conv2d(2, 3, 3))
    return init(net, torch.Generator().manual_seed(seed))


def test_one_seed_gives_one_net_and_nothing_touches_the_global_generator() -> None:
    before = torch.get_rng_state()
    one, same, other = (_made(seed).state_dict() for seed in (1, 1, 2))
    assert torch.equal(before, torch.get_rng_state())
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["0.from_x.weight"], other["0.from_x.weight"])


def test_nothing_stays_on_the_meta_device_or_uninitialised() -> None:
    net = _made(0)
    for held in (*net.parameters(), *net.buffers()):
        assert held.device.type == "cpu"
        assert bool(held.isfinite().all())
    buffers = dict(net.named_buffers())
    torch.testing.assert_close(buffers["0.embed.harmonics"], math.pi * torch.arange(1.0, 9.0))
    assert bool((dict(net.named_parameters())["1.weight"] == 1).all())
    assert bool((buffers["2.running_var"] == 1).all())


def test_linear_weights_follow_pytorchs_default_bounds() -> None:
    with torch.device("meta"):
        net = MLP(400, 500, 300, 1)
    init(net, torch.Generator().manual_seed(0))
    first = net.layers[0]
    assert isinstance(first, nn.Linear)
    bound = 1 / math.sqrt(400)
    for held in (first.weight, first.bias):
        assert float(held.detach().abs().max()) <= bound
    assert float(first.weight.detach().std()) == pytest.approx(bound / math.sqrt(3), rel=0.01)
    reference = nn.Linear(400, 300)
    assert float(first.weight.detach().std()) == pytest.approx(float(reference.weight.detach().std()), rel=0.02)


class Own(nn.Module):
    """A module with its own parameter and, if told so, its own way to fill it."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.empty(3))


class Filled(Own):
    def fill(self, generator: torch.Generator) -> None:
        self.scale.fill_(7.0)


def test_a_module_that_would_stay_unfilled_is_an_error() -> None:
    with torch.device("meta"):
        bad, good = nn.Sequential(Own()), nn.Sequential(Filled())
    with pytest.raises(TypeError, match="scale"):
        init(bad, torch.Generator())
    (scale,) = init(good, torch.Generator()).parameters()
    assert scale.tolist() == [7.0, 7.0, 7.0]
