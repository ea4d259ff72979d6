"""Spectral normalisation against the singular values themselves."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from dgm_studio.nets.init import init
from dgm_studio.nets.spectral import SpectralLinear, SpectralMLP


def filled(seed: int = 0) -> SpectralMLP:
    with torch.device("meta"):
        net = SpectralMLP(2, 32, 3)
    return init(net, torch.Generator().manual_seed(seed)).double()


def layers(net: SpectralMLP) -> list[SpectralLinear]:
    return [layer for layer in net.layers if isinstance(layer, SpectralLinear)]


def sigma(layer: SpectralLinear) -> float:
    return float(layer.norm().detach())


def singular(weight: Tensor) -> float:
    return float(torch.linalg.matrix_norm(weight.detach(), 2))


def test_sigma_is_the_largest_singular_value() -> None:
    net = filled()
    for layer in layers(net):
        assert singular(layer.weight) * 0.9 < sigma(layer) <= singular(layer.weight) * (1 + 1e-6)
    for _ in range(500):
        net.iterate()
    for layer in layers(net):
        assert sigma(layer) == pytest.approx(singular(layer.weight), rel=1e-6)


def test_one_iteration_a_step_follows_moving_weights() -> None:
    net = filled()
    moved = torch.Generator().manual_seed(1)
    for _ in range(200):
        with torch.no_grad():
            for layer in layers(net):
                layer.weight.add_(1e-3 * torch.randn(layer.weight.shape, generator=moved, dtype=torch.float64))
        net.iterate()
    assert all(sigma(one) == pytest.approx(singular(one.weight), rel=0.05) for one in layers(net))


def test_normalised_it_is_one_lipschitz_and_plain_it_is_the_plain_perceptron() -> None:
    net = filled()
    for _ in range(500):
        net.iterate()
    with torch.no_grad():
        for layer in layers(net):
            layer.weight.mul_(5)  # sigma scales with the weights: u and v stay
    x = 3 * torch.randn((500, 2), generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    x.requires_grad_()
    slopes = {}
    for normalised in (True, False):
        net.normalised.fill_(normalised)
        (slope,) = torch.autograd.grad(net(x).sum(), x)
        slopes[normalised] = float(slope.norm(dim=1).max())
    assert slopes[True] <= 1 + 1e-6 < slopes[False]
    hidden = x
    for layer in layers(net)[:-1]:
        hidden = torch.nn.functional.leaky_relu(torch.nn.functional.linear(hidden, layer.weight, layer.bias), 0.2)
    assert torch.allclose(net(x), hidden @ layers(net)[-1].weight.T)


def test_the_gradient_of_sigma_is_the_outer_product_of_its_vectors() -> None:
    layer = layers(filled())[1]
    for _ in range(3000):
        layer.iterate()
    (slope,) = torch.autograd.grad(layer.norm(), layer.weight)
    left, _, right = torch.linalg.svd(layer.weight.detach())
    assert torch.allclose(slope.abs(), torch.outer(left[:, 0], right[0]).abs(), atol=1e-4)
