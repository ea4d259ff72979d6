"""Closed forms between Gaussians against torch's, against quadrature, and at their limits."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.distributions import MultivariateNormal, kl_divergence

from dgm_studio.core.slow import finish
from dgm_studio.data.laws import MixtureLaw
from dgm_studio.measures import gaussians
from dgm_studio.measures.on_densities import OnDensities, together
from tests.measures.densities import DENSITY_MEASURES
from tests.measures.laws_for_measures import normal, random_normal


def of_torch(law: MixtureLaw) -> MultivariateNormal:
    mixture = law.mixture()
    return MultivariateNormal(torch.from_numpy(mixture.means[0]), torch.from_numpy(mixture.covariances[0]))


def normals(p: MixtureLaw, q: MixtureLaw) -> tuple[gaussians.Normal, gaussians.Normal]:
    one, other = gaussians.normal_of(p), gaussians.normal_of(q)
    assert one is not None
    assert other is not None
    return one, other


@pytest.mark.parametrize("dim", [1, 2, 5])
def test_kl_and_cross_entropy_are_those_of_torch(dim: int) -> None:
    rng = np.random.default_rng(dim)
    p, q = random_normal(dim, rng), random_normal(dim, rng)
    theirs = float(kl_divergence(of_torch(p), of_torch(q)))
    assert gaussians.kl(*normals(p, q)) == pytest.approx(theirs, rel=1e-12)
    entropy = float(of_torch(p).entropy())  # type: ignore[no-untyped-call]
    assert gaussians.cross_entropy(*normals(p, q)) == pytest.approx(entropy + theirs, rel=1e-12)


@pytest.mark.parametrize("dim", [1, 2])
@pytest.mark.parametrize("seed", range(6))
def test_every_closed_form_is_what_quadrature_finds(dim: int, seed: int) -> None:
    rng = np.random.default_rng([dim, seed])
    p, q = random_normal(dim, rng), random_normal(dim, rng)
    known = [one for one in DENSITY_MEASURES if one.closed_form(p, q) is not None]
    assert len(known) >= 6
    for one, answer in zip(known, finish(together(p, q, known)), strict=True):
        exact = one.closed_form(p, q)
        assert exact is not None
        assert answer is not None
        if math.isinf(exact):
            assert answer == (math.inf, 0.0), one.card.id
        else:
            assert abs(answer[0] - exact) <= answer[1] + 1e-14, one.card.id
            assert answer[0] == pytest.approx(exact, rel=1e-6, abs=1e-9), one.card.id


def test_chi2_is_infinite_where_q_falls_off_too_fast() -> None:
    assert gaussians.chi2(*normals(normal(0, 1), normal(0, 0.71))) < math.inf
    assert gaussians.chi2(*normals(normal(0, 1), normal(0, 0.70))) == math.inf
    # In the plane one direction suffices.
    wide, narrow = np.diag([1.0, 1.0]), np.diag([4.0, 0.4])
    assert gaussians.chi2(gaussians.Normal(np.zeros(2), wide), gaussians.Normal(np.zeros(2), narrow)) == math.inf
    assert gaussians.chi2(gaussians.Normal(np.zeros(2), narrow), gaussians.Normal(np.zeros(2), wide)) == math.inf


def test_chi2_at_equal_spread_is_exp_of_the_squared_distance() -> None:
    for gap in (0.0, 1e-5, 1.0, 5.0):
        exact = math.expm1(gap**2)
        assert gaussians.chi2(*normals(normal(gap, 1), normal(0, 1))) == pytest.approx(exact, rel=1e-12)
    assert gaussians.chi2(*normals(normal(40, 1), normal(0, 1))) == math.inf  # above 1e308


@pytest.mark.parametrize(("mean", "std"), [(1.0, 1.0), (0.0, 2.0), (1.0, 0.3), (1e-3, 1 + 1e-9), (-4.0, 0.5)])
def test_total_variation_on_the_line(mean: float, std: float) -> None:
    p, q = normals(normal(0, 1), normal(mean, std))
    x = np.linspace(-20, 20, 4_000_001)
    density = [np.exp(-0.5 * ((x - m) / s) ** 2) / (s * math.sqrt(2 * math.pi)) for m, s in ((0, 1), (mean, std))]
    by_sum = 0.5 * float(np.abs(density[0] - density[1]).sum()) * (x[1] - x[0])
    assert gaussians.tv(p, q) == pytest.approx(by_sum, abs=1e-9)
    assert gaussians.tv(q, p) == pytest.approx(by_sum, abs=1e-9)


def test_a_mixture_or_a_point_is_no_gaussian() -> None:
    assert gaussians.normal_of(normal(0, 1)) is not None
    two = normal(0, 1).mixture()
    both = type(two)(np.array([0.5, 0.5]), np.array([[0.0], [1.0]]), np.ones((2, 1, 1)))
    assert gaussians.normal_of(MixtureLaw(both)) is None


@pytest.mark.parametrize("measure", DENSITY_MEASURES, ids=lambda one: one.card.id)
def test_a_law_is_not_apart_from_itself(measure: OnDensities) -> None:
    p, again = normal(0.3, 1.2), normal(0.3, 1.2)
    exact = measure.closed_form(p, again)
    if measure.card.id == "nll":
        assert exact == pytest.approx(0.5 * math.log(2 * math.pi * math.e * 1.44))
    else:
        assert exact == 0
