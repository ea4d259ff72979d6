"""Plans and prices: POT's optimum, duality, marginals, the entropic plan's own equation."""

from __future__ import annotations

import numpy as np
import ot
import pytest
from scipy.spatial.distance import cdist

from dgm_studio.core.errors import Refused
from dgm_studio.core.slow import finish
from dgm_studio.measures.transport import Plan, entropic_plan, exact_plan, least_cost, line_plan, potential

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(40, 2)), RNG.normal(size=(30, 2)) + 1
A, B = RNG.random(40), RNG.random(30)
A[3] = B[5] = 0.0
A, B = A / A.sum(), B / B.sum()


def check_marginals(plan: Plan, tolerance: float) -> None:
    """Rows add up to a, columns to b."""
    dense = plan.matrix(40, 30)
    assert dense.min() >= 0
    assert dense.sum(1) == pytest.approx(A, abs=tolerance)
    assert dense.sum(0) == pytest.approx(B, abs=tolerance)


@pytest.mark.parametrize("power", [1.0, 2.0, 3.0])
def test_the_exact_plan_is_optimal_and_its_prices_prove_it(power: float) -> None:
    plan, cost = finish(exact_plan(X, Y, A, B, power)), cdist(X, Y) ** power
    assert plan.f is not None
    assert plan.g is not None
    check_marginals(plan, 1e-12)
    assert plan.cost == pytest.approx(ot.emd2(A, B, cost), rel=1e-9)
    assert A @ plan.f + B @ plan.g == pytest.approx(plan.cost, rel=1e-9)
    slack = cost - plan.f[:, None] - plan.g
    assert slack.min() > -1e-9
    assert slack[plan.rows, plan.columns] == pytest.approx(0, abs=1e-9)
    assert len(plan.mass) <= 69


def test_the_price_anywhere_is_the_best_critic() -> None:
    plan = finish(exact_plan(X, Y, power=1))
    assert plan.f is not None
    assert plan.g is not None
    assert potential(X, Y, plan.g, 1) == pytest.approx(plan.f, abs=1e-7)
    at = RNG.normal(size=(200, 2)) * 3
    f = potential(at, Y, plan.g, 1)
    steep = np.abs(f[:, None] - f) / (cdist(at, at) + np.eye(200))
    assert steep.max() <= 1 + 1e-9
    assert potential(X, Y, plan.g, 1).mean() - potential(Y, Y, plan.g, 1).mean() == pytest.approx(plan.cost, rel=1e-6)


def test_the_cost_alone() -> None:
    assert finish(least_cost(X, Y, 2)) == pytest.approx(finish(exact_plan(X, Y)).cost, rel=1e-12)


@pytest.mark.parametrize("epsilon", [10.0, 1.0, 0.3])
def test_the_entropic_plan_solves_its_equation(epsilon: float) -> None:
    plan, cost = finish(entropic_plan(X, Y, epsilon, A, B, iterations=20_000)), cdist(X, Y) ** 2
    assert plan.f is not None
    assert plan.g is not None
    check_marginals(plan, 1e-8)
    assert plan.error < 1e-7
    made = A[:, None] * B * np.exp((plan.f[:, None] + plan.g - cost) / epsilon)
    assert plan.matrix(40, 30) == pytest.approx(made, abs=1e-12)
    some, other = A > 0, B > 0
    theirs = ot.bregman.sinkhorn_log(A[some], B[other], cost[np.ix_(some, other)], epsilon, 20_000)
    assert plan.matrix(40, 30)[np.ix_(some, other)] == pytest.approx(theirs, abs=1e-8)


def test_between_the_exact_plan_and_the_product() -> None:
    exact = finish(exact_plan(X, Y, A, B)).cost
    costs = [finish(entropic_plan(X, Y, epsilon, A, B)).cost for epsilon in (0.3, 3.0, 1e6)]
    assert exact < costs[0] < costs[1] < costs[2]
    assert costs[2] == pytest.approx(A @ cdist(X, Y) ** 2 @ B, rel=1e-4)


def test_far_clouds_and_a_tiny_epsilon_do_not_underflow() -> None:
    plan = finish(entropic_plan(X, Y + 30, 0.2))
    assert plan.cost == pytest.approx(finish(exact_plan(X, Y + 30)).cost, rel=1e-3)
    rough = finish(entropic_plan(X, Y + 30, 1e-4, iterations=50))
    assert np.isfinite(rough.mass).all()
    assert rough.error > 1e-3, "it says that it has not converged"


def test_a_neighbour_s_prices_are_a_better_start() -> None:
    near = finish(entropic_plan(X, Y, 1.0))
    cold, warm = (finish(entropic_plan(X, Y, 0.9, start=start)) for start in (None, near.g))
    assert warm.iterations < cold.iterations
    assert warm.cost == pytest.approx(cold.cost, rel=1e-6)


def test_on_the_line_mass_goes_in_order() -> None:
    """The slide's histograms: W1 is the sum of P |i - j|."""
    bins = np.arange(5.0)[:, None]
    a, b = np.array([3.0, 1, 0, 0, 2]), np.array([0.0, 2, 2, 1, 1])
    plan = finish(line_plan(bins, bins, a, b))
    assert plan.cost == pytest.approx(float(np.abs(np.cumsum(a - b)).sum()) / 6, rel=1e-12)
    assert plan.cost == pytest.approx(finish(exact_plan(bins, bins, a, b, 1)).cost, rel=1e-9)
    order = np.lexsort((plan.columns, plan.rows))
    assert (np.diff(plan.columns[order]) >= 0).all()


@pytest.mark.parametrize(
    ("weights", "words"), [(np.full(40, -1.0), "0 or more"), (np.zeros(40), "not all 0"), (np.ones(3), "40 points")]
)
def test_bad_weights_are_refused(weights: np.ndarray, words: str) -> None:
    with pytest.raises(Refused, match=words):
        finish(exact_plan(X, Y, weights))


def test_bad_questions_are_refused() -> None:
    with pytest.raises(Refused, match="epsilon above 0"):
        finish(entropic_plan(X, Y, 0.0))
    with pytest.raises(Refused, match="on the line"):
        finish(line_plan(X, Y))
