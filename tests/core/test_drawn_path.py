"""What is a path from noise to data, and what follows from it: against paths known on paper."""

from __future__ import annotations

import numpy as np
import pytest

from dgm_studio.core.drawn_path import DrawnPath
from dgm_studio.core.pchip import Pchip, resampled

STRAIGHT = DrawnPath((0.0, 0.5, 1.0), (1.0, 0.5, 0.0))


def test_the_straight_line_is_a_path_whose_facts_are_known() -> None:
    assert STRAIGHT.refusal == ""
    assert len(STRAIGHT.losing()) == 0
    facts = dict(STRAIGHT.facts())
    assert facts["a = s at"] == "t = 0.50"
    assert facts["Signal to noise a/s"] == "rises all the time"
    assert facts["a² + s²"] == "0.50 to 1.00"  # t^2 + (1 - t)^2
    assert facts["Starts from"] == "N(0, 1 I)"


def test_where_signal_is_lost_is_told() -> None:
    """With s constant a / s falls exactly where a does: between the second value and the third."""
    path = DrawnPath((0.0, 0.8, 0.2, 1.0), (1.0, 1.0, 1.0, 0.0))
    lost = path.losing()
    assert lost.min() == pytest.approx(1 / 3, abs=2e-3)
    assert lost.max() == pytest.approx(2 / 3, abs=0.05)  # from there s falls, too
    assert "gain signal over noise" in path.refusal
    assert dict(path.facts())["Signal to noise a/s"].startswith("falls at t = 0.33")


def test_a_line_has_the_same_points_however_many() -> None:
    assert resampled((0.0, 0.5, 1.0), 5) == pytest.approx((0.0, 0.25, 0.5, 0.75, 1.0))
    assert resampled((0.0, 0.3, 0.75, 1.0), 4) == pytest.approx((0.0, 0.3, 0.75, 1.0))


def test_curve_and_slope_agree() -> None:
    curve, t = Pchip((0.0, 0.3, 0.75, 1.0)), np.linspace(0.01, 0.99, 50)
    np.testing.assert_allclose(curve.slope(t), (curve(t + 1e-6) - curve(t - 1e-6)) / 2e-6, atol=1e-5)
