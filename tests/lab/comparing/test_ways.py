"""Length, straightness and curvature of ways that are known on paper."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from dgm_studio.lab.comparing.ways import Ways
from dgm_studio.solvers.solver import State


def gone(points: Tensor) -> Ways:
    """The ways of points (frames, n, d)."""

    def walk() -> Iterator[State]:
        for k, x in enumerate(points):
            yield State(k / (len(points) - 1), x, None, k)

    ways = Ways(walk())
    assert len(list(ways)) == len(points)
    return ways


def test_a_straight_way_at_any_speed() -> None:
    t = torch.linspace(0, 1, 9, dtype=torch.float64) ** 3
    start, end = torch.tensor([[0.0, 0.0], [1.0, 2.0]]).double(), torch.tensor([[3.0, 4.0], [1.0, -1.0]]).double()
    ways = gone(start + t[:, None, None] * (end - start))
    assert ways.straightness().value == pytest.approx(1)
    assert ways.length().value == pytest.approx((5 + 3) / 2)
    assert ways.curvature().value == pytest.approx(0, abs=1e-7)
    assert (ways.evaluations, ways.times[0], ways.times[-1]) == (8, 0.0, 1.0)
    assert ways.seconds > 0


def test_half_circles() -> None:
    """Length pi r, distance 2 r, turning pi but for the half step at each end: curvature 1 / r."""
    steps, radii = 400, torch.tensor([1.0, 2.5], dtype=torch.float64)
    angle = torch.linspace(0, math.pi, steps + 1, dtype=torch.float64)
    circle = torch.stack([torch.cos(angle), torch.sin(angle)], dim=1)
    ways = gone(radii[None, :, None] * circle[:, None])
    assert ways.length().value == pytest.approx(math.pi * float(radii.mean()), rel=1e-4)
    assert ways.straightness().value == pytest.approx(2 / math.pi, rel=1e-4)
    assert ways.curvature().value == pytest.approx(float((1 / radii).mean()), rel=2 / steps)


def test_a_particle_that_rests_turns_only_where_it_goes_on_otherwise() -> None:
    corner = torch.tensor([[0.0, 0.0], [1.0, 0.0], [1.0, 0.0], [1.0, 1.0]]).double()[:, None]
    assert gone(corner).curvature().value == pytest.approx(math.pi / 2 / 2)
    still = gone(torch.zeros(4, 3, 1))
    assert (still.length().value, still.straightness().value, still.curvature().value) == (0, 1, 0)


def test_a_line_turns_back_by_half_a_turn() -> None:
    there_and_back = torch.tensor([[0.0], [2.0], [1.0]]).double()[:, None]
    ways = gone(there_and_back)
    assert ways.curvature().value == pytest.approx(math.pi / 3)
    assert ways.straightness().value == pytest.approx(1 / 3)
