"""The Frechet distance: scipy's matrix roots, POT's Bures distance, the closed form that its estimate goes to."""

from __future__ import annotations

import numpy as np
import ot
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import sqrtm

from dgm_studio.core.errors import Refused
from dgm_studio.data.laws import DiscreteLaw, law_from_text
from dgm_studio.measures.frechet import MEASURE as FRECHET
from dgm_studio.measures.frechet import frechet
from dgm_studio.measures.w2 import MEASURE as W2
from tests.measures.laws import FLAT, TILTED, estimate, gaussian, mixture


@pytest.mark.parametrize("dim", [1, 2, 16])
def test_of_features_it_is_the_formula_of_the_fid(dim: int) -> None:
    """Heusel et al., 2017, equation 6, with numpy's covariances and scipy's root of S_p S_q."""
    rng = np.random.default_rng(dim)
    x, y = rng.normal(size=(300, dim)), rng.normal(size=(250, dim)) @ rng.normal(size=(dim, dim)) + 1
    a, b = np.atleast_2d(np.cov(x.T)), np.atleast_2d(np.cov(y.T))
    truth = ((x.mean(0) - y.mean(0)) ** 2).sum() + np.trace(a + b - 2 * np.real(sqrtm(a @ b)))
    assert frechet(x, y) == pytest.approx(float(truth), rel=1e-9)
    assert estimate(FRECHET, "moments", x, y) == frechet(x, y)


def test_between_gaussians_it_is_w2_squared_and_pot_s() -> None:
    p, q = gaussian((0.0, 0.0), TILTED), gaussian((1.0, 0.0), FLAT)
    truth = float(ot.gaussian.bures_wasserstein_distance(np.zeros(2), np.array([1.0, 0.0]), TILTED, FLAT)) ** 2
    assert FRECHET.closed_form(p, q) == pytest.approx(truth, rel=1e-9)
    w2 = W2.closed_form(p, q)
    assert w2 is not None
    assert w2**2 == pytest.approx(truth, rel=1e-9)


def test_of_mixtures_it_knows_the_exact_moments() -> None:
    means, covariances = np.array([[-2.0, 0.0], [2.0, 1.0]]), np.array([TILTED, FLAT])
    p, q = mixture([0.3, 0.7], means, covariances), gaussian((0.0, 0.0))
    rng = np.random.default_rng(0)
    truth = FRECHET.closed_form(p, q)
    assert estimate(FRECHET, "moments", p.draw(200_000, rng), q.draw(200_000, rng)) == pytest.approx(truth, rel=0.02)
    atoms = DiscreteLaw(means, np.array([0.3, 0.7]))
    spread = 0.3 * 0.7 * np.outer(means[0] - means[1], means[0] - means[1])
    middle = np.array([0.3, 0.7]) @ means
    # of rank one, so its root's trace is its trace's root
    expected = middle @ middle + np.trace(spread) + 2 - 2 * np.sqrt(np.trace(spread))
    assert FRECHET.closed_form(atoms, q) == pytest.approx(float(expected), rel=1e-6)


def test_of_shapes_that_are_no_mixtures_it_knows_the_shift() -> None:
    p, q = law_from_text("moons"), law_from_text("moons:shift=3,4")
    assert FRECHET.closed_form(p, q) == pytest.approx(25)
    assert FRECHET.closed_form(p, p) == 0
    assert FRECHET.closed_form(p, gaussian((0.0, 0.0))) is None


def test_it_reads_too_high_as_its_bias_says() -> None:
    rng = np.random.default_rng(0)
    few, many = (
        np.mean([frechet(rng.normal(size=(n, 2)), rng.normal(size=(n, 2))) for _ in range(100)]) for n in (50, 500)
    )
    assert few > 5 * many > 0


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), dim=st.integers(1, 4), move=st.floats(-50, 50))
def test_it_is_a_squared_distance(seed: int, dim: int, move: float) -> None:
    rng = np.random.default_rng(seed)
    x, y, z = (rng.normal(size=(20, dim)) * rng.random(dim) + rng.normal(size=dim) for _ in range(3))
    xy, yz, xz = frechet(x, y), frechet(y, z), frechet(x, z)
    assert xy >= 0
    assert xy == pytest.approx(frechet(y, x), abs=1e-8)
    assert frechet(x, x) == pytest.approx(0, abs=1e-8)
    assert frechet(x + move, y + move) == pytest.approx(xy, abs=1e-7)
    assert xy**0.5 <= yz**0.5 + xz**0.5 + 1e-6


def test_points_on_one_place_and_one_point() -> None:
    assert frechet(np.zeros((5, 2)), np.ones((5, 2))) == pytest.approx(2)
    with pytest.raises(Refused, match="2 points or more"):
        frechet(np.zeros((1, 2)), np.zeros((5, 2)))
