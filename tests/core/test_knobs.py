"""Knobs: what goes in comes out, what is out of range is one sentence that names the range."""

from __future__ import annotations

import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Choice, Knob, Value, checked, fill, find_knob, knob, knobs_of


@dataclasses.dataclass(frozen=True)
class Settings:
    """One knob of every kind."""

    rate: float = knob(1e-3, "Rate", "Step size.", low=1e-6, high=1e3, log=True, unit="1/step")
    width: int = knob(64, "Width", "Hidden units.", low=4, high=512)
    depth: int = knob(2, "Depth", "Layers.", low=1)
    cold: float = knob(0.0, "Cold", "At most.", high=0.0)
    fast: bool = knob(False, "Fast", "A switch.")
    solver: str = knob("euler", "Solver", "Which.", choices=(Choice("euler", "Euler"), Choice("heun", "Heun")))
    note: str = knob("", "Note", "Free text.")
    not_a_knob: int = 7


KNOBS = knobs_of(Settings)
RATE, WIDTH, DEPTH, COLD, FAST, SOLVER, NOTE = KNOBS


def values_of(one: Knob) -> st.SearchStrategy[Value]:
    """Every value a knob takes."""
    if one.type is bool:
        return st.booleans()
    if one.choices:
        return st.sampled_from([choice.id for choice in one.choices])
    if one.type is int:
        return st.integers(int(one.low or 1), int(one.high or 10**6))
    if one.type is str:
        if one.numbers is not None:
            few, most = one.numbers
            number = st.floats(0, 9, width=16).map(str)
            return st.lists(number, min_size=few, max_size=most).map(", ".join)
        return st.text()
    return st.floats(one.low if one.low is not None else -1e9, one.high)


@given(st.sampled_from(KNOBS).flatmap(lambda one: st.tuples(st.just(one), values_of(one))))
def test_what_is_in_range_is_kept_and_its_text_means_the_same(pair: tuple[Knob, Value]) -> None:
    one, value = pair
    assert one.check(value) == value
    assert type(one.check(value)) is one.type
    if one.type is str and not one.choices:
        assert one.parse(str(value)) == str(value).strip()
    else:
        assert one.parse(str(value)) == value
        assert one.parse(f" {str(value).upper() if one.type is bool else value} ") == value


@given(st.floats(allow_nan=True) | st.integers(-(10**30), 10**30))
def test_a_number_is_kept_or_refused_with_the_range(value: float) -> None:
    for one in (RATE, WIDTH):
        assert one.low is not None
        assert one.high is not None
        good = math.isfinite(value) and one.low <= value <= one.high and (one.type is float or value == int(value))
        if good:
            assert one.check(value) == value
        else:
            with pytest.raises(Refused) as caught:
                one.check(value)
            sentence = str(caught.value)
            assert one.label in sentence
            assert one.name in sentence
            assert sentence.endswith(".")
            if math.isfinite(value) and (one.type is float or value == int(value)):
                assert f"between {one.low:g} and {one.high:g}" in sentence


@pytest.mark.parametrize(
    ("one", "value", "words"),
    [
        (RATE, 2000, "Rate (rate) is 2000; it must be between 1e-06 and 1000 1/step."),
        (WIDTH, 3.5, "whole number"),
        (WIDTH, True, "needs a number"),
        (WIDTH, "64", "needs a number"),
        (DEPTH, 0, "at least 1"),
        (WIDTH, 12_345_678, "is 12345678; it must be"),
        (COLD, 0.1, "at most 0"),
        (FAST, 1, "switch"),
        (FAST, "true", "switch"),
        (SOLVER, "huen", "Choose heun"),
        (SOLVER, "zzzzzz", "Choose euler, heun"),
        (SOLVER, ["heun"], "cannot be"),
    ],
)
def test_refusals_say_what_is_wrong(one: Knob, value: object, words: str) -> None:
    with pytest.raises(Refused) as caught:
        one.check(value)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("one", "text"),
    [(WIDTH, "many"), (WIDTH, ""), (WIDTH, "nan"), (RATE, "inf"), (FAST, "maybe"), (SOLVER, "")],
)
def test_texts_that_mean_nothing_are_refused(one: Knob, text: str) -> None:
    with pytest.raises(Refused):
        one.parse(text)


@pytest.mark.parametrize(
    ("text", "value"), [("yes", True), ("ON", True), ("1", True), ("no", False), ("Off", False), ("0", False)]
)
def test_switches_are_read_as_people_write_them(text: str, value: bool) -> None:
    assert FAST.parse(text) is value


def test_whole_numbers_may_be_written_as_floats() -> None:
    assert WIDTH.parse("1e2") == 100
    assert type(WIDTH.parse("1e2")) is int


def test_declarations_become_knobs_in_order() -> None:
    assert [one.name for one in KNOBS] == ["rate", "width", "depth", "cold", "fast", "solver", "note"]
    assert [one.type for one in KNOBS] == [float, int, int, float, bool, str, str]
    assert RATE.log
    assert RATE.unit == "1/step"
    assert WIDTH.default == 64


def test_fill_checks_defaults_the_rest_and_refuses_unknown_names() -> None:
    assert fill(Settings, {"width": 8.0}) == Settings(width=8)
    assert checked(KNOBS, {})["solver"] == "euler"
    with pytest.raises(Refused, match=r"no knob named 'widht'.*width"):
        fill(Settings, {"widht": 8})
    assert find_knob(KNOBS, "depth") is DEPTH
