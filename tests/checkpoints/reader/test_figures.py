"""Figures of tensors: moments against numpy and closed forms, histograms, heat maps, singular values."""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import Any, TypeVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dgm_studio.checkpoints.reader.matrix_views import filters, heat_map, rank, singular_values
from dgm_studio.checkpoints.reader.statistics import PAUSE, SLICE, histogram, measured, not_finite
from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.core.inspection import RefusedFile

T = TypeVar("T")
ODD = [math.nan, math.inf, -math.inf, 0.0]


def run(steps: Generator[Any, None, T]) -> T:
    """What a generator returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: T = end.value
            return found


@settings(max_examples=40, deadline=None)
@given(
    arrays(
        np.float32,
        st.integers(1, 40),
        elements=st.floats(width=32, min_value=-1e6, max_value=1e6) | st.sampled_from(ODD),
    )
)
def test_moments_are_numpys_over_the_finite_entries(array: Array) -> None:
    found = run(measured("a", array))
    finite = array[np.isfinite(array)].astype(np.float64)
    assert found.nans == np.isnan(array).sum()
    assert found.infs == np.isinf(array).sum()
    if not finite.size:
        assert math.isnan(found.mean)
        return
    assert (found.low, found.high) == (finite.min(), finite.max())
    assert found.zeros == (finite == 0).sum() / array.size
    scale = np.abs(finite).max() + 1e-9
    for got, wanted in ((found.mean, finite.mean()), (found.std, finite.std()), (found.norm, np.linalg.norm(finite))):
        assert got == pytest.approx(wanted, rel=1e-9, abs=1e-9 * scale)


def test_a_mean_far_from_zero_costs_no_digits_and_long_tensors_pause() -> None:
    array = 1e8 + np.tile([-1.0, 1.0], SLICE * PAUSE)
    steps = measured("a", array)
    pauses = sum(1 for _ in measured("a", array))
    assert pauses == 2
    assert run(steps).std == pytest.approx(1.0, rel=1e-12)


def test_types_that_are_no_floats_and_empty_ones() -> None:
    whole = run(measured("a", np.array([[1, 2], [3, 2**40]])))
    assert (whole.low, whole.high) == (1, 2**40)
    assert run(measured("a", np.array([True, False]))).mean == 0.5
    assert run(measured("a", np.array([3 + 4j]))).high == 5
    assert math.isnan(run(measured("a", np.zeros((0, 3)))).std)
    assert not_finite([]) is None
    finding = not_finite(["a", "b", "c", "d"])
    assert finding is not None
    assert finding.text == "4 tensors hold NaN or infinity: a, b, c and 1 more. Sampling would give NaN."


def test_a_histogram_counts_everything_once() -> None:
    array = np.random.default_rng(1).normal(size=3 * SLICE).astype(np.float32)
    array[:3] = [np.nan, np.inf, -np.inf]
    found = run(histogram(array, 32))
    finite = array[3:].astype(np.float64)
    np.testing.assert_array_equal(found.counts, np.histogram(finite, 32)[0])
    assert (found.nans, found.infs, found.low, found.high) == (1, 2, finite.min(), finite.max())
    constant = run(histogram(np.full(5, 2.0), 4))
    assert sum(constant.counts) == 5
    assert constant.low < 2 < constant.high


def test_a_heat_map_has_the_means_of_blocks() -> None:
    array = np.arange(24.0).reshape(4, 2, 3)
    assert heat_map(array, 9, 9).values.tolist() == array.reshape(4, 6).tolist()
    small = heat_map(array, 2, 3)
    assert small.values.tolist() == array.reshape(2, 2, 3, 2).mean((1, 3)).tolist()
    assert (small.of, small.many) == ((4, 6), 1)
    last = heat_map(array, 9, 9, last=True, index=3)
    assert last.values.tolist() == array[3].tolist()
    assert last.many == 4
    assert heat_map(np.arange(3.0), 9, 9).of == (1, 3)
    with pytest.raises(Refused, match="4 matrices"):
        heat_map(array, 9, 9, last=True, index=4)


def test_filters_are_pictures() -> None:
    array = np.random.default_rng(1).normal(size=(5, 3, 3, 3)).astype(np.float32)
    np.testing.assert_array_equal(filters(array, 4, -1), array[:4])
    np.testing.assert_array_equal(filters(array, 9, 2), array[:, 2:3])
    many = np.concatenate([array, array], 1)
    np.testing.assert_allclose(filters(many, 9, -1), many.mean(1, keepdims=True), rtol=1e-6)
    assert filters(array[:, :, 0], 9, 0).shape == (5, 1, 1, 3)
    for wrong in (array[0, 0], array[..., None, None], np.zeros((0, 3, 3, 3))):
        with pytest.raises(Refused):
            filters(wrong, 4, -1)
    with pytest.raises(Refused, match="3 inputs"):
        filters(array, 4, 3)


def test_singular_values_of_a_known_matrix() -> None:
    rng = np.random.default_rng(1)
    left, right = (np.linalg.qr(rng.normal(size=(n, n)))[0] for n in (6, 8))
    wanted = np.array([5.0, 3.0, 1.0, 0.5, 0, 0])
    matrix = (left * wanted) @ right[:6]
    found = run(singular_values(matrix.reshape(6, 2, 4), 10.0))
    np.testing.assert_allclose(found, wanted, atol=1e-6)
    assert rank(found, (6, 2, 4)) == 4
    with pytest.raises(RefusedFile, match="E22"):
        run(singular_values(np.lib.stride_tricks.as_strided(np.zeros(1), (10**4, 10**4), (0, 0)), 0.001))
    with pytest.raises(Refused, match="two axes"):
        run(singular_values(np.zeros(3), 1.0))
    with pytest.raises(Refused, match="NaN"):
        run(singular_values(np.full((2, 2), np.nan), 1.0))
