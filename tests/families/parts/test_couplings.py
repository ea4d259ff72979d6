"""The three couplings: change of variables, inverse, and what sets each apart, in float64."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from zuko.transforms import AdditiveTransform, CouplingTransform, MonotonicRQSTransform

from dgm_studio.core.slow import finish
from dgm_studio.families.parts.couplings import AdditiveCoupling, Scaling, SplineCoupling
from dgm_studio.families.parts.flow import Sampling
from dgm_studio.families.realnvp import ADDITIVE, AFFINE, SPLINE, Design, RealNVP
from dgm_studio.nets.init import init

ALL = pytest.mark.parametrize("coupling", [AFFINE, ADDITIVE, SPLINE])


def made(coupling: str, dim: int, couplings: int = 4, stir: float = 1.0) -> RealNVP:
    """Filled, then moved away from where it starts."""
    with torch.device("meta"):
        model = RealNVP(Design(coupling=coupling, couplings=couplings, width=16, layers=2), dim)
    init(model, torch.Generator().manual_seed(0)).double()
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(1 + stir).add_(0.1 * stir * torch.randn(weight.shape, generator=generator, dtype=torch.float64))
    return model


def noise(n: int, dim: int) -> Tensor:
    return torch.randn((n, dim), generator=torch.Generator().manual_seed(1), dtype=torch.float64)


@ALL
@pytest.mark.parametrize("dim", [2, 3, 5])
def test_the_density_is_the_change_of_variables(coupling: str, dim: int) -> None:
    model, x = made(coupling, dim), noise(6, dim)
    z, log_det = model.to_noise(x)
    for row, own in zip(x, log_det, strict=True):
        jacobian = torch.func.jacrev(lambda y: model.to_noise(y[None])[0][0])(row)
        truth = float(torch.linalg.slogdet(jacobian)[1].detach())
        assert truth == pytest.approx(float(own.detach()), rel=1e-8, abs=1e-10)
    normal = torch.distributions.Normal(0.0, 1.0).log_prob(z).sum(1)  # type: ignore[no-untyped-call]
    torch.testing.assert_close(model.log_density(x), normal + log_det)


@ALL
@pytest.mark.parametrize("dim", [2, 3, 5])
def test_the_walk_is_the_inverse(coupling: str, dim: int) -> None:
    model, z = made(coupling, dim), 2 * noise(200, dim)
    states = list(model.walk(z, Sampling(), torch.Generator()))
    assert len(states) == model.frames(Sampling()) == (6 if coupling == ADDITIVE else 5)
    torch.testing.assert_close(model.to_noise(states[-1].x)[0], z, atol=1e-8, rtol=0)


@ALL
def test_the_density_integrates_to_one(coupling: str) -> None:
    model = made(coupling, 2, stir=0.1)  # gentle enough for the grid to see every bend
    axis = (torch.arange(300, dtype=torch.float64) + 0.5) / 300 * 14 - 7
    grid = torch.cartesian_prod(axis, axis)
    total = float(finish(model.log_prob(grid, Sampling(), torch.Generator())).exp().sum()) * (14 / 300) ** 2
    assert total == pytest.approx(1, abs=1e-4)


@ALL
def test_the_bars_sum_to_the_mean_log_likelihood(coupling: str) -> None:
    model, x = made(coupling, 2), noise(3000, 2)
    bars = finish(model.bars(x, Sampling(), torch.Generator()))
    torch.testing.assert_close(bars.values.sum(), model.log_density(x).mean().detach())
    assert len(bars.names) == len(bars.values) == len(model.layers()) + 1
    if coupling == ADDITIVE:
        assert bars.names[1] == "scaling"
        assert not bool(bars.values[2:].any())


def test_nice_changes_volume_in_its_scaling_alone() -> None:
    model, x = made(ADDITIVE, 3), noise(10, 3)
    scaling = model.layers()[0]
    assert isinstance(scaling, Scaling)
    expected = -scaling.log_scale.sum().expand(10)
    torch.testing.assert_close(model.to_noise(x)[1], expected)
    z = noise(10, 3)
    torch.testing.assert_close(scaling.to_data(z), z @ scaling.log_scale.exp().diag())


@pytest.mark.parametrize("flip", [False, True])
def test_an_additive_coupling_is_zukos(flip: bool) -> None:
    coupling, z = made(ADDITIVE, 3).couplings[int(flip)], noise(40, 3)
    assert isinstance(coupling, AdditiveCoupling)
    theirs = CouplingTransform(lambda a: AdditiveTransform(coupling.net(a)), _mask(coupling))
    torch.testing.assert_close(coupling.to_data(z), theirs(z))
    torch.testing.assert_close(coupling.to_noise(z)[0], theirs.inv(z))


@pytest.mark.parametrize("flip", [False, True])
def test_a_spline_coupling_is_zukos_on_the_same_knots(flip: bool) -> None:
    coupling, x = made(SPLINE, 3).couplings[int(flip)], 2 * noise(200, 3)
    assert isinstance(coupling, SplineCoupling)

    def meta(a: Tensor) -> MonotonicRQSTransform:
        count = 3 - a.shape[1]
        blank = torch.zeros((len(a), count, 8), dtype=a.dtype)
        transform = MonotonicRQSTransform(blank, blank, blank[..., 1:], bound=coupling.bound)
        transform.horizontal, transform.vertical, transform.derivatives = coupling.spline(a, count)
        return transform

    theirs = CouplingTransform(meta, _mask(coupling))
    z, log_det = coupling.to_noise(x)
    torch.testing.assert_close(z, theirs(x))
    torch.testing.assert_close(log_det, theirs.log_abs_det_jacobian(x, z).sum(1), atol=1e-8, rtol=1e-7)
    torch.testing.assert_close(coupling.to_data(z), x, atol=1e-8, rtol=0)


def _mask(coupling: AdditiveCoupling | SplineCoupling) -> Tensor:
    """True where zuko's coupling keeps a coordinate."""
    kept = coupling._parts(torch.arange(3)[None])[0][0]
    mask = torch.zeros(3, dtype=torch.bool)
    mask[kept] = True
    return mask
