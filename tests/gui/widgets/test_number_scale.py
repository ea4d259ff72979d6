"""Numbers on sliders: round trips, clean steps, texts that read back."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dgm_studio.core.knobs import Knob
from dgm_studio.gui.widgets.number_scale import fraction_of, nudge, value_at, value_text, without_unit
from tests.gui.widgets.gallery import GUIDANCE, LAYERS, RATE, WIDTH

FROM_ZERO = Knob("sigma", float, 0.0, "Noise", "", 0.0, 10.0, True)
ALL = [WIDTH, RATE, LAYERS, GUIDANCE, FROM_ZERO]


@pytest.mark.parametrize("knob", ALL, ids=lambda knob: knob.name)
@given(fraction=st.floats(0, 1))
def test_a_position_comes_back_to_a_rounding(knob: Knob, fraction: float) -> None:
    value = value_at(knob, fraction)
    knob.check(value)
    assert value_at(knob, fraction_of(knob, value)) == pytest.approx(value, rel=1e-9, abs=1e-9)


@given(fraction=st.floats(0.001, 0.999))
def test_a_log_slider_is_a_logarithm(fraction: float) -> None:
    exact = 1e-5 * (1.0 / 1e-5) ** fraction
    assert value_at(RATE, fraction) == pytest.approx(exact, rel=0.05)  # two significant digits
    assert fraction_of(RATE, exact) == pytest.approx(fraction, abs=1e-9)


@pytest.mark.parametrize("knob", ALL, ids=lambda knob: knob.name)
def test_the_ends_are_reached(knob: Knob) -> None:
    assert (value_at(knob, 0.0), value_at(knob, 1.0)) == (knob.low, knob.high)


@pytest.mark.parametrize("knob", ALL, ids=lambda knob: knob.name)
def test_steps_walk_the_whole_range_and_stop_at_its_end(knob: Knob) -> None:
    assert knob.low is not None
    value: float = knob.low
    for _ in range(1000):
        after = nudge(knob, value, 1)
        if after == knob.high:
            break
        assert after > value
        value = after
    assert nudge(knob, value, 1) == knob.high
    assert nudge(knob, float(knob.high or 0), 1) == knob.high


@pytest.mark.parametrize(
    ("knob", "value", "text"),
    [
        (WIDTH, 128, "128 units"),
        (RATE, 2e-3, "2.0e-3"),
        (LAYERS, 3, "3"),
        (GUIDANCE, 1.0, "1.0"),
        (Knob("n", int, 1, "N", "", 1, 10**6), 12_000, "12,000"),
        (GUIDANCE, 1.2345, "1.2345"),
    ],
)
def test_texts_read_as_in_the_pictures_and_read_back(knob: Knob, value: float, text: str) -> None:
    assert value_text(knob, value) == text
    assert math.isclose(float(without_unit(knob, text)), value)
