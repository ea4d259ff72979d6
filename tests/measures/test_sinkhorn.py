"""The Sinkhorn divergence: POT's dual values, Janati's closed form between Gaussians, shifts, its refusal."""

from __future__ import annotations

import math

import numpy as np
import ot
import pytest
from scipy.spatial.distance import cdist

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.data.laws import law_from_text
from dgm_studio.measures.scaled_prices import SMALL
from dgm_studio.measures.sinkhorn import EPSILON, sinkhorn_divergence
from dgm_studio.measures.sinkhorn import MEASURE as SINKHORN
from dgm_studio.measures.w2 import MEASURE as W2
from tests.measures.laws import FLAT, TILTED, estimate, gaussian


def value(x: Array, y: Array, epsilon: float) -> float:
    """OT_e as its primal: <plan, cost> + epsilon KL(plan | a b), of POT's plan."""
    a, b = np.full(len(x), 1 / len(x)), np.full(len(y), 1 / len(y))
    cost = cdist(x, y, "sqeuclidean")
    plan = ot.bregman.sinkhorn_log(a, b, cost, epsilon, 5_000, 1e-9)
    held = plan > 0
    return float((plan * cost).sum() + epsilon * (plan[held] * np.log((plan / np.outer(a, b))[held])).sum())


@pytest.mark.parametrize(("n", "m", "dim"), [(20, 20, 2), (20, 13, 1), (SMALL + 20, 60, 2)])
def test_it_is_the_primal_values_of_pot_s_plans(n: int, m: int, dim: int) -> None:
    rng = np.random.default_rng(n)
    x, y = rng.normal(size=(n, dim)), 1.5 * rng.normal(size=(m, dim)) + 0.5
    truth = value(x, y, 1.0) - value(x, x, 1.0) / 2 - value(y, y, 1.0) / 2
    assert sinkhorn_divergence(x, y, 1.0) == pytest.approx(math.sqrt(truth), rel=1e-4)
    # A few points are done in this process, more in the helper: both stop at a thousandth of the mass.
    assert estimate(SINKHORN, "sinkhorn", x, y) == pytest.approx(sinkhorn_divergence(x, y, EPSILON), rel=1e-4)


def test_of_a_shifted_cloud_it_is_the_shift() -> None:
    x = np.random.default_rng(0).normal(size=(150, 2))
    assert estimate(SINKHORN, "sinkhorn", x, x + np.array([3.0, 4.0])) == pytest.approx(5, rel=1e-5)
    assert estimate(SINKHORN, "sinkhorn", x, x) == pytest.approx(0, abs=1e-3)
    assert SINKHORN.closed_form(law_from_text("moons"), law_from_text("moons:shift=3,4")) == pytest.approx(5)


def test_between_gaussians_it_is_janati_s() -> None:
    """The entropic plan of two Gaussians on a fine lattice of the line, which has no sampling error."""
    p, q = gaussian((0.0,)), gaussian((0.5,), 0.49)
    lattice = np.linspace(-4.5, 4.5, 181)[:, None]
    weights = []
    for mean, std in ((0.0, 1.0), (0.5, 0.7)):
        mass = np.exp(-0.5 * ((lattice[:, 0] - mean) / std) ** 2)
        weights.append(mass / mass.sum())
    cost = cdist(lattice, lattice, "sqeuclidean")

    def dual(a: Array, b: Array) -> float:
        plan = ot.bregman.sinkhorn_knopp(a, b, cost, EPSILON, 3_000, 1e-9)
        held = plan > 1e-300
        return float((plan * cost).sum() + EPSILON * (plan[held] * np.log(plan[held] / np.outer(a, b)[held])).sum())

    truth = dual(*weights) - dual(weights[0], weights[0]) / 2 - dual(weights[1], weights[1]) / 2
    assert SINKHORN.closed_form(p, q) == pytest.approx(math.sqrt(truth), rel=1e-4)


def test_in_the_plane_it_lies_below_w2_and_above_the_means() -> None:
    p, q = gaussian((0.0, 0.0), TILTED), gaussian((1.0, 0.0), FLAT)
    blurred, sharp = SINKHORN.closed_form(p, q), W2.closed_form(p, q)
    assert blurred is not None
    assert sharp is not None
    assert 1 < blurred < sharp < blurred + 0.01
    rng = np.random.default_rng(0)
    found = estimate(SINKHORN, "sinkhorn", p.draw(500, rng), q.draw(500, rng))
    assert found == pytest.approx(blurred, abs=0.15)


def test_where_it_does_not_converge_it_is_refused() -> None:
    rng = np.random.default_rng(0)
    x, y = 1e4 * rng.normal(size=(30, 2)), 1e4 * rng.normal(size=(30, 2))
    with pytest.raises(Refused, match="does not converge"):
        sinkhorn_divergence(x, y, EPSILON)
    # With epsilon brought down in steps few points converge all the same: to W2, so small is epsilon here.
    assert estimate(SINKHORN, "sinkhorn", x, y) == pytest.approx(estimate(W2, "exact-plan", x, y), rel=1e-6)
