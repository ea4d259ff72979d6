"""The exact W1 of two clouds against independent solvers and a known answer."""

from __future__ import annotations

import numpy as np
import ot
import pytest
import torch
from scipy.optimize import linear_sum_assignment

from dgm_studio.core.errors import Refused
from dgm_studio.core.slow import finish
from dgm_studio.measures.w1 import assignment_slices, w1_slices


@pytest.mark.parametrize("n", [1, 2, 7, 60, 200])
def test_the_assignment_is_the_cheapest(n: int) -> None:
    cost = np.random.default_rng(n).random((n, n)) ** 3
    columns = finish(assignment_slices(cost))
    rows, best = linear_sum_assignment(cost)
    assert sorted(columns) == list(range(n))
    assert cost[np.arange(n), columns].sum() == pytest.approx(cost[rows, best].sum(), rel=1e-12)


def test_ties_and_equal_clouds_are_matched_too() -> None:
    cost = np.random.default_rng(0).integers(0, 3, (50, 50)).astype(float)
    columns = finish(assignment_slices(cost))
    assert cost[np.arange(50), columns].sum() == cost[linear_sum_assignment(cost)].sum()
    x = np.random.default_rng(1).normal(size=(40, 2))
    assert finish(w1_slices(x, x[::-1])) == 0


def test_it_agrees_with_pot_and_a_shift_is_its_length() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(80, 2)), 0.3 * rng.normal(size=(80, 2)) + 1
    found = finish(w1_slices(torch.from_numpy(x), torch.from_numpy(y)))
    assert found == pytest.approx(ot.emd2([], [], ot.dist(x, y, metric="euclidean")), rel=1e-9)
    assert finish(w1_slices(x, x + np.array([3.0, 4.0]))) == pytest.approx(5)


def test_long_work_is_cut_into_slices() -> None:
    rng = np.random.default_rng(0)
    slices = sum(1 for _ in w1_slices(rng.normal(size=(400, 2)), 0.1 * rng.normal(size=(400, 2))))
    assert slices > 20


def test_unlike_or_broken_clouds_are_refused() -> None:
    with pytest.raises(Refused, match="one shape"):
        finish(w1_slices(np.zeros((3, 2)), np.zeros((4, 2))))
    with pytest.raises(Refused, match="finite"):
        finish(w1_slices(np.full((3, 2), np.nan), np.zeros((3, 2))))
