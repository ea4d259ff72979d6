"""Claims over every data set as a law: score, box, quantile, shape; the new laws of the line against scipy."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, stats

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.data import data_sets
from dgm_studio.data.beta_1d import Beta1D
from dgm_studio.data.dataset import DataSet
from dgm_studio.data.gaussian import Gaussian
from dgm_studio.data.gaussian_1d import Gaussian1D
from dgm_studio.data.histogram_1d import Histogram1D
from dgm_studio.data.laplace_1d import Laplace1D
from dgm_studio.data.laws import MixtureLaw, MovedLaw, SetLaw
from dgm_studio.data.line import Line
from dgm_studio.data.mixture import Mixture
from dgm_studio.data.mixture_1d import Mixture1D
from dgm_studio.data.moons import Moons
from dgm_studio.data.two_gaussians_1d import TwoGaussians1D
from dgm_studio.data.uniform_1d import Uniform1D

EVERY = pytest.mark.parametrize("one", data_sets().values(), ids=list(data_sets()))
ON_THE_LINE = pytest.mark.parametrize(
    "one",
    [
        Uniform1D(half=1.5, shift=0.7),
        Laplace1D(mean=-1.0, scale=0.4),
        Beta1D(a=0.7, b=3.0, width=2.0, shift=1.0),
        Histogram1D(heights="0, 2, 0, 1, 5, 0"),
        Mixture1D(shift=1.0),
        TwoGaussians1D(separation=6.0, std=0.05, weight=0.05),
        Gaussian1D(mean=2.0, std=0.3),
    ],
    ids=lambda one: one.card.id,
)
LEVELS = np.array([1e-9, 1e-4, 0.01, 0.05, 0.3, 0.5, 0.77, 0.999, 1 - 1e-9])


def density(one: DataSet, x: Array) -> Array:
    log_p = one.log_density(x[:, None])
    assert log_p is not None
    return np.exp(log_p)


def known(found: Array | None) -> Array:
    assert found is not None
    return found


@EVERY
def test_a_law_draws_double_precision_inside_its_box(one: DataSet) -> None:
    law = SetLaw(one)
    points, box = law.draw(20_000, np.random.default_rng(0)), law.box()
    assert points.shape == (20_000, law.dim)
    assert points.dtype == np.float64
    assert box is not None
    rounding = 1e-6  # some are drawn in float32, which may cross an edge
    for axis, (low, high) in enumerate(box):
        assert (points[:, axis] >= low - rounding).all()
        assert (points[:, axis] <= high + rounding).all()


@EVERY
def test_the_score_is_the_slope_of_the_log_density(one: DataSet) -> None:
    law = SetLaw(one)
    points = law.draw(40, np.random.default_rng(1))
    score = law.score(points)
    if score is None:
        assert one.card.id in ("line", "text", "boxes", "checkerboard", "uniform-1d", "histogram-1d")
        return
    assert score.shape == points.shape
    for axis in range(law.dim):
        step = 1e-5 * np.eye(law.dim)[axis]
        above, below = law.log_density(points + step), law.log_density(points - step)
        assert above is not None
        assert below is not None
        np.testing.assert_allclose((above - below) / 2e-5, score[:, axis], rtol=1e-4, atol=1e-4 * np.abs(score).max())


@EVERY
def test_a_law_is_its_own_shape_and_finds_itself_moved(one: DataSet) -> None:
    law = SetLaw(one)
    step = np.linspace(0.3, -0.7, law.dim)
    own = law.shift_to(SetLaw(one))
    assert own is not None
    np.testing.assert_array_equal(own, np.zeros(law.dim))
    for there in (law.shift_to(MovedLaw(law, step)), MovedLaw(law, -step).shift_to(law)):
        assert there is not None
        np.testing.assert_allclose(there, step, atol=1e-12)
    assert law.shift_to(MovedLaw(law, step, 1.5)) is None


@ON_THE_LINE
def test_quantiles_invert_the_integral_of_the_density(one: DataSet) -> None:
    quantiles = one.quantile(LEVELS)
    assert quantiles is not None
    assert (np.diff(quantiles) >= 0).all()
    box = one.box()
    assert box is not None
    ((low, _),) = box
    cuts = sorted({*one.breaks(), *quantiles.tolist(), low})
    mixture = one.mixture()
    if mixture is not None:
        bells = zip(mixture.means[:, 0].tolist(), np.sqrt(mixture.covariances[:, 0, 0]).tolist(), strict=True)
        cuts = sorted({*cuts, *(m + k * s for m, s in bells for k in range(-7, 8))})
    mass = {cuts[0]: 0.0}
    for left, right in pairwise(cuts):
        part = integrate.quad(lambda x: float(density(one, np.array([x]))[0]), left, right, epsabs=1e-13)[0]
        mass[right] = mass[left] + part
    found = np.array([mass[x] for x in quantiles.tolist()]) - mass[low]
    np.testing.assert_allclose(found, LEVELS, atol=2e-9)


@ON_THE_LINE
def test_samples_of_a_law_follow_its_quantiles(one: DataSet) -> None:
    points = SetLaw(one).draw(4_000, np.random.default_rng(5))[:, 0]
    levels = np.linspace(0.02, 0.98, 25)
    quantiles = one.quantile(levels)
    assert quantiles is not None
    below = (points[:, None] <= quantiles).mean(axis=0)
    assert np.abs(below - levels).max() < 1.63 / np.sqrt(4_000)  # Kolmogorov and Smirnov's 1 % point


def test_new_densities_are_scipy_s() -> None:
    x = np.linspace(-4, 4, 401)
    np.testing.assert_allclose(density(Laplace1D(mean=0.5, scale=0.3), x), stats.laplace.pdf(x, 0.5, 0.3), rtol=1e-12)
    beta = Beta1D(a=2.5, b=1.5, width=3.0, shift=0.25)
    np.testing.assert_allclose(density(beta, x), stats.beta.pdf(x, 2.5, 1.5, -1.25, 3.0), rtol=1e-9, atol=1e-300)
    drawn = Histogram1D(heights="1, 0, 3", width=3.0, shift=1.0)
    theirs = stats.rv_histogram((np.array([1.0, 0.0, 3.0]), np.array([-0.5, 0.5, 1.5, 2.5])), density=False)
    inside = np.setdiff1d(np.round(x, 9), [-0.5, 0.5, 1.5, 2.5])
    np.testing.assert_allclose(density(drawn, inside), theirs.pdf(inside), rtol=1e-12)


def test_a_flat_beta_is_uniform_up_to_its_ends() -> None:
    log_p = Beta1D(a=1.0, b=1.0, width=4.0).log_density(np.array([[-2.0], [0.3], [2.0], [2.1]]))
    np.testing.assert_allclose(known(log_p), [-np.log(4)] * 3 + [-np.inf])


@pytest.mark.parametrize("heights", ["0, 0", "1, -1", "-2"])
def test_a_histogram_without_mass_is_refused(heights: str) -> None:
    with pytest.raises(Refused, match="0 or more, not all 0"):
        Histogram1D(heights=heights).draw(3, np.random.default_rng(0))


def test_gaussians_of_equal_covariance_are_one_shape_whatever_they_are_called() -> None:
    plane = SetLaw(Gaussian(mean_x=1.0, mean_y=-1.0))
    moved = SetLaw(Gaussian(mean_x=0.0, mean_y=2.0))
    np.testing.assert_allclose(known(plane.shift_to(moved)), [-1.0, 3.0])
    assert plane.shift_to(SetLaw(Gaussian(std_x=1.0))) is None
    bell = MixtureLaw(Mixture.isotropic(np.array([[0.5]]), 0.3))
    np.testing.assert_allclose(known(SetLaw(Gaussian1D(mean=-0.5, std=0.3)).shift_to(bell)), [1.0])
    assert SetLaw(Gaussian1D()).shift_to(plane) is None


def test_parallel_lines_and_equal_boxes_are_one_shape() -> None:
    np.testing.assert_array_equal(known(SetLaw(Line()).shift_to(SetLaw(Line(offset=0.5)))), [0.5, 0.0])
    np.testing.assert_array_equal(known(SetLaw(Uniform1D()).shift_to(SetLaw(Uniform1D(shift=-2.0)))), [-2.0])
    assert SetLaw(Uniform1D()).shift_to(SetLaw(Uniform1D(half=1.0))) is None
    assert SetLaw(Moons(noise=0.1)).shift_to(SetLaw(Moons(noise=0.2))) is None
    assert SetLaw(Moons()).shift_to(SetLaw(Line())) is None


def test_a_mixture_keeps_its_score_where_a_component_has_no_weight() -> None:
    mixture = Mixture(np.array([1.0, 0.0]), np.array([[0.0], [9.0]]), np.ones((2, 1, 1)))
    np.testing.assert_allclose(mixture.score(np.array([[9.0], [0.5]])), [[-9.0], [-0.5]])
    np.testing.assert_allclose(mixture.log_density(np.array([[9.0]])), stats.norm.logpdf([9.0]))
