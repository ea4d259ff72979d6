"""Precision, recall, density and coverage against the papers' definitions, written out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.measures.coverage import MEASURE as COVERAGE
from dgm_studio.measures.density import MEASURE as DENSITY
from dgm_studio.measures.measure import Measure
from dgm_studio.measures.precision import MEASURE as PRECISION
from dgm_studio.measures.recall import MEASURE as RECALL
from tests.measures.laws import estimate

ALL = (PRECISION, RECALL, DENSITY, COVERAGE)


def radii(points: Array, k: int) -> Array:
    """|x - NN_k(x)| of each point."""
    return np.sort(cdist(points, points), axis=1)[:, k]


def written_out(x: Array, y: Array) -> tuple[float, float, float, float]:
    """x real, y generated: lecture 6 (Kynkaanniemi et al., 2019, equations 1 and 2) with k = 3; Naeem et al., 2020,
    equations 3 and 4, with k = 5."""
    far = cdist(x, y)
    room = 1 + 1e-12
    precision = (far <= room * radii(x, 3)[:, None]).any(axis=0).mean()
    recall = (far <= room * radii(y, 3)[None, :]).any(axis=1).mean()
    inside = far <= room * radii(x, 5)[:, None]
    return precision, recall, inside.sum() / (5 * len(y)), inside.any(axis=1).mean()


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(7, 90),
    m=st.integers(7, 90),
    dim=st.integers(1, 4),
    spread=st.floats(0.1, 3),
)
def test_they_are_the_papers_definitions(seed: int, n: int, m: int, dim: int, spread: float) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(n, dim)), spread * rng.normal(size=(m, dim)) + rng.normal(size=dim)
    assert tuple(estimate(one, "knn", x, y) for one in ALL) == pytest.approx(written_out(x, y), abs=1e-12)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), sides=st.integers(2, 6))
def test_points_that_coincide_and_ties_are_counted_as_written(seed: int, sides: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = (rng.integers(0, sides, (60, 2)).astype(float) for _ in range(2))
    assert tuple(estimate(one, "knn", x, y) for one in ALL) == pytest.approx(written_out(x, y), abs=1e-12)


def test_many_points_of_few_places_take_no_n_squared() -> None:
    """Twenty thousand points on nine places: 4e8 pairs, which are not looked at one by one."""
    rng = np.random.default_rng(0)
    x, y = (rng.integers(0, 3, (20_000, 2)).astype(float) for _ in range(2))
    found = [estimate(one, "knn", x, y) for one in (PRECISION, RECALL, COVERAGE)]
    assert found == [1.0, 1.0, 1.0]


def test_a_mode_that_is_missed_costs_recall_and_one_invented_costs_precision() -> None:
    rng = np.random.default_rng(0)
    both = np.concatenate((rng.normal(size=(500, 2)), rng.normal(size=(500, 2)) + 50))
    one = rng.normal(size=(1_000, 2))
    assert estimate(PRECISION, "knn", both, one) > 0.9
    assert estimate(RECALL, "knn", both, one) == pytest.approx(0.5, abs=0.05)
    assert estimate(COVERAGE, "knn", both, one) == pytest.approx(0.5, abs=0.05)
    assert estimate(PRECISION, "knn", one, both) == pytest.approx(0.5, abs=0.05)
    assert estimate(RECALL, "knn", one, both) > 0.9


def test_of_one_law_density_is_one_and_coverage_what_the_paper_says() -> None:
    """E coverage = 1 - (n - 1)...(n - k) / (2n - 1)...(2n - k) (Naeem et al., 2020, lemma 2)."""
    rng = np.random.default_rng(0)
    n = 400
    truth = 1 - np.prod([(n - i) / (2 * n - i) for i in range(1, 6)])
    pairs = [(rng.normal(size=(n, 2)), rng.normal(size=(n, 2))) for _ in range(40)]
    for measure, mean in ((DENSITY, 1.0), (COVERAGE, truth)):
        found = np.array([estimate(measure, "knn", x, y) for x, y in pairs])
        assert found.mean() == pytest.approx(mean, abs=4 * found.std() / 40**0.5)


def test_one_stray_real_point_fools_precision_and_not_density() -> None:
    rng = np.random.default_rng(0)
    real = np.concatenate((rng.normal(size=(300, 2)), [[40.0, 0.0]]))
    fake = rng.normal(size=(300, 2)) + np.array([20.0, 0.0])
    assert estimate(PRECISION, "knn", real, fake) > 0.9
    assert estimate(DENSITY, "knn", real, fake) < 0.3


@pytest.mark.parametrize("measure", ALL, ids=lambda one: one.card.id)
def test_bad_clouds_are_refused(measure: Measure) -> None:
    good = np.random.default_rng(0).normal(size=(20, 2))
    for bad, words in (
        (good[:3], "points or more"),
        (np.ones((20, 2)), "all 20 of one law are equal"),
        (good * np.nan, "finite"),
    ):
        with pytest.raises(Refused, match=words):
            estimate(measure, "knn", good, bad)
