"""Entropic transport of few points: POT's dual value, one point, clouds far apart, too few steps."""

from __future__ import annotations

import numpy as np
import ot
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from dgm_studio.core.arrays import Array
from dgm_studio.core.slow import finish
from dgm_studio.measures.scaled_prices import dual_value, self_dual_value


def pot_s(x: Array, y: Array, epsilon: float) -> float:
    """The dual value by POT in the log domain."""
    a, b = np.full(len(x), 1 / len(x)), np.full(len(y), 1 / len(y))
    cost = cdist(x, y, "sqeuclidean")
    _, log = ot.bregman.sinkhorn_log(a, b, cost, epsilon, 20_000, 1e-10, log=True)
    return float(epsilon * ((log["log_u"] - np.log(a)).mean() + (log["log_v"] - np.log(b)).mean()))


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 99), st.integers(1, 30), st.integers(1, 30), st.sampled_from([1.0, 3.0]))
def test_it_is_pot_s(seed: int, n: int, m: int, epsilon: float) -> None:
    """At an epsilon for which POT converges within seconds; a small one is bounded below."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(n, 2)), rng.normal(size=(m, 2)) + 1
    value, error = finish(dual_value(x, y, epsilon, 1e-8, 20_000))
    assert error < 1e-8
    assert value == pytest.approx(pot_s(x, y, epsilon), rel=1e-5, abs=1e-6)


def test_one_point_costs_its_distance() -> None:
    value, error = finish(dual_value(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0]]), 0.1, 1e-9, 100))
    assert value == pytest.approx(25.0)
    assert error == pytest.approx(0.0, abs=1e-12)


def test_far_and_wide_clouds_do_not_underflow() -> None:
    """Squared distances of 10,000 epsilon, where a plain kernel is zero everywhere. Between the cost of the best plan
    and that plus epsilon log n (its entropy is log n at most)."""
    rng = np.random.default_rng(1)
    x, y = 3 * rng.normal(size=(40, 2)), 3 * rng.normal(size=(40, 2)) + 30
    value, error = finish(dual_value(x, y, 0.1, 1e-3, 20_000))
    best = float(ot.emd2([], [], cdist(x, y, "sqeuclidean")))
    assert error < 1e-3
    assert best - 1e-6 <= value <= best + 0.1 * np.log(40)


def test_steps_that_run_out_are_told() -> None:
    rng = np.random.default_rng(2)
    x, y = 20 * rng.normal(size=(60, 2)), 20 * rng.normal(size=(60, 2))
    assert finish(dual_value(x, y, 0.01, 1e-9, 10))[1] > 1e-9


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 99), st.integers(1, 40), st.sampled_from([0.1, 1.0, 3.0]), st.sampled_from([0.1, 3.0]))
def test_of_a_cloud_with_itself_one_price_is_enough(seed: int, n: int, spread: float, epsilon: float) -> None:
    x = spread * np.random.default_rng(seed).normal(size=(n, 2))
    value, error = self_dual_value(x, epsilon, 1e-8, 20_000)
    both, _ = finish(dual_value(x, x, epsilon, 1e-6, 20_000))
    assert error < 1e-8
    assert value == pytest.approx(both, abs=1e-4 * epsilon)
