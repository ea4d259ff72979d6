"""Slopes, rates and weights of the schedules against autograd, in float64."""

from __future__ import annotations

import math

import pytest
import torch

from dgm_studio.core.errors import Refused
from dgm_studio.paths.categorical.continuous_bound import bound_weight
from dgm_studio.paths.categorical.schedules import SCHEDULES, keep_rate, keep_slope, noised_rate

SCHEDULE = pytest.mark.parametrize("schedule", [choice.id for choice in SCHEDULES])


@SCHEDULE
def test_slope_and_weight_are_autograds(schedule: str) -> None:
    u = torch.linspace(0.01, 1, 100, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(keep_rate(schedule, u).sum(), u)
    torch.testing.assert_close(keep_slope(schedule, u), slope)
    (weight,) = torch.autograd.grad(noised_rate(schedule, u).log().sum(), u)
    torch.testing.assert_close(bound_weight(schedule, u), weight, atol=1e-9, rtol=1e-9)


@SCHEDULE
def test_the_noised_rate_is_what_is_not_kept_and_keeps_its_digits(schedule: str) -> None:
    u = torch.linspace(0, 1, 101, dtype=torch.float64)
    torch.testing.assert_close(noised_rate(schedule, u), 1 - keep_rate(schedule, u))
    small = torch.tensor(1e-6)
    exact = noised_rate(schedule, small.double())
    assert float(noised_rate(schedule, small)) == pytest.approx(float(exact), rel=1e-5)


def test_the_linear_weight_is_one_over_lambda() -> None:
    u = torch.tensor([1e-3, 0.2, 1.0], dtype=torch.float64)
    torch.testing.assert_close(bound_weight("linear", u), 1 / u)
    assert float(bound_weight("cosine", u)[1]) == pytest.approx(math.pi / math.tan(0.1 * math.pi))


def test_unknown_schedules_are_refused() -> None:
    for of in (keep_slope, noised_rate):
        with pytest.raises(Refused, match="geometric"):
            of("geometic", torch.ones(1))
