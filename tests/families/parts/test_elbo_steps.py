"""The discrete-time bound, term by term, where the denoiser is the exact one of Gaussian data."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from dgm_studio.core.slow import finish
from dgm_studio.families.diffusion import Sampling
from dgm_studio.families.parts.elbo_steps import elbo_terms
from dgm_studio.paths import paths
from tests.families.test_diffusion import MEAN, STD, made, noise

N = 4_000


def terms_of(path: str, steps: int) -> Tensor:
    model, x1 = made(path, "x"), MEAN + STD * noise(N, 2)
    times = model.path.time_grid(steps, torch.float64)
    with torch.no_grad():
        return finish(elbo_terms(model, x1, times, torch.Generator().manual_seed(2)))


@pytest.mark.parametrize("path", ["vp", "ve", "straight", "edm"])
def test_each_term_is_the_kl_of_lecture_8(path: str) -> None:
    """Between levels t < r: E KL = |mu~ - mu|^2 / (2 beta~), by the posterior's mean and variance (Ho et al., eq. 6-8),
    with the exact denoiser's mean squared error d Var(x_1 | x_t)."""
    own, steps = paths()[path], 10
    terms = terms_of(path, steps)
    t = own.time_grid(steps, torch.float64)
    t = t[own.s(t) > 0]
    a, s = own.a(t), own.s(t)
    assert len(terms) == len(t) + 1
    variance = STD**2 * s**2 / (a**2 * STD**2 + s**2)
    expected = []
    for i in range(len(t) - 1):
        k = a[i] / a[i + 1]
        b = s[i] ** 2 - k**2 * s[i + 1] ** 2
        posterior = s[i + 1] ** 2 * b / s[i] ** 2
        of_clean = a[i + 1] * b / s[i] ** 2  # the factor of x_1 in the posterior's mean
        expected.append(float(2 * of_clean**2 * variance[i] / (2 * posterior)))
    found = terms[1:-1].flip(0)
    error = found.std(1) / math.sqrt(N)
    assert float(((found.mean(1) - torch.tensor(expected, dtype=torch.float64)) / error).abs().max()) < 4.5


def test_the_prior_and_the_decoder_are_gaussian_formulas() -> None:
    terms = terms_of("vp", 10)
    own, x1 = paths()["vp"], MEAN + STD * noise(N, 2)
    a, s = (float(f(torch.zeros((), dtype=torch.float64))) for f in (own.a, own.s))
    normal = torch.distributions.Normal
    prior = torch.distributions.kl_divergence(normal(a * x1, s), normal(0.0, 1.0)).sum(1)
    torch.testing.assert_close(terms[-1], prior)
    last = torch.tensor(0.9, dtype=torch.float64)
    sigma = float(own.s(last) / own.a(last))
    posterior = STD**2 * sigma**2 / (STD**2 + sigma**2)
    expected = 0.5 * 2 * math.log(2 * math.pi * sigma**2) + 2 * posterior / (2 * sigma**2)
    assert float(terms[0].mean()) == pytest.approx(expected, abs=5 * float(terms[0].std()) / math.sqrt(N))


def test_the_sum_bounds_the_likelihood_and_tightens() -> None:
    """VE's levels draw together as they grow in number; those of VP's uniform chain do not near the data."""
    entropy = 2 * (0.5 * math.log(2 * math.pi * STD**2) + 0.5)
    gaps = []
    for steps in (10, 50, 250):
        total = terms_of("ve", steps).sum(0)
        gaps.append(float(total.mean()) - entropy)
        assert gaps[-1] > -4 * float(total.std()) / math.sqrt(N)
    assert gaps[0] > gaps[1] > gaps[2]
    assert gaps[2] < 0.4


def test_the_bars_show_it() -> None:
    model, points = made("vp", "x"), MEAN + STD * noise(500, 2)
    bars = finish(model.bars(points, Sampling(steps=12), torch.Generator().manual_seed(0)))
    assert bars.values.shape == (13,)
    assert bars.unit == "nats"
    assert f"Sum {float(bars.values.sum()):.2f}" in bars.note
    assert not bars.values.requires_grad
