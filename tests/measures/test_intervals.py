"""Jackknife and bootstrap against answers on paper, Student's t against scipy."""

from __future__ import annotations

import math
from collections.abc import Generator

import numpy as np
import pytest
from scipy import stats

from dgm_studio.core.arrays import Array
from dgm_studio.core.slow import finish
from dgm_studio.measures.intervals import bootstrap, halves, jackknife, shrink, student


def mean_gap(x: Array, y: Array) -> Generator[None, None, float]:
    yield
    return float(x.mean() - y.mean())


def clouds(seed: int, n: int = 400, m: int = 300) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, 1)), 2.0 + 3.0 * rng.standard_normal((m, 1))


def orders(seed: int, n: int = 400, m: int = 300) -> tuple[Array, Array]:
    rng = np.random.default_rng(1_000 + seed)
    return rng.permutation(n), rng.permutation(m)


@pytest.mark.parametrize("freedom", [4, 5, 9, 19, 199])
def test_student_is_scipy_s(freedom: int) -> None:
    assert student(freedom) == pytest.approx(float(stats.t.ppf(0.975, freedom)), abs=1e-3)


def test_a_jackknife_with_one_point_a_group_is_the_textbook_s() -> None:
    """For a mean: t sqrt(s^2 / n), each point its own group."""
    x = np.random.default_rng(0).standard_normal((30, 1))
    still = np.zeros((30, 1))
    found = finish(jackknife(mean_gap, x, still, (np.arange(30), np.arange(30)), 30))
    assert found == pytest.approx(stats.t.ppf(0.975, 29) * x.std(ddof=1) / math.sqrt(30), rel=1e-3)


def test_both_intervals_are_as_wide_as_the_two_samples_make_them() -> None:
    """sqrt(1/400 + 9/300): half a width of 1.96 or 2.09 of them."""
    true = math.sqrt(1 / 400 + 9 / 300)
    spreads, widths = [], []
    for seed in range(30):
        x, y = clouds(seed)
        spreads.append(finish(jackknife(mean_gap, x, y, orders(seed))))
        low, high = finish(bootstrap(mean_gap, x, y, float(x.mean() - y.mean()), np.random.default_rng(seed)))
        widths.append(high - low)
    assert np.mean(spreads) == pytest.approx(2.09 * true, rel=0.06)
    assert np.mean(widths) == pytest.approx(2 * 1.96 * true, rel=0.06)


@pytest.mark.parametrize("way", ["jackknife", "bootstrap"])
def test_they_hold_the_truth_as_often_as_they_say(way: str) -> None:
    held = []
    for seed in range(100):
        x, y = clouds(seed)
        value = float(x.mean() - y.mean())
        if way == "jackknife":
            spread = finish(jackknife(mean_gap, x, y, orders(seed)))
            low, high = value - spread, value + spread
        else:
            low, high = finish(bootstrap(mean_gap, x, y, value, np.random.default_rng(seed), 100))
        held.append(low <= -2.0 <= high)
    assert 0.88 <= np.mean(held) <= 0.99


def test_what_is_not_finite_has_no_bounds() -> None:
    def bad(x: Array, y: Array) -> Generator[None, None, float]:
        yield
        return math.inf

    x, y = clouds(0)
    assert finish(jackknife(bad, x, y, orders(0))) == math.inf
    assert finish(bootstrap(bad, x, y, 1.0, np.random.default_rng(0), 3)) == (-math.inf, math.inf)


def test_every_replicate_is_a_slice() -> None:
    x, y = clouds(0)
    assert len(list(jackknife(mean_gap, x, y, orders(0), 6))) == 12
    assert len(list(bootstrap(mean_gap, x, y, 0.0, np.random.default_rng(0), 7))) == 14


def test_halves_and_what_they_are_scaled_by() -> None:
    assert halves(1_000, 2_000) == 500
    assert halves(1_000, 300) == 300
    assert shrink(500, 2_000, 0.5) == 0.5
    assert shrink(300, 300, 0.5) == 1.0
