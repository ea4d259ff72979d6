"""The priors of a VAE: densities that integrate to one, draws that follow them, bounds that meet quadrature."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import fill
from dgm_studio.core.slow import finish
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts.diagonal_normal import log_normal
from dgm_studio.families.parts.latent_priors import AGGREGATED, FLOW, STANDARD, VAMP
from dgm_studio.families.vae import VAE, Design, Sampling, Training
from dgm_studio.nets.init import init

KINDS = (STANDARD, FLOW, VAMP, AGGREGATED)


def made(prior: str, **design: Any) -> VAE:
    with torch.device("meta"):
        model = VAE(fill(Design, {"width": 16, "layers": 1, "components": 6, "prior": prior, **design}), 2)
    return init(model, torch.Generator().manual_seed(0)).double()


def lattice() -> tuple[Tensor, float]:
    """Latent points (n, 2) in [-7, 7]^2, and the area of each."""
    axis = (torch.arange(140, dtype=torch.float64) + 0.5) / 10 - 7
    return torch.cartesian_prod(axis, axis), 0.01


def fit_of(prior: str, seed: int = 0) -> Fit:
    model = made(prior).float()
    data = torch.randn((300, 2), generator=torch.Generator().manual_seed(5))
    training: Any = fill(Training, {"batch": 64})
    return Fit(model, training, data, torch.zeros(300, dtype=torch.int64), torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("kind", KINDS)
def test_draws_follow_the_density(kind: str) -> None:
    model = made(kind)
    z, area = lattice()
    density = model.log_prior(z).detach().exp()
    assert float(density.sum() * area) == pytest.approx(1, abs=2e-3)
    drawn = model.prior(40_000, torch.Generator().manual_seed(1))
    mean = (density[:, None] * z).sum(0) * area
    torch.testing.assert_close(drawn.mean(0), mean, atol=0.03, rtol=0)
    second = (z * density[:, None]).T @ z * area - torch.outer(mean, mean)
    torch.testing.assert_close(drawn.T.cov(), second, atol=0.05, rtol=0.03)


@pytest.mark.parametrize("kind", KINDS)
def test_the_bound_meets_quadrature(kind: str) -> None:
    model = made(kind, sigma=0.7)
    x = torch.randn((40, 2), generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    z, area = lattice()
    with torch.no_grad():
        mean, spread = model.likelihood(z)
        joint = log_normal(x[:, None], mean, spread) + model.log_prior(z) + math.log(area)
    sampling: Any = fill(Sampling, {"importance_samples": 1000})
    found = finish(model.log_prob(x, sampling, torch.Generator().manual_seed(0)))
    assert float((found - joint.logsumexp(1)).mean()) == pytest.approx(0, abs=0.015)


@pytest.mark.parametrize("kind", [FLOW, VAMP, AGGREGATED])
def test_a_kl_without_closed_form_is_right_on_average(kind: str) -> None:
    model = made(kind)
    x = torch.randn((3, 2), generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    noise = torch.randn((3 * 20_000, 2), generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    with torch.no_grad():
        _, divergence = model.terms(x.repeat_interleave(20_000, 0), noise)
        assert divergence.shape == (60_000, 1)
        z, area = lattice()
        posterior = log_normal(z, *(part[:, None] for part in model.encode(x)))
        expected = (posterior.exp() * (posterior - model.log_prior(z))).sum(1) * area
    torch.testing.assert_close(divergence.view(3, -1).mean(1), expected, atol=0.03, rtol=0.02)


@pytest.mark.parametrize("kind", KINDS)
def test_every_prior_learns_and_resumes_bit_exactly(kind: str) -> None:
    through, stopped = fit_of(kind), fit_of(kind)
    before = {name: weight.clone() for name, weight in through.model.named_parameters()}
    one, two = through.beats(), stopped.beats()
    for _ in range(3):
        assert next(one) == next(two)
    tensors, meta = stopped.state()
    resumed = fit_of(kind, seed=9)
    resumed.restore({name: tensor.clone() for name, tensor in tensors.items()}, meta)
    rest = resumed.beats()
    for _ in range(3):
        assert next(one) == next(rest)
    assert all(bool((weight != before[name]).any()) for name, weight in through.model.named_parameters())


def test_the_aggregated_prior_is_made_of_data_points() -> None:
    fit = fit_of(AGGREGATED)
    next(fit.beats())
    inputs = fit.model.latent_prior.inputs  # type: ignore[union-attr]
    assert bool((torch.cdist(inputs, fit.points).min(1).values == 0).all())  # type: ignore[arg-type]
    assert "latent_prior.inputs" not in dict(fit.model.named_parameters())


def test_a_flow_needs_two_coordinates() -> None:
    with pytest.raises(Refused, match="latent dimension"):
        made(FLOW, latent=1)
