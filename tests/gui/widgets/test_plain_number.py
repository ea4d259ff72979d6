"""Figures in plain words, at every size."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dgm_studio.gui.widgets.plain_number import plain


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (1e-5, "under 0.0001"), (-1e-5, "above -0.0001"), (3.14159e-4, "0.000314"), (0.018, "0.018"),
        (8.0, "8"), (1234.0, "1,234"), (123_456.7, "123,457"), (3.2e15, "3.2 × 10¹⁵"), (-4.5e8, "-4.5 × 10⁸"),
        (math.inf, "∞"), (-math.inf, "-∞"), (math.nan, "not a number"),
    ],
)  # fmt: skip
def test_in_words(value: float, text: str) -> None:
    assert plain(value) == text


def test_noughts_stay_where_all_figures_are_known() -> None:
    assert (plain(2.0, 4, noughts=True), plain(0.5, 4, noughts=True)) == ("2.000", "0.5000")


@given(st.floats(1e-4, 9e6) | st.floats(-9e6, -1e-4))
def test_written_out_it_is_the_number_to_three_figures(value: float) -> None:
    assert float(plain(value).replace(",", "")) == pytest.approx(value, rel=5.1e-3)
