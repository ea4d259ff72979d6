"""The energy distance: scipy's on the line, all pairs written out, closed forms, unbiasedness."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist, pdist
from scipy.stats import energy_distance

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.data.laws import DiscreteLaw, MixtureLaw
from dgm_studio.measures.energy import MEASURE as ENERGY
from tests.measures.laws import FLAT, estimate, gaussian, mixture


def dense(x: Array, y: Array) -> float:
    """All pairs of different points."""
    return float(2 * cdist(x, y).mean() - pdist(x).mean() - pdist(y).mean())


@pytest.mark.parametrize(("n", "m"), [(300, 300), (300, 111), (2, 2)])
@pytest.mark.parametrize("dim", [1, 2, 5])
def test_it_is_the_mean_over_all_pairs(n: int, m: int, dim: int) -> None:
    rng = np.random.default_rng(n)
    x, y = 100 + rng.normal(size=(n, dim)), 101 + 2 * rng.normal(size=(m, dim))
    assert estimate(ENERGY, "pairs", x, y) == pytest.approx(dense(x, y), rel=1e-6, abs=1e-9)


def test_scipy_counts_each_point_with_itself_too() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(200, 1)), rng.gamma(2.0, size=(150, 1))
    own = pdist(x).mean() / 200 + pdist(y).mean() / 150
    truth = energy_distance(x[:, 0], y[:, 0]) ** 2 - own
    assert estimate(ENERGY, "pairs", x, y) == pytest.approx(truth, rel=1e-9)


def test_blocks_are_whole_pairs_within(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dgm_studio.measures.pairs.WHOLE", 50)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(150, 2)), rng.normal(size=(120, 2)) + 1
    truth = np.mean([dense(x[i::3], y[i::3]) for i in range(3)])
    assert estimate(ENERGY, "pairs", x, y) == pytest.approx(truth, rel=1e-9)


PAIRS = [
    (gaussian((0.0,)), gaussian((1.0,), 4.0)),
    (gaussian((0.0, 0.0)), gaussian((1.0, 0.0), 4.0)),
    (
        mixture([0.3, 0.7], np.array([[-2.0, 0.0], [2.0, 0.0]]), np.array([np.eye(2), 0.2 * np.eye(2)])),
        gaussian((0.0, 0.5), 0.5),
    ),
]


@pytest.mark.parametrize(("p", "q"), PAIRS)
def test_on_average_it_is_the_closed_form(p: MixtureLaw, q: MixtureLaw) -> None:
    rng = np.random.default_rng(0)
    found = np.array([estimate(ENERGY, "pairs", p.draw(400, rng), q.draw(400, rng)) for _ in range(60)])
    truth = ENERGY.closed_form(p, q)
    assert found.mean() == pytest.approx(truth, abs=4 * found.std() / 60**0.5)
    assert ENERGY.closed_form(q, p) == pytest.approx(truth, rel=1e-12)
    assert ENERGY.closed_form(p, p) == pytest.approx(0, abs=1e-12)


def test_discrete_laws_are_summed_and_tilted_ones_are_not_known() -> None:
    rng = np.random.default_rng(0)
    x, y, a, b = rng.normal(size=(5, 3)), rng.normal(size=(4, 3)), rng.random(5), rng.random(4)
    a, b = a / a.sum(), b / b.sum()
    truth = 2 * a @ cdist(x, y) @ b - a @ cdist(x, x) @ a - b @ cdist(y, y) @ b
    assert ENERGY.closed_form(DiscreteLaw(x, a), DiscreteLaw(y, b)) == pytest.approx(float(truth), rel=1e-12)
    assert ENERGY.closed_form(gaussian((0.0, 0.0)), gaussian((0.0, 0.0), FLAT)) is None


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000), dim=st.integers(1, 3), move=st.floats(-100, 100))
def test_it_is_symmetric_and_moves_with_the_points(seed: int, dim: int, move: float) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(40, dim)), rng.normal(size=(30, dim)) + 1
    value = estimate(ENERGY, "pairs", x, y)
    assert estimate(ENERGY, "pairs", y, x) == pytest.approx(value, abs=1e-9)
    assert estimate(ENERGY, "pairs", x + move, y + move) == pytest.approx(value, abs=1e-6)
    assert estimate(ENERGY, "pairs", 2 * x, 2 * y) == pytest.approx(2 * value, abs=1e-9)


def test_one_point_is_refused() -> None:
    with pytest.raises(Refused, match="2 points or more"):
        estimate(ENERGY, "pairs", np.zeros((1, 2)), np.zeros((5, 2)))
