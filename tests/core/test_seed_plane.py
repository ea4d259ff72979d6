"""The plane of seeds: weights by hand, and that seeds themselves are met exactly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dgm_studio.core.seed_plane import blend_at, pure, told


@given(column=st.integers(0, 7), row=st.integers(0, 2))
def test_a_seeds_own_place_is_that_seed_alone(column: int, row: int) -> None:
    assert blend_at(column, row, 8, 3, first=24) == pure(24 + 8 * row + column)


@given(across=st.floats(-2, 9), down=st.floats(-2, 4))
def test_weights_are_shares_of_seeds_on_the_sheet(across: float, down: float) -> None:
    blend = blend_at(across, down, 8, 3)
    assert 0.96 < sum(weight for _, weight in blend) <= 1 + 1e-9
    assert all(0 <= seed < 24 for seed, _ in blend)


def test_between_four_seeds_the_weights_are_bilinear() -> None:
    assert dict(blend_at(2.25, 0.5, 8, 3)) == pytest.approx({2: 0.375, 3: 0.125, 10: 0.375, 11: 0.125})
    assert told(blend_at(2.25, 0.0, 8, 3)) == "seeds 2, 3"
    assert told(pure(7)) == "seed 7"
