"""Files of points, atoms, and moved laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.data.beta_1d import Beta1D
from dgm_studio.data.gaussian import Gaussian
from dgm_studio.data.laws import DiscreteLaw, MixtureLaw, MovedLaw, PointsLaw, SetLaw
from dgm_studio.data.mixture import Mixture
from dgm_studio.data.moons import Moons

POINTS = np.random.default_rng(0).standard_normal((50, 3))


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def known(found: Array | None) -> Array:
    assert found is not None
    return found


def test_points_are_drawn_without_replacement_and_no_further() -> None:
    law = PointsLaw(POINTS, "cloud")
    drawn = law.draw(50, rng())
    np.testing.assert_array_equal(np.sort(drawn, axis=0), np.sort(POINTS, axis=0))
    assert len(np.unique(law.draw(20, rng()), axis=0)) == 20
    assert law.most() == 50
    with pytest.raises(Refused, match="cloud holds 50 points; 51 cannot be drawn"):
        law.draw(51, rng())


def test_points_know_nothing_but_themselves() -> None:
    law = PointsLaw(POINTS)
    assert law.log_density(POINTS) is None
    assert law.score(POINTS) is None
    assert law.atoms() is None
    assert law.box() is None
    np.testing.assert_array_equal(known(law.shift_to(PointsLaw(POINTS.copy()))), np.zeros(3))
    np.testing.assert_allclose(known(law.shift_to(MovedLaw(PointsLaw(POINTS), np.ones(3)))), np.ones(3))
    assert law.shift_to(PointsLaw(POINTS + 1)) is None


@pytest.mark.parametrize(
    ("points", "says"),
    [
        (np.zeros((1, 2)), "1 point; a measure needs 2"),
        (np.zeros((0, 2)), "0 points"),
        (np.ones((5, 2)), "one point many times, \\(1, 1\\)"),
        (np.array([[0.0, np.nan], [1.0, 1.0]]), "1 point that"),
        (np.zeros(4), "shape"),
    ],
)
def test_points_that_are_refused(points: Array, says: str) -> None:
    with pytest.raises(Refused, match=says):
        PointsLaw(points, "cloud")


def test_atoms_are_joined_scaled_and_ordered() -> None:
    law = DiscreteLaw(np.array([[3.0], [1.0], [3.0], [2.0]]), np.array([1.0, 2.0, 1.0, 0.0]))
    points, weights = law.atoms()
    np.testing.assert_array_equal(points, [[1.0], [3.0]])
    np.testing.assert_array_equal(weights, [0.5, 0.5])
    np.testing.assert_array_equal(known(law.quantile(np.array([0.1, 0.5, 0.51, 0.99]))), [1.0, 1.0, 3.0, 3.0])
    assert law.box() == ((1.0, 3.0),)
    share = (law.draw(4_000, rng()) == 1.0).mean()
    assert share == pytest.approx(0.5, abs=0.04)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-5, 5), min_size=1, max_size=8), st.integers(0, 100))
def test_atoms_quantiles_are_scipy_s(places: list[float], seed: int) -> None:
    weights = rng(seed).random(len(places)) + 0.1
    law = DiscreteLaw(np.array(places)[:, None], weights)
    points, shares = law.atoms()
    levels = rng(seed).random(20)
    theirs = stats.rv_discrete(values=(np.arange(len(points)), shares)).ppf(levels).astype(int)
    np.testing.assert_array_equal(known(law.quantile(levels)), points[theirs, 0])


@pytest.mark.parametrize(
    ("points", "weights"),
    [
        (np.zeros((2, 1)), np.array([0.0, 0.0])),
        (np.zeros((2, 1)), np.array([1.0, -1.0])),
        (np.array([[np.inf]]), None),
        (np.zeros((2, 1)), np.ones(3)),
        (np.zeros(3), None),
    ],
)
def test_atoms_that_are_refused(points: Array, weights: Array | None) -> None:
    with pytest.raises(Refused, match="Atoms need"):
        DiscreteLaw(points, weights)


def test_atoms_of_one_shape() -> None:
    one, two = (DiscreteLaw(np.array([[0.0], [1.0]]) + step, np.array([1.0, 3.0])) for step in (0.0, 2.5))
    np.testing.assert_allclose(known(one.shift_to(two)), [2.5])
    np.testing.assert_allclose(known(one.shift_to(MovedLaw(one, np.array([1.0])))), [1.0])
    assert one.shift_to(DiscreteLaw(np.array([[0.0], [1.0]]))) is None
    assert one.shift_to(SetLaw(Moons())) is None


def test_a_moved_gaussian_is_the_gaussian_there() -> None:
    law = MovedLaw(SetLaw(Gaussian(mean_x=0.5, correlation=0.3)), np.array([1.0, -2.0]), 2.0)
    mixture = law.mixture()
    assert mixture is not None
    direct = MixtureLaw(mixture)
    points = direct.draw(30, rng())
    np.testing.assert_allclose(mixture.means, [[2.0, -2.0]])
    np.testing.assert_allclose(known(law.log_density(points)), direct.log_density(points))
    np.testing.assert_allclose(known(law.score(points)), direct.score(points))
    np.testing.assert_allclose(np.array(law.box()), np.array(direct.box()))
    np.testing.assert_allclose(known(law.shift_to(direct)), [0.0, 0.0], atol=1e-12)


def test_moving_twice_is_moving_once() -> None:
    twice = MovedLaw(MovedLaw(SetLaw(Moons()), np.array([1.0, 0.0]), 2.0), np.array([0.0, 1.0]), 0.5)
    np.testing.assert_allclose(twice.shift, [0.5, 1.0])
    assert twice.scale == 1.0
    np.testing.assert_allclose(known(SetLaw(Moons()).shift_to(twice)), [0.5, 1.0])


def test_what_is_known_on_the_line_moves_along() -> None:
    law = MovedLaw(SetLaw(Beta1D(width=2.0)), np.array([3.0]), 2.0)
    assert law.box() == ((1.0, 5.0),)
    assert law.breaks() == (1.0, 5.0)
    levels = np.array([0.1, 0.6])
    np.testing.assert_allclose(known(law.quantile(levels)), stats.beta.ppf(levels, 2, 4, 1.0, 4.0))
    assert MovedLaw(PointsLaw(POINTS), np.zeros(3)).most() == 50


@pytest.mark.parametrize(("shift", "scale"), [((1.0,), 1.0), ((0.0, np.nan), 1.0), ((0.0, 0.0), 0.0)])
def test_moves_that_are_refused(shift: tuple[float, ...], scale: float) -> None:
    with pytest.raises(Refused, match=r"is moved by|is stretched by"):
        MovedLaw(SetLaw(Moons()), shift, scale)


def test_a_finite_mixture_law_draws_its_parts() -> None:
    law = MixtureLaw(Mixture(np.array([0.2, 0.8]), np.array([[-3.0], [3.0]]), np.full((2, 1, 1), 0.01)))
    points = law.draw(2_000, rng())
    assert (points < 0).mean() == pytest.approx(0.2, abs=0.04)
    np.testing.assert_allclose(known(law.quantile(np.array([0.6]))), [3.0], atol=1e-9)
