"""Measured numbers as a person reads them: doubts, units, noise, every way side by side, what was pinned."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from dgm_studio.core.knobs import Choice, Knob
from dgm_studio.core.measured import NATS, Measured
from dgm_studio.gui.theme.theme import Theme
from dgm_studio.gui.widgets.knob_form import KnobForm
from dgm_studio.gui.widgets.measured_table import MeasuredTable, keyed
from dgm_studio.gui.widgets.measured_text import as_lines, explained, floor_text, value_text
from dgm_studio.gui.widgets.number_scale import finely, knob_text

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
