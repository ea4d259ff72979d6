"""Intervals over particles hold the truth as often as they say; slopes are those of power laws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dgm_studio.lab.comparing.estimated import mean_of, rms_of
from dgm_studio.lab.comparing.slopes import order_of


def test_the_interval_of_a_mean_covers() -> None:
    rng = np.random.default_rng(5)
    draws = rng.exponential(size=(400, 200))
    held = [one.low <= 1.0 <= one.high for one in map(mean_of, draws)]
    assert 0.91 <= np.mean(held) <= 0.98


def test_the_interval_of_a_root_mean_square_covers() -> None:
    rng = np.random.default_rng(6)
    held = [one.low <= math.sqrt(2) <= one.high for one in (rms_of(rng.normal(size=(200, 2))) for _ in range(400))]
    assert 0.91 <= np.mean(held) <= 0.98


def test_one_particle_has_a_value_and_no_interval() -> None:
    one = rms_of(np.array([[3.0, 4.0]]), 0.1)
    assert (one.value, one.low, one.high, one.floor) == (5.0, 5.0, 5.0, 0.1)
    assert mean_of(np.array([2.0])).low == 2.0


@settings(max_examples=20, deadline=None)
@given(order=st.floats(0.5, 6), scale=st.floats(0.01, 100))
def test_a_power_law_has_its_slope(order: float, scale: float) -> None:
    costs = [4, 8, 16, 32]
    slope = order_of(costs, [scale * cost**-order for cost in costs], [0.0] * 4)
    assert slope is not None
    assert slope.value == pytest.approx(order)
    assert slope.high - slope.low < 1e-5


def test_points_at_the_reference_s_own_error_tell_nothing() -> None:
    costs, errors = [4, 8, 16, 32, 64], [1.0, 0.25, 1 / 16, 2e-2, 2e-2]
    assert order_of(costs, errors, [1e-2] * 5) == order_of(costs[:3], errors[:3], [0.0] * 3)
    assert order_of(costs, errors, [0.3] * 5) is None
    assert order_of(costs[:2], errors[:2], [0.0] * 2) is None
    assert order_of([8, 8, 8], [1.0, 2.0, 3.0], [0.0] * 3) is None
