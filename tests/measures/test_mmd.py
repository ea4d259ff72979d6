"""MMD: all pairs written out, closed forms for mixtures, unbiasedness, the bank of widths."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.core.slow import finish
from dgm_studio.data.laws import DiscreteLaw, MixtureLaw, law_from_text
from dgm_studio.measures.mmd import MEASURE as MMD
from dgm_studio.measures.mmd import bandwidth, median_bandwidth, mmd, mmd_slices
from tests.measures.laws import FLAT, TILTED, estimate, gaussian, mixture


def dense(x: Array, y: Array, h: float) -> float:
    """All pairs of different points."""
    kxx, kyy, kxy = (np.exp(-cdist(*pair, "sqeuclidean") / (2 * h * h)) for pair in ((x, x), (y, y), (x, y)))
    n, m = len(x), len(y)
    return float((kxx.sum() - n) / (n * (n - 1)) + (kyy.sum() - m) / (m * (m - 1)) - 2 * kxy.mean())


@pytest.mark.parametrize(("n", "m"), [(1_500, 1_500), (300, 111), (2, 2)])
@pytest.mark.parametrize("dim", [1, 2, 5])
def test_it_is_the_mean_over_all_pairs(n: int, m: int, dim: int) -> None:
    rng = np.random.default_rng(n)
    x, y = 50 + rng.normal(size=(n, dim)), 50.5 + 2 * rng.normal(size=(m, dim))
    assert mmd(x, y, 0.8) == pytest.approx(dense(x, y, 0.8), rel=1e-9, abs=1e-12)
    assert mmd(torch.from_numpy(x), torch.from_numpy(y), 0.8) == mmd(x, y, 0.8)


def test_blocks_are_whole_pairs_within_and_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dgm_studio.measures.pairs.WHOLE", 50)
    monkeypatch.setattr("dgm_studio.measures.pairs.ENTRIES", 500)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(150, 2)), rng.normal(size=(120, 2)) + 1
    truth = np.mean([dense(x[i::3], y[i::3], 1.0) for i in range(3)])
    assert mmd(x, y, 1.0) == pytest.approx(truth, rel=1e-9)
    assert sum(1 for _ in mmd_slices(x, y, 1.0)) > 20


def test_the_closed_form_of_gaussians() -> None:
    """Each mean is a Gaussian integral: written out for N(0, I), N(e_1, 4 I)."""
    p, q = gaussian((0.0, 0.0)), gaussian((1.0, 0.0), 4.0)
    h = bandwidth(p, q)

    def mean(variance: float, gap: float) -> float:
        return h**2 / (h**2 + variance) * math.exp(-(gap**2) / (2 * (h**2 + variance)))

    assert MMD.closed_form(p, q) == pytest.approx(mean(2, 0) + mean(8, 0) - 2 * mean(5, 1), rel=1e-9)


PAIRS = [
    (gaussian((0.0,)), gaussian((1.0,), 4.0)),
    (gaussian((0.0, 0.0), TILTED), gaussian((1.0, 0.0), FLAT)),
    (
        mixture([0.3, 0.7], np.array([[-2.0, 0.0], [2.0, 0.0]]), np.array([TILTED, FLAT])),
        gaussian((0.0, 0.5), 0.5),
    ),
]


@pytest.mark.parametrize(("p", "q"), PAIRS)
def test_on_average_it_is_the_closed_form(p: MixtureLaw, q: MixtureLaw) -> None:
    rng = np.random.default_rng(0)
    found = np.array([estimate(MMD, "median", p.draw(300, rng), q.draw(300, rng), p, q) for _ in range(50)])
    truth = MMD.closed_form(p, q)
    assert found.mean() == pytest.approx(truth, abs=4 * found.std() / 50**0.5)
    assert MMD.closed_form(p, p) == pytest.approx(0, abs=1e-12)


def test_discrete_laws_are_summed_and_others_are_not_known() -> None:
    rng = np.random.default_rng(0)
    x, y, a, b = rng.normal(size=(5, 3)), rng.normal(size=(4, 3)), rng.random(5), rng.random(4)
    a, b = a / a.sum(), b / b.sum()
    p, q = DiscreteLaw(x, a), DiscreteLaw(y, b)
    h = bandwidth(p, q)
    kxx, kyy, kxy = (np.exp(-cdist(*pair, "sqeuclidean") / (2 * h * h)) for pair in ((x, x), (y, y), (x, y)))
    assert MMD.closed_form(p, q) == pytest.approx(float(a @ kxx @ a + b @ kyy @ b - 2 * a @ kxy @ b), rel=1e-9)
    assert MMD.closed_form(law_from_text("moons"), gaussian((0.0, 0.0))) is None


def test_the_bank_is_the_mean_over_five_widths() -> None:
    p, q = PAIRS[1]
    rng = np.random.default_rng(0)
    x, y = p.draw(200, rng), q.draw(200, rng)
    h = bandwidth(p, q)
    truth = np.mean([dense(x, y, h * factor) for factor in (0.25, 0.5, 1, 2, 4)])
    assert estimate(MMD, "bank", x, y, p, q) == pytest.approx(truth, rel=1e-9)


def test_the_bandwidth_is_the_median_distance() -> None:
    assert median_bandwidth(torch.tensor([[0.0], [1.0], [3.0]])) == pytest.approx(2.0)
    p, q = PAIRS[0]
    rng = np.random.default_rng(5)
    pool = np.concatenate((p.draw(3_000, rng), q.draw(3_000, rng)))
    assert bandwidth(p, q) == bandwidth(p, q)
    truth = np.median(np.abs(pool[:3_000] - pool[rng.permutation(6_000)[:3_000]]))
    assert bandwidth(p, q) == pytest.approx(truth, rel=0.15)
    with pytest.raises(Refused, match="two points"):
        median_bandwidth(torch.zeros(1, 2))
    with pytest.raises(Refused, match="2 points or more"):
        mmd(torch.zeros(1, 2), torch.zeros(5, 2), 1.0)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000), dim=st.integers(1, 3), move=st.floats(-100, 100))
def test_it_is_symmetric_and_moves_with_the_points(seed: int, dim: int, move: float) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(40, dim)), rng.normal(size=(30, dim)) + 1
    value = finish(mmd_slices(x, y, 1.0))
    assert mmd(y, x, 1.0) == pytest.approx(value, abs=1e-12)
    assert mmd(x + move, y + move, 1.0) == pytest.approx(value, abs=1e-9)
    assert mmd(2 * x, 2 * y, 2.0) == pytest.approx(value, abs=1e-9)
