"""Measured numbers as a person reads them: doubts, units, noise, every way side by side, what was pinned."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from dgm_studio.core.knobs import Choice, Knob
from dgm_studio.core.measured import NATS, Measured, exact_of, warning
from dgm_studio.core.sketch import Reading
from dgm_studio.gui.panels.divergences.pin import Pin, read_pin
from dgm_studio.gui.theme.theme import Theme
from dgm_studio.gui.widgets.knob_form import KnobForm
from dgm_studio.gui.widgets.measured_table import MeasuredTable, keyed
from dgm_studio.gui.widgets.measured_text import as_lines, explained, floor_text, value_text
from dgm_studio.gui.widgets.number_scale import finely, knob_text
from dgm_studio.gui.widgets.readings import Readings

EXACT = Measured("kl", 0.5, 0.5, 0.5, "closed form", NATS)
GUESS = Measured("kl", 0.523, 0.49, 0.556, "Histogram", NATS, 0.011, 2_000, "It leans.")


def told(low: float, value: float, high: float) -> str:
    """An estimate within [low, high] as text, in nats."""
    return value_text(replace(GUESS, low=low, value=value, high=high), bits=False)


def test_a_value_has_the_figures_its_doubt_allows() -> None:
    assert value_text(EXACT, bits=False) == "0.5000"
    assert value_text(GUESS, bits=False) == "0.523 ± 0.033"
    assert told(380, 400, 420) == "400 ± 20"
    assert told(0.5, 0.51, 0.6) == "0.510 [0.500, 0.600]"
    assert told(0.5 - 1e-8, 0.5, 0.5 + 1e-8) == "0.5000"
    assert told(math.inf, math.inf, math.inf) == "∞"
    assert value_text(replace(GUESS, value=math.nan, pending=True), bits=False) == "…"
    assert told(1e-5, 2e-5, 3e-5) == "0.000020 ± 0.000010"


def test_nats_become_bits_and_nothing_else_does() -> None:
    assert value_text(EXACT, bits=True) == f"{0.5 / math.log(2):.4f}"
    assert floor_text(GUESS, bits=True) == "0.016"
    assert floor_text(replace(GUESS, floor=-0.00093), bits=False) == "-0.0009"
    metres = replace(GUESS, unit="distance")
    assert value_text(metres, bits=True) == value_text(metres, bits=False)


def test_the_tooltip_tells_interval_floor_bias_and_noise() -> None:
    said = explained(GUESS, "Forward KL", bits=False)
    for part in (
        "Forward KL, Histogram: 0.523",
        "n = 2,000",
        "[0.49, 0.556]",
        "Noise floor 0.011",
        "Biased. It leans.",
    ):
        assert part in said
    assert "no more than noise" in explained(replace(GUESS, value=0.01), "Forward KL", bits=False)
    assert "still to come" in explained(replace(GUESS, pending=True), "Forward KL", bits=False)


def test_lines_for_a_spreadsheet() -> None:
    head, first, second = as_lines([EXACT, GUESS], {"kl": "Forward KL"}, bits=False).splitlines()
    assert first.split("\t")[:3] == ["Forward KL", "closed form", "0.5"]
    cells = dict(zip(head.split("\t"), second.split("\t"), strict=True))
    assert (cells["low"], cells["high"], cells["floor"], cells["n"]) == ("0.49", "0.556", "0.011", "2000")


def test_what_is_still_to_come_is_empty_in_a_spreadsheet() -> None:
    waiting = replace(GUESS, low=GUESS.value, high=GUESS.value, floor=None, pending=True)
    arrived = replace(GUESS, floor=None, pending=True)
    unknown = replace(waiting, value=math.nan, low=math.nan, high=math.nan)
    head, *lines = as_lines([waiting, arrived, unknown], {}, bits=True).splitlines()
    rows = [dict(zip(head.split("\t"), line.split("\t"), strict=True)) for line in lines]
    assert [(row["low"], row["high"]) for row in rows] == [("", ""), ("0.706921", "0.802138"), ("", "")]
    assert [row["value"] for row in rows] == ["0.75453"] * 2 + [""]
    assert [row["n"] for row in rows] == ["2000"] * 3
    assert [row["unit"] for row in rows] == ["bits"] * 3
    kept = read_pin(json.loads(json.dumps(Pin((waiting, GUESS), {}, "as it was").as_json())))
    assert kept is not None
    assert kept.found == (waiting, GUESS)


def test_an_estimate_that_misses_the_exact_value_says_so() -> None:
    far = replace(EXACT, value=0.7, low=0.7, high=0.7)
    unbiased = replace(GUESS, bias="")
    assert [warning(one, EXACT) for one in (GUESS, unbiased, EXACT)] == ["biased", "", ""]
    assert [warning(one, far) for one in (GUESS, unbiased)] == ["biased, too low", "too low"]
    assert warning(unbiased, replace(EXACT, value=0.4, low=0.4, high=0.4)) == "too high"
    assert warning(unbiased, replace(EXACT, value=math.inf, low=math.inf, high=math.inf)) == "too low"
    assert warning(unbiased, replace(far, low=0.55)) == ""  # a quadrature's error reaches into the interval
    assert warning(replace(unbiased, low=0.523, high=0.523, pending=True), far) == ""  # no interval yet
    assert warning(unbiased, None) == ""
    assert exact_of([GUESS, far, EXACT]) is far
    assert exact_of([GUESS, replace(EXACT, value=math.nan)]) is None
    said = explained(GUESS, "Forward KL", bits=True, exact=far)
    assert f"closed form gives {0.7 / math.log(2):.3f}, outside this interval" in said
    assert "outside" not in explained(GUESS, "Forward KL", bits=True, exact=EXACT)


def test_the_row_of_such_an_estimate_is_alarming(qtbot: QtBot, look: Theme) -> None:
    table = MeasuredTable()
    qtbot.addWidget(table)
    table.resize(282, 400)
    table.show()
    far = replace(EXACT, value=0.7, low=0.7, high=0.7)
    table.show_measured([far, GUESS], {}, {}, {}, bits=False)
    row = table.rows["kl", "Histogram"]
    qtbot.waitUntil(lambda: row.width() == 282)
    assert (row.warning(), row.tone()) == ("biased, too low", "error")
    assert "biased, too low" in row.accessibleDescription()
    high, colour = row.height(), look.colour("error")

    def shows_error() -> bool:
        picture = row.grab().toImage()
        points = ((x, y) for x in range(picture.width()) for y in range(picture.height()))
        return any(picture.pixelColor(x, y) == colour for x, y in points)

    assert shows_error()
    table.show_measured([far, replace(GUESS, bias="", low=0.4, high=0.8)], {}, {}, {}, bits=False)
    assert (row.warning(), row.tone()) == ("", "text")
    assert not shows_error()
    table.show_measured([EXACT, GUESS], {}, {}, {}, bits=False)
    assert (row.warning(), row.height()) == ("biased", high)  # it does not jump while the interval moves


def test_readings_in_nats_follow_the_switch(qtbot: QtBot, look: Theme) -> None:
    readings = Readings()
    qtbot.addWidget(readings)
    most = Reading("Largest", None, exact=math.log(2), unit=NATS)
    both = Reading("Both", math.log(2), 0.1 * math.log(2), 2 * math.log(2), NATS)
    slope = Reading("Slope", 0.5, exact=1.0)

    def told(name: str) -> tuple[str, str, str]:
        row = readings.rows[name]
        return row.value.full_text(), row.exact.full_text(), row.alone.full_text()

    readings.show_readings((most, both, slope), bits=False)
    assert told("Largest")[2] == "0.6931 nats"
    assert told("Both")[0].endswith(" nats")
    plain = told("Slope")
    readings.show_readings((most, both, slope), bits=True)
    assert told("Largest")[2] == "1 bits"
    assert told("Both")[:2] == ("1.0 ± 0.1 bits", "exact 2")
    assert told("Slope") == plain


def test_ways_stand_below_their_measure_and_grey_is_noise(qtbot: QtBot, look: Theme) -> None:
    table = MeasuredTable()
    qtbot.addWidget(table)
    table.resize(282, 400)
    other = Measured("w1", 0.01, 0.0, 0.02, "By sorting", "distance", 0.05, 100)
    table.show_measured([EXACT, other, GUESS], {"kl": "Forward KL"}, {}, {("kl", "Histogram"): EXACT}, bits=False)
    assert list(table.rows) == [("kl", "closed form"), ("kl", "Histogram"), ("w1", "By sorting")]
    assert [row.tone() for row in table.rows.values()] == ["exact", "text", "faint"]
    assert [row.pinned for row in table.rows.values()] == [None, EXACT, None]
    rows = dict(table.rows)
    table.show_measured([replace(EXACT, value=2.0), other, GUESS], {}, {}, {}, bits=False)
    assert table.rows == rows  # only their numbers change
    assert table.rows["kl", "closed form"].text() == "2.000"
    assert [row.pinned for row in table.rows.values()] == [None, None, None]
    table.show_measured([], {}, {}, {}, bits=False)
    assert not table.rows


def test_a_method_that_comes_twice_is_told_by_its_n() -> None:
    assert list(keyed([GUESS, replace(GUESS, n=100)])) == [("kl", "Histogram"), ("kl", "Histogram, n = 100")]


def test_a_brief_form_shows_what_matters(qtbot: QtBot, look: Theme) -> None:
    kinds = (Choice("a", "A"), Choice("b", "B"))
    form = KnobForm(
        "Knobs", "", brief=True,
        knobs=(
            Knob("first", str, "a", "First", "h.", choices=kinds),
            Knob("second", str, "a", "Second", "h.", choices=kinds, when=("first", ("b",))),
            Knob("third", float, 1.0, "Third", "h.", 0, 2, when=("second", ("a",))),
            Knob("drawn", str, "1, 2", "Drawn", "h."),
        ),
    )  # fmt: skip
    qtbot.addWidget(form)

    def visible() -> list[str]:
        return [name for name, row in form.rows.items() if row.isVisibleTo(form)]

    assert visible() == ["first"]
    form.set_values({"first": "b"})
    assert visible() == ["first", "second", "third"]
    assert form.values()["drawn"] == "1, 2"


@pytest.mark.parametrize(("asked", "got"), [(0.1234567, 0.123), (9.0, 2.0), (-9.0, -2.0), (math.nan, -2.0)])
def test_a_dragged_number_is_round_and_within_its_range(asked: float, got: float) -> None:
    knob = Knob("mean", float, 0.0, "Mean", "h.", -2, 2)
    assert finely(knob, asked) == pytest.approx(got, abs=0.0026)
    assert finely(Knob("n", int, 5, "n", "h.", 1, 9), 3.4) == 3
    assert finely(Knob("s", float, 1.0, "s", "h.", 0.01, 10, log=True), 0.123456) == 0.123


def test_knobs_in_words() -> None:
    assert knob_text(Knob("k", str, "a", "K", "h.", choices=(Choice("a", "First one"),)), "a") == "First one"
    assert knob_text(Knob("k", bool, True, "K", "h."), value=True) == "on"
    assert knob_text(Knob("k", int, 1, "K", "h.", 1, 9_000), 2_000) == "2,000"
