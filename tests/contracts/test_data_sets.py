"""Claims over every data set of the catalogue: a new file is judged the moment it exists."""

from __future__ import annotations

import dataclasses
import time
from functools import cache

import numpy as np
import pytest
from scipy import stats

from dgm_studio.core.arrays import Array
from dgm_studio.core.knobs import fill, knobs_of
from dgm_studio.data import data_sets
from dgm_studio.data.dataset import DataSet

IDS = (
    "gaussian", "two-gaussians", "eight-gaussians", "grid-25", "moons",
    "circles", "swiss-roll", "spirals", "checkerboard", "pinwheel",
    "s-curve", "line", "ring", "funnel", "banana", "boxes", "text",
    "gaussian-1d", "two-gaussians-1d", "mixture-1d", "uniform-1d", "laplace-1d", "beta-1d", "histogram-1d",
)  # fmt: skip
EVERY = pytest.mark.parametrize("one", data_sets().values(), ids=list(data_sets()))
HALF, STEP = 6.0, 0.05
"""The grid the densities are summed on; they line up with every default's edges and resolve it."""


@cache
def dim_of(one: DataSet) -> int:
    """2 for points of the plane, 1 for points of the line."""
    return int(one.draw(2, np.random.default_rng(0)).points.shape[1])


@cache
def grid_density(one: DataSet) -> Array:
    """p at the midpoints of the grid, (cells, cells), y by x; (cells,) on the line."""
    ticks = np.arange(-HALF + STEP / 2, HALF, STEP)
    axes = [ticks] * dim_of(one)
    points = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, dim_of(one))
    log_p = one.log_density(points)
    assert log_p is not None
    assert log_p.dtype == np.float64
    return np.exp(log_p).reshape([len(ticks)] * dim_of(one))


def test_the_data_sets_of_the_issues_are_there() -> None:
    assert set(IDS) <= set(data_sets())


@EVERY
def test_card_is_complete_and_knobs_are_declared(one: DataSet) -> None:
    assert one.card.title
    assert one.card.summary.endswith(".")
    assert one.card.fact("density") in ("closed form", "quadrature", "none")
    assert len(knobs_of(type(one))) == len(dataclasses.fields(one)) >= 1
    assert (one.log_density(np.zeros((1, dim_of(one)))) is None) == (one.card.fact("density") == "none")


@EVERY
def test_cloud_is_finite_and_of_standard_scale(one: DataSet) -> None:
    cloud = one.draw(5_000, np.random.default_rng(0))
    assert dim_of(one) in (1, 2)
    assert cloud.points.shape == (5_000, dim_of(one))
    assert cloud.points.dtype == np.float32
    assert np.isfinite(cloud.points).all()
    assert cloud.labels.shape == (5_000,)
    assert cloud.labels.dtype == np.int64
    assert np.array_equal(np.unique(cloud.labels), np.arange(cloud.labels.max() + 1))
    if one.card.id == "line":
        return  # a unit segment: lecture 5 fixes its length
    assert 1.0 < np.sqrt((cloud.points.std(axis=0) ** 2).sum()) < 3.0
    assert np.quantile(np.abs(cloud.points), 0.99) < 3.5


@EVERY
def test_same_generator_state_gives_the_same_cloud(one: DataSet) -> None:
    first, again, other = (one.draw(300, np.random.default_rng(seed)) for seed in (7, 7, 8))
    assert np.array_equal(first.points, again.points)
    assert np.array_equal(first.labels, again.labels)
    assert not np.array_equal(first.points, other.points)


@EVERY
def test_knobs_draw_at_both_ends_and_have_an_effect(one: DataSet) -> None:
    normal = one.draw(200, np.random.default_rng(1)).points
    probe = np.random.default_rng(2).uniform(-4, 4, size=(50, dim_of(one)))
    for knob in knobs_of(type(one)):
        words = ("1", "0, 2, 1") if knob.numbers else ("O", "Models 2")
        for end in words if knob.type is str else (knob.low, knob.high):
            assert end is not None
            turned = fill(type(one), {knob.name: knob.type(end)})
            cloud = turned.draw(200, np.random.default_rng(1))
            assert np.isfinite(cloud.points).all()
            assert end == knob.default or not np.array_equal(cloud.points, normal)
            log_p, at_own = turned.log_density(probe), turned.log_density(cloud.points)
            if log_p is not None and at_own is not None:
                assert not np.isnan(log_p).any()
                assert np.isfinite(at_own).all(), "a sample lies where the density is 0"


@EVERY
def test_density_integrates_to_one(one: DataSet) -> None:
    if one.card.fact("density") == "none":
        pytest.skip("this data set has no known density")
    assert grid_density(one).sum() * STEP ** dim_of(one) == pytest.approx(1.0, abs=1e-3)


@EVERY
def test_samples_match_the_density_by_chi_squared(one: DataSet) -> None:
    if one.card.fact("density") == "none":
        pytest.skip("this data set has no known density")
    n, merge = 20_000, 5
    dim = dim_of(one)
    cells = grid_density(one) * STEP**dim
    side = len(cells) // merge
    # Cells are y by x, what is counted is x by y: hence the transposition.
    expected = n * cells.reshape((side, merge) * dim).sum(axis=tuple(range(1, 2 * dim, 2))).T
    edges = np.linspace(-HALF, HALF, side + 1)
    points = one.draw(n, np.random.default_rng(3)).points
    counted = np.histogramdd(points, bins=[edges] * dim)[0]
    busy = expected > 5
    # All sparse cells count as one, so that samples in empty regions are seen.
    seen = np.append(counted[busy], n - counted[busy].sum())
    hoped = np.append(expected[busy], max(n - expected[busy].sum(), 1.0))
    chi2 = ((seen - hoped) ** 2 / hoped).sum()
    assert stats.chi2.sf(chi2, df=len(seen) - 1) > 1e-3


@EVERY
def test_mean_log_density_of_samples_is_minus_the_entropy(one: DataSet) -> None:
    if one.card.fact("density") == "none":
        pytest.skip("this data set has no known density")
    p = grid_density(one)
    negative_entropy = float((p[p > 0] * np.log(p[p > 0])).sum()) * STEP ** dim_of(one)
    at_samples = one.log_density(one.draw(20_000, np.random.default_rng(4)).points)
    assert at_samples is not None
    error = at_samples.std() / np.sqrt(len(at_samples)) + 1e-3
    assert abs(at_samples.mean() - negative_entropy) < 4 * error


@EVERY
def test_density_far_away_is_small_and_never_nan(one: DataSet) -> None:
    log_p = one.log_density(np.array([[1e3, -1e3], [80.0, 0.0], [0.0, 0.0]])[:, : dim_of(one)])
    if log_p is not None:
        assert not np.isnan(log_p).any()
        assert (log_p[:2] < -100).all()


@EVERY
def test_thumbnail_is_drawn_at_once(one: DataSet) -> None:
    # The catalogue draws all of them first of all; the best of three, as cores are shared.
    seconds = []
    for seed in range(3):
        start = time.perf_counter()
        one.draw(400, np.random.default_rng(seed))
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 0.020
