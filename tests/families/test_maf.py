"""The autoregressive flow against autograd and zuko, in float64; its masks, its two directions, its timings."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from zuko.transforms import AutoregressiveTransform, MonotonicAffineTransform

from dgm_studio.core.slow import finish
from dgm_studio.families.maf import INVERSE, MAF, MASKED, Autoregressive, Design
from dgm_studio.families.parts.flow import MAX_LOG_SCALE, Sampling
from dgm_studio.nets.init import init

BOTH = pytest.mark.parametrize("direction", [MASKED, INVERSE])


def made(direction: str, dim: int, blocks: int = 3, stir: float = 1.5) -> MAF:
    """Filled, and every weight multiplied: far from the identity."""
    with torch.device("meta"):
        model = MAF(Design(direction=direction, blocks=blocks, width=16, layers=2), dim)
    init(model, torch.Generator().manual_seed(0)).double()
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(stir)
    return model


def noise(n: int, dim: int) -> Tensor:
    return torch.randn((n, dim), generator=torch.Generator().manual_seed(1), dtype=torch.float64)


@BOTH
@pytest.mark.parametrize("dim", [2, 3, 5])
def test_the_density_is_the_change_of_variables(direction: str, dim: int) -> None:
    model, x = made(direction, dim), noise(6, dim)
    z, log_det = model.to_noise(x)
    for row, own in zip(x, log_det, strict=True):
        jacobian = torch.func.jacrev(lambda y: model.to_noise(y[None])[0][0])(row)
        assert float(torch.linalg.slogdet(jacobian)[1].detach()) == pytest.approx(float(own.detach()), rel=1e-8)
    normal = torch.distributions.Normal(0.0, 1.0).log_prob(z).sum(1)  # type: ignore[no-untyped-call]
    torch.testing.assert_close(model.log_density(x), normal + log_det)


@BOTH
@pytest.mark.parametrize("dim", [2, 3, 5])
def test_the_walk_is_the_inverse_and_counts_its_passes(direction: str, dim: int) -> None:
    model, z = made(direction, dim), noise(50, dim)
    states = list(model.walk(z, Sampling(), torch.Generator()))
    torch.testing.assert_close(model.to_noise(states[-1].x)[0], z, atol=1e-8, rtol=0)
    passes = dim if direction == MASKED else 1
    assert [state.evaluations for state in states] == [0, passes, 2 * passes, 3 * passes]


@BOTH
@pytest.mark.parametrize("reverse", [False, True])
def test_each_jacobian_is_triangular_and_layers_take_turns(direction: str, reverse: bool) -> None:
    layer, x = made(direction, 4).layers()[int(reverse)], noise(1, 4)[0]
    jacobian = torch.func.jacrev(lambda y: layer.to_noise(y[None])[0][0])(x).detach()
    past = jacobian.tril(-1) if not reverse else jacobian.triu(1)
    assert torch.equal(jacobian, past + jacobian.diagonal().diag())
    assert bool((past != 0).sum() == 6)
    assert bool((jacobian.diagonal() > 0).all())


@BOTH
@pytest.mark.parametrize("reverse", [False, True])
def test_a_layer_is_zukos_on_the_same_network(direction: str, reverse: bool) -> None:
    """zuko's y_i = f(x_i | x_<i) is our noise -> data for an IAF, our data -> noise for a MAF."""
    layer, u = made(direction, 3).layers()[int(reverse)], noise(40, 3)

    def theirs(mu: Tensor, log_scale: Tensor) -> MonotonicAffineTransform:
        # zuko scales by exp(s / (1 + |s / log slope|)): hand it the s that gives our scale.
        slope = 1e-6
        bound = abs(float(torch.log(torch.tensor(slope, dtype=torch.float64))))
        return MonotonicAffineTransform(mu, log_scale / (1 - log_scale.abs() / bound), slope=slope)

    def meta(y: Tensor) -> MonotonicAffineTransform:
        mu, raw = layer.net(y)
        log_sigma = MAX_LOG_SCALE * torch.tanh(raw / MAX_LOG_SCALE)
        return theirs(mu, log_sigma) if direction == INVERSE else theirs(-mu * (-log_sigma).exp(), -log_sigma)

    order = [2, 1, 0] if reverse else [0, 1, 2]
    other = AutoregressiveTransform(meta, passes=3)
    if direction == INVERSE:
        x = layer.to_data(u)
        torch.testing.assert_close(x[:, order], other(u[:, order]))
        torch.testing.assert_close(layer.to_noise(x)[0][:, order], other.inv(x[:, order]))
        expected = -other.log_abs_det_jacobian(u[:, order], x[:, order]).sum(1)
        torch.testing.assert_close(layer.to_noise(x)[1], expected)
    else:
        z, log_det = layer.to_noise(u)
        torch.testing.assert_close(z[:, order], other(u[:, order]))
        torch.testing.assert_close(log_det, other.log_abs_det_jacobian(u[:, order], z[:, order]).sum(1))
        torch.testing.assert_close(layer.to_data(z)[:, order], other.inv(z[:, order]))


def test_an_iaf_layer_is_a_maf_layer_turned_round() -> None:
    """With the same network u = (y - mu) / sigma is a MAF's way to noise; an IAF's way to data is its affine inverse
    at the same mu and sigma, so both change volume by the same sigma at the same seen point."""
    maf, iaf = (Autoregressive(3, 16, 1, inverse=inverse, reverse=False) for inverse in (False, True))
    init(maf, torch.Generator().manual_seed(0)).double()
    init(iaf, torch.Generator().manual_seed(0)).double()
    seen = noise(20, 3)
    _, log_det = maf.to_noise(seen)
    torch.testing.assert_close(iaf.to_noise(iaf.to_data(seen))[1], log_det)
    mu, log_sigma = maf.parameters_at(seen)
    torch.testing.assert_close(iaf.to_data(seen), mu + log_sigma.exp() * seen)


@BOTH
def test_both_directions_are_timed(direction: str) -> None:
    model = made(direction, 3)
    density, sampling = finish(model.facts(noise(10, 3), Sampling(), torch.Generator().manual_seed(0)))
    assert (density.label, sampling.label) == ("Density of 2,000 points", "Sampling 2,000 points")
    one, many = (density, sampling) if direction == MASKED else (sampling, density)
    assert one.text.startswith("1 pass, ")
    assert many.text.startswith("3 passes, ")
    assert all(float(fact.text.split(", ")[1].removesuffix(" ms")) > 0 for fact in (one, many))


@BOTH
def test_the_bars_sum_to_the_mean_log_likelihood(direction: str) -> None:
    model, x = made(direction, 2), noise(3000, 2)
    bars = finish(model.bars(x, Sampling(), torch.Generator()))
    assert bars.names == ("log p(z)", "layer 1", "layer 2", "layer 3")
    torch.testing.assert_close(bars.values.sum(), model.log_density(x).mean().detach())
    last = model.layers()[-1].to_noise(x)[1].mean().detach()
    torch.testing.assert_close(bars.values[-1], last)


@BOTH
def test_the_density_integrates_to_one(direction: str) -> None:
    model = made(direction, 2, stir=0.7)  # gentle enough for the grid to see every bend
    axis = (torch.arange(300, dtype=torch.float64) + 0.5) / 300 * 20 - 10
    grid = torch.cartesian_prod(axis, axis)
    total = float(finish(model.log_prob(grid, Sampling(), torch.Generator())).exp().sum()) * (20 / 300) ** 2
    assert total == pytest.approx(1, abs=1e-4)


def test_one_column_is_refused() -> None:
    assert "at least two" in MAF.refuses_data(1, 1)
    assert MAF.refuses_data(2, 1) == ""
