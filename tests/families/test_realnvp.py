"""RealNVP against autograd and against zuko, in float64."""

from __future__ import annotations

import pytest
import torch
from zuko.transforms import CouplingTransform, MonotonicAffineTransform

from dgm_studio.core.errors import Refused
from dgm_studio.core.slow import finish
from dgm_studio.families.parts.couplings import AffineCoupling
from dgm_studio.families.parts.flow import Sampling
from dgm_studio.families.realnvp import Design, RealNVP
from dgm_studio.nets.init import init


def made(dim: int, couplings: int = 4) -> RealNVP:
    with torch.device("meta"):
        model = RealNVP(Design(couplings=couplings, width=16, layers=2), dim)
    init(model, torch.Generator().manual_seed(0)).double()
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(3)  # far from the identity
    return model


def noise(n: int, dim: int) -> torch.Tensor:
    return torch.randn((n, dim), generator=torch.Generator().manual_seed(1), dtype=torch.float64)


@pytest.mark.parametrize("dim", [2, 3, 5])
def test_the_density_is_the_change_of_variables(dim: int) -> None:
    model, x = made(dim), noise(6, dim)
    z, log_det = model.to_noise(x)
    for row, own in zip(x, log_det, strict=True):
        jacobian = torch.func.jacrev(lambda y: model.to_noise(y[None])[0][0])(row)
        assert float(torch.linalg.slogdet(jacobian)[1].detach()) == pytest.approx(float(own.detach()), rel=1e-8)
    normal = torch.distributions.Normal(0.0, 1.0).log_prob(z).sum(1)  # type: ignore[no-untyped-call]
    torch.testing.assert_close(model.log_density(x), normal + log_det)


@pytest.mark.parametrize("dim", [2, 3, 5])
def test_the_walk_is_the_inverse(dim: int) -> None:
    model, z = made(dim), noise(50, dim)
    states = list(model.walk(z, Sampling(), torch.Generator()))
    assert [state.t for state in states] == [0, 0.25, 0.5, 0.75, 1]
    assert torch.equal(states[0].x, z)
    torch.testing.assert_close(model.to_noise(states[-1].x)[0], z, atol=1e-9, rtol=0)
    for before, after, k in zip(states, states[1:], range(4), strict=False):
        moved = ((before.x - after.x).abs() > 0).any(0)
        coupling = model.layers()[k]
        assert isinstance(coupling, AffineCoupling)
        kept = coupling._parts(torch.arange(dim)[None])[0][0]
        assert not bool(moved[kept].any())
        assert bool(moved.any())


@pytest.mark.parametrize("flip", [False, True])
def test_a_coupling_is_zukos(flip: bool) -> None:
    model, z = made(3, 2), noise(40, 3)
    coupling = model.layers()[int(flip)]
    assert isinstance(coupling, AffineCoupling)
    # zuko scales by exp(s / (1 + |s / log slope|)), another soft bound: hand it the s that gives our sigma.
    slope = 1e-3
    bound = abs(float(torch.log(torch.tensor(slope, dtype=torch.float64))))

    def meta(a: torch.Tensor) -> MonotonicAffineTransform:
        log_sigma, mu = coupling._affine(a)
        raw = log_sigma / (1 - log_sigma.abs() / bound)
        return MonotonicAffineTransform(mu, raw, slope=slope)

    kept = coupling._parts(torch.arange(3)[None])[0][0]
    mask = torch.zeros(3, dtype=torch.bool)
    mask[kept] = True
    theirs = CouplingTransform(meta, mask)
    x = coupling.to_data(z)
    torch.testing.assert_close(x, theirs(z))
    back, log_det = coupling.to_noise(x)
    torch.testing.assert_close(back, z)
    torch.testing.assert_close(log_det, -theirs.log_abs_det_jacobian(z, x).sum(1))


def test_log_prob_is_the_density_in_slices() -> None:
    model, x = made(2), noise(5000, 2)
    slow = model.log_prob(x, Sampling(), torch.Generator())
    next(slow)
    found = finish(model.log_prob(x, Sampling(), torch.Generator()))
    torch.testing.assert_close(found, model.log_density(x).detach())
    with pytest.raises(Refused, match="t = 1"):
        finish(model.log_prob(x, Sampling(), torch.Generator(), t=0.5))


def test_temperature_scales_the_noise() -> None:
    model, z = made(2), noise(5, 2)
    cold = list(model.walk(z, Sampling(temperature=0.5), torch.Generator()))
    assert torch.equal(cold[-1].x, list(model.walk(0.5 * z, Sampling(), torch.Generator()))[-1].x)


def test_one_column_is_refused() -> None:
    assert "two columns" in RealNVP.refuses_data(1, 1)
    assert RealNVP.refuses_data(2, 1) == ""
