"""Sums over atoms against scipy; the exact limits of laws without densities."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy

from dgm_studio.core.slow import finish
from dgm_studio.data.laws import DiscreteLaw, law_from_text
from tests.measures.densities import CHI2, DENSITY_MEASURES, FISHER, HELLINGER, JSD, KL, NLL, REVERSE_KL, TV
from tests.measures.laws_for_measures import normal

LIMITS = ((KL, math.inf), (REVERSE_KL, math.inf), (JSD, math.log(2)), (TV, 1), (HELLINGER, 1), (CHI2, math.inf))


def weights(seed: int, k: int = 7) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.ones(k)), rng.dirichlet(np.ones(k))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("dim", [1, 2])
def test_sums_are_those_of_scipy(seed: int, dim: int) -> None:
    a, b = weights(seed)
    at = np.random.default_rng(seed).normal(size=(len(a), dim))
    shuffled = np.random.default_rng(seed + 1).permutation(len(a))
    p, q = DiscreteLaw(at, a), DiscreteLaw(at[shuffled], b[shuffled])
    assert KL.closed_form(p, q) == pytest.approx(entropy(a, b), rel=1e-12)
    assert REVERSE_KL.closed_form(p, q) == pytest.approx(entropy(b, a), rel=1e-12)
    assert JSD.closed_form(p, q) == pytest.approx(jensenshannon(a, b) ** 2, rel=1e-12)
    assert TV.closed_form(p, q) == pytest.approx(0.5 * np.abs(a - b).sum(), rel=1e-12)
    assert HELLINGER.closed_form(p, q) == pytest.approx(1 - np.sqrt(a * b).sum(), rel=1e-12)
    assert CHI2.closed_form(p, q) == pytest.approx(((a - b) ** 2 / b).sum(), rel=1e-12)
    assert NLL.closed_form(p, q) == pytest.approx(-(a * np.log(b)).sum(), rel=1e-12)
    assert FISHER.closed_form(p, q) is None


def test_atoms_that_one_law_misses() -> None:
    p, q = DiscreteLaw(np.array([[0.0], [1.0]])), DiscreteLaw(np.array([[1.0], [2.0]]))
    assert KL.closed_form(p, q) == REVERSE_KL.closed_form(p, q) == CHI2.closed_form(p, q) == math.inf
    assert JSD.closed_form(p, q) == pytest.approx(0.5 * math.log(2), rel=1e-14)
    assert TV.closed_form(p, q) == pytest.approx(0.5)
    assert HELLINGER.closed_form(p, q) == pytest.approx(0.5)
    wider = DiscreteLaw(np.array([[0.0], [1.0], [2.0]]))
    assert KL.closed_form(p, wider) == pytest.approx(math.log(1.5))
    assert KL.closed_form(wider, p) == math.inf


@pytest.mark.parametrize("theta", [1e-6, 0.5, -3.0])
def test_parallel_lines_are_at_the_limits_and_equal_ones_at_zero(theta: float) -> None:
    p, q = law_from_text("line"), law_from_text(f"line:x={theta}")
    for measure, limit in LIMITS:
        assert measure.closed_form(p, q) == limit, measure.card.id
        assert measure.closed_form(q, p) == limit, measure.card.id
        assert measure.closed_form(p, law_from_text("line")) == 0, measure.card.id
        assert finish(measure.quadrature(p, q)) is None


def test_what_has_no_density_shares_nothing_with_what_has_one() -> None:
    line, cloud = law_from_text("line"), law_from_text("gaussian")
    atoms = DiscreteLaw(np.array([[0.0], [1.0]]))
    for measure, limit in LIMITS:
        assert measure.closed_form(line, cloud) == measure.closed_form(cloud, line) == limit
        assert measure.closed_form(atoms, normal(0, 1)) == measure.closed_form(normal(0, 1), atoms) == limit


def test_lines_that_overlap_in_part_are_not_claimed() -> None:
    p, q = law_from_text("line"), law_from_text("line:shift=0,0.5")
    assert all(measure.closed_form(p, q) is None for measure in DENSITY_MEASURES)
