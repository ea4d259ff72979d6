"""Straightness, cost and crossings of trajectories that are known on paper."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from dgm_studio.core.slow import finish
from dgm_studio.families.parts.trajectories import cost, crossing_pairs, straightness, trajectories
from dgm_studio.paths import paths
from dgm_studio.paths.path import Path


class Accelerated:
    """dz/dt = PULL t: z_t = z_0 + PULL t^2 / 2, whose straightness is |PULL|^2 / 12."""

    pull = torch.tensor([3.0, -4.0], dtype=torch.float64)
    path: Path = paths()["straight"]

    def velocity(self, x: Tensor, t: Tensor) -> Tensor:
        return (self.pull * t).expand_as(x)


def test_straightness_of_an_accelerated_flow() -> None:
    start = torch.randn((7, 2), generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    frames, times = finish(trajectories(Accelerated(), start, 200))
    assert frames.shape == (201, 7, 2)
    # Heun's last step is Euler's (the path ends at s = 0): a deviation of second order.
    assert straightness(frames, times) == pytest.approx(25 / 12, rel=1e-2)
    assert cost(frames[0], frames[-1]) == pytest.approx(25 / 4, rel=1e-2)


def test_a_straight_walk_has_none_on_any_time_grid() -> None:
    times = torch.tensor([0.0, 0.1, 0.15, 0.7, 1.0], dtype=torch.float64)
    start, end = torch.randn((2, 9, 2), generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    frames = start + times[:, None, None] * (end - start)
    assert straightness(frames, times) == pytest.approx(0, abs=1e-20)
    assert cost(start, end) == pytest.approx(float(((end - start) ** 2).sum() / 9))


def test_crossings_are_counted_by_pairs() -> None:
    cross = torch.tensor([[[-1.0, 0.0], [1.0, 0.0]], [[0.0, -1.0], [0.0, 1.0]], [[0.5, 2.0], [3.0, 2.0]]])
    assert crossing_pairs(cross) == 1
    zigzag = torch.tensor([[[0.0, -1.0], [1.0, 1.0], [2.0, -1.0]], [[-1.0, 0.0], [1.0, 0.0], [3.0, 0.0]]])
    assert crossing_pairs(zigzag) == 1, "a pair that crosses twice is one pair"
    assert crossing_pairs(cross[1:] + torch.tensor([[[5.0, 0.0]], [[0.0, 0.0]]])) == 0
