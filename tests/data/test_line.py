"""Data of a line, against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from dgm_studio.core.arrays import Array
from dgm_studio.core.dataspec import DataSpec
from dgm_studio.data.dataset import DataSet
from dgm_studio.data.gaussian_1d import Gaussian1D
from dgm_studio.data.mixture_1d import Mixture1D
from dgm_studio.data.source import resolve, spec_from_text
from dgm_studio.data.two_gaussians_1d import TwoGaussians1D
from dgm_studio.data.uniform_1d import Uniform1D

X = np.linspace(-5, 5, 201)


def density(one: DataSet) -> Array:
    log_p = one.log_density(X[:, None])
    assert log_p is not None
    return np.exp(log_p)


def test_densities_are_scipy_s() -> None:
    np.testing.assert_allclose(density(Gaussian1D(mean=0.5, std=0.7)), stats.norm.pdf(X, 0.5, 0.7))
    two = TwoGaussians1D(separation=4.0, std=0.3, weight=0.25)
    wanted = 0.25 * stats.norm.pdf(X, -2, 0.3) + 0.75 * stats.norm.pdf(X, 2, 0.3)
    np.testing.assert_allclose(density(two), wanted)
    np.testing.assert_allclose(density(Uniform1D(half=1.5)), stats.uniform.pdf(X, -1.5, 3.0))


@pytest.mark.parametrize("rare", [0.01, 0.12, 0.5])
def test_the_rare_mode_has_its_share_and_labels_run_from_the_left(rare: float) -> None:
    cloud = Mixture1D(rare=rare).draw(40_000, np.random.default_rng(0))
    share = float(np.mean(cloud.labels == 3))
    assert share == pytest.approx(rare, abs=4 * np.sqrt(rare * (1 - rare) / 40_000))
    means = [cloud.points[cloud.labels == k].mean() for k in range(4)]
    assert means == sorted(means)


def test_a_line_is_resolved_with_its_law() -> None:
    spec = spec_from_text("mixture-1d:rare=0.3")
    found = resolve(spec, seed=4)
    assert found.points.shape == (DataSpec().count, 1)
    assert found.mixture.dim == 1
    assert found.mixture.weights[3] == pytest.approx(0.3)
    assert len(found.normalisation.shift) == 1
    assert resolve(DataSpec("uniform-1d"), 4).mixture.is_finite_data
