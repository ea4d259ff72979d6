"""Densities against answers known on paper or from an independent library."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, special, stats

from dgm_studio.core.arrays import Array
from dgm_studio.data.checkerboard import Checkerboard
from dgm_studio.data.circles import Circles
from dgm_studio.data.dataset import DataSet
from dgm_studio.data.eight_gaussians import EightGaussians
from dgm_studio.data.gaussian import Gaussian
from dgm_studio.data.grid_25 import Grid25
from dgm_studio.data.moons import Moons
from dgm_studio.data.noisy_curves import NoisyCurves
from dgm_studio.data.pinwheel import Pinwheel
from dgm_studio.data.spirals import Spirals
from dgm_studio.data.swiss_roll import SwissRoll
from dgm_studio.data.two_gaussians import TwoGaussians


def somewhere(n: int = 200, half: float = 3.5) -> Array:
    """Points all over the plane, float64."""
    return np.random.default_rng(0).uniform(-half, half, size=(n, 2))


def log_density(one: DataSet, points: Array) -> Array:
    """The density every data set of this file has."""
    found = one.log_density(points)
    assert found is not None
    return found


def test_gaussian_agrees_with_scipy() -> None:
    one = Gaussian(mean_x=0.3, mean_y=-1.0, std_x=1.5, std_y=0.4, correlation=-0.7)
    law = stats.multivariate_normal([0.3, -1.0], [[2.25, -0.42], [-0.42, 0.16]])
    np.testing.assert_allclose(log_density(one, somewhere()), np.asarray(law.logpdf(somewhere())), rtol=1e-11)


def test_mixtures_agree_with_a_sum_over_scipy_components() -> None:
    for one in (TwoGaussians(weight=0.2), EightGaussians(), Grid25(std=0.3)):
        law = one.mixture()
        parts = [
            w * stats.multivariate_normal(m, S).pdf(somewhere(50, 2.0))
            for w, m, S in zip(law.weights, law.means, law.covariances, strict=True)
        ]
        np.testing.assert_allclose(np.exp(log_density(one, somewhere(50, 2.0))), np.sum(parts, axis=0), rtol=1e-9)


def test_eight_gaussians_lie_on_a_ring_of_radius_two() -> None:
    law = EightGaussians().mixture()
    np.testing.assert_allclose(np.linalg.norm(law.means, axis=1), 2.0)
    np.testing.assert_allclose(law.covariances, np.broadcast_to(0.04 * np.eye(2), (8, 2, 2)))


@pytest.mark.parametrize("noise", [0.02, 0.1, 0.5])
def test_circles_agree_with_the_bessel_formula(noise: float) -> None:
    # A ring of radius R blurred by s: exp(-(r^2 + R^2) / 2 s^2) I0(r R / s^2) / (2 pi s^2).
    r = np.linalg.norm(somewhere(), axis=1)
    truth = np.zeros_like(r)
    for ring in (2.5, 1.25):
        bulk = np.exp(-((r - ring) ** 2) / (2 * noise**2)) * special.i0e(r * ring / noise**2)
        truth += bulk / (2 * np.pi * noise**2) / 2
    found = np.exp(log_density(Circles(noise=noise), somewhere()))
    assert np.abs(found - truth).max() < 1e-6 * truth.max()


@pytest.mark.parametrize(
    "one",
    [
        Moons(noise=0.02), Moons(), Moons(noise=0.5), SwissRoll(noise=0.02, turns=3.0), SwissRoll(),
        Spirals(noise=0.02), Spirals(), Spirals(noise=0.5, turns=3.0, arms=5),
    ],
    ids=repr,
)  # fmt: skip
def test_quadrature_keeps_the_card_s_promise(one: NoisyCurves) -> None:
    rng = np.random.default_rng(1)
    points = np.concatenate([one.draw(25, rng).points.astype(np.float64), somewhere(10)])
    found = np.exp(log_density(one, points))

    def adaptive(x: Array, arm: int) -> float:
        def integrand(u: float) -> float:
            place = np.array([u])
            gap = x - one.curve(np.array([arm]), place)[0]
            return float(one.place_density(place)[0] * np.exp(-(gap @ gap) / (2 * one.noise**2)))

        # Where the arm passes near x is told to the integrator, or it may step over the narrow peak.
        u = np.linspace(0, 1, 2_001)
        distance = np.linalg.norm(one.curve(np.full(2_001, arm), u) - x, axis=1)
        inner = np.flatnonzero((distance[1:-1] <= distance[:-2]) & (distance[1:-1] <= distance[2:])) + 1
        cuts = u[np.unique(np.concatenate([inner, np.clip(inner - 40, 1, 1999), np.clip(inner + 40, 1, 1999)]))]
        edges = np.concatenate([[0.0], cuts, [1.0]]) if len(cuts) else np.array([0.0, 1.0])
        return sum(
            float(integrate.quad(integrand, low, high, epsabs=1e-11, epsrel=1e-9)[0]) for low, high in pairwise(edges)
        )

    sums = np.array([sum(adaptive(x, k) for k in range(one.arm_count)) for x in points])
    truth = sums / one.arm_count / (2 * np.pi * one.noise**2)
    assert np.abs(found - truth).max() < float(one.card.fact("density error", 0.0) or 0.0) * truth.max()


@pytest.mark.parametrize("cells", [2, 3, 7, 8])
def test_checkerboard_is_uniform_on_its_dark_cells(cells: int) -> None:
    one = Checkerboard(cells=cells)
    cloud = one.draw(4_000, np.random.default_rng(2))
    dark = (cells**2 + 1) // 2
    np.testing.assert_allclose(log_density(one, cloud.points), -np.log(dark * (6 / cells) ** 2))
    assert np.array_equal(cloud.labels, np.floor((cloud.points[:, 1] + 3) * cells / 6).astype(np.int64))
    light = np.array([[-3 + 9 / cells, -3 + 3 / cells], [3.1, 0.0], [0.0, -3.1]])
    assert (log_density(one, light) == -np.inf).all()


def test_pinwheel_without_twist_is_a_gaussian_mixture() -> None:
    one = Pinwheel(rate=0.0, arms=3)
    truth = np.zeros(200)
    for k in range(3):
        c, s = np.cos(2 * np.pi * k / 3), np.sin(2 * np.pi * k / 3)
        turn = np.array([[c, -s], [s, c]])
        law = stats.multivariate_normal(1.7 * turn[:, 0], 1.7**2 * turn @ np.diag([0.09, 0.01]) @ turn.T)
        truth += law.pdf(somewhere()) / 3
    np.testing.assert_allclose(np.exp(log_density(one, somewhere())), truth, rtol=1e-9, atol=1e-300)


def test_swiss_roll_labels_are_its_turns() -> None:
    labels = SwissRoll(turns=3.0).draw(3_000, np.random.default_rng(3)).labels
    assert np.array_equal(np.unique(labels), [0, 1, 2])
    np.testing.assert_allclose(np.bincount(labels) / 3_000, 1 / 3, atol=0.04)
