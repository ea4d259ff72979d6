"""Read-outs and loss curves: the texts carry their doubt, the thinned curve covers the same pixels."""

from __future__ import annotations

import math
import re
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from dgm_studio.gui.theme.theme import Theme
from dgm_studio.gui.widgets.axis_ticks import ticks
from dgm_studio.gui.widgets.big_number import BigNumber, KeyValueList
from dgm_studio.gui.widgets.curve import Curve, sampled, thinned
from dgm_studio.gui.widgets.loss_plot import LossPlot
from dgm_studio.gui.widgets.readout import Readout, doubt_text

RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")

pytestmark = pytest.mark.usefixtures("look")


@pytest.mark.parametrize(
    ("value", "doubt", "unit", "text"),
    [
        (0.0412, 0.0061, "", "0.041 ± 0.006"),
        (0.018, None, "nats", "0.018 nats"),
        (3.62, 0.5, "", "3.6 ± 0.5"),
        (1234.0, 20.0, "", "1,234 ± 20"),
        (math.inf, 0.1, "", "∞"),
        (math.nan, None, "", "not a number"),
        (8.0, None, "", "8"),
    ],
)
def test_a_number_carries_its_doubt(value: float, doubt: float | None, unit: str, text: str) -> None:
    assert doubt_text(value, doubt, unit) == text


def test_readout_says_value_and_floor(qtbot: QtBot) -> None:
    readout = Readout("Sliced W₂", "", "Distance of samples to data")
    qtbot.addWidget(readout)
    assert readout.text == "–"
    readout.set_value(0.0412, doubt=0.0061, floor=0.026, high=0.1)
    assert readout.text == "0.041 ± 0.006"
    assert "Noise floor: 0.026" in readout.toolTip()
    assert readout.accessibleDescription().startswith("0.041 ± 0.006")
    readout.set_value(0.0412, floor=0.026, floor_of="random split halves of 250 points, scaled to 500")
    assert "0.026 (random split halves of 250 points, scaled to 500)" in readout.toolTip()
    readout.set_value(None)
    assert readout.text == "–"


def test_big_number_and_facts(qtbot: QtBot) -> None:
    big, facts = BigNumber("Relative error"), KeyValueList()
    qtbot.addWidget(big)
    qtbot.addWidget(facts)
    big.set_value("6.3 %", "was 9.8 %", "exact")
    assert big.value.text() == "6.3 %"
    facts.set_items((("Step", "1"), ("Seed", "7")))
    facts.set_items((("Step", "2"), ("Seed", "7")))
    assert facts.items() == {"Step": "2", "Seed": "7"}
    facts.set_items((("Step", "3"),))
    assert facts.items() == {"Step": "3"}


def test_the_average_is_bias_corrected_and_the_same_in_pieces() -> None:
    values = np.random.default_rng(0).random(500)
    whole, pieces = Curve(0.9), Curve(0.9)
    whole.append(np.arange(500), values)
    for i in range(0, 500, 7):
        pieces.append(np.arange(i, min(500, i + 7)), values[i : i + 7])
    weights = 0.9 ** np.arange(99, -1, -1)
    assert whole.smooth[99] == pytest.approx(float(weights @ values[:100] / weights.sum()))
    np.testing.assert_allclose(pieces.smooth, whole.smooth)
    whole.set_beta(0.0)
    np.testing.assert_array_equal(whole.smooth, values)


def test_a_nan_does_not_stay_in_the_average() -> None:
    curve = Curve(0.9)
    curve.append(np.arange(4), np.array([1.0, np.nan, 1.0, np.inf]))
    np.testing.assert_allclose(curve.smooth, 1.0)


@given(n=st.integers(1, 5000), columns=st.integers(1, 300))
def test_thinning_keeps_every_columns_extremes(n: int, columns: int) -> None:
    steps = np.arange(n, dtype=float)
    values = np.random.default_rng(n).random(n)
    x, y = thinned(steps, values, columns)
    assert len(x) == len(y) <= max(2 * columns, n if n <= 2 * columns else 0)
    assert np.all(np.diff(x) >= 0)
    if n > 2 * columns:
        edges = np.linspace(0, n, columns + 1).astype(int)
        for k in range(columns - 1):
            part = values[edges[k] : edges[k + 1]]
            assert (y[2 * k], y[2 * k + 1]) == (part.min(), part.max())


def test_sampling_a_smooth_curve_keeps_its_ends_and_its_values() -> None:
    steps = np.arange(5000.0)
    x, y = sampled(steps, np.sin(steps / 500), 200)
    assert len(x) == 201
    assert (x[0], x[-1]) == (0.0, 4999.0)
    np.testing.assert_array_equal(y, np.sin(x / 500))


def test_the_plotted_arrays_are_the_curve(qtbot: QtBot, look: Theme) -> None:
    plot = LossPlot()
    qtbot.addWidget(plot)
    plot.resize(282, 200)
    plot.show()
    steps, values = np.arange(1, 101), np.exp(-np.arange(100) / 30.0)
    plot.append("loss", steps, values)
    plot.append("critic", steps, 2 * values)
    plot.refresh()
    raw, bold = plot._items["loss"]
    np.testing.assert_allclose(raw.getData()[1], np.log10(values))
    np.testing.assert_allclose(bold.getData()[1], np.log10(plot.curves["loss"].smooth))
    plot.set_log(False)
    np.testing.assert_allclose(raw.getData()[1], values)
    plot.set_smoothing(0.0)
    np.testing.assert_allclose(bold.getData()[1], values)
    assert plot.legend.isVisible()
    plot.clear()
    assert plot.curves == {}
    assert not plot.legend.isVisible()


def test_a_loss_below_zero_stays_linear_and_says_so(qtbot: QtBot) -> None:
    plot = LossPlot()
    qtbot.addWidget(plot)
    plot.append("nll", [1, 2, 3], [1.0, 0.0, -1.0])
    plot.refresh()
    assert not plot.log_shown
    assert "can be negative" in plot.header.links["scale"].text()
    assert plot._items["nll"][0].getData()[1].tolist() == [1.0, 0.0, -1.0]


def test_the_best_possible_line_is_drawn_at_its_value(qtbot: QtBot) -> None:
    plot = LossPlot()
    qtbot.addWidget(plot)
    plot.show()
    plot.append("loss", [1, 2], [1.0, 0.5])
    plot.set_best(0.305)
    assert plot._floor_line.value() == pytest.approx(math.log10(0.305))
    assert plot.best_label.text() == "best possible 0.305"
    plot.set_best(None)
    assert not plot.best_label.isVisible()


def test_points_that_arrive_are_drawn_by_themselves(qtbot: QtBot) -> None:
    plot = LossPlot()
    qtbot.addWidget(plot)
    plot.show()
    plot.append("loss", [1, 2], [1.0, 0.5])
    qtbot.waitUntil(lambda: plot._items["loss"][0].getData()[0] is not None, timeout=1000)


def test_a_hundred_thousand_points_are_thinned_to_the_screen(qtbot: QtBot) -> None:
    plot = LossPlot()
    qtbot.addWidget(plot)
    plot.resize(282, 200)
    plot.show()
    rng = np.random.default_rng(0)
    plot.append("loss", np.arange(100_000), 1 + rng.random(100_000))
    start = time.perf_counter()
    plot.refresh()
    assert len(plot._items["loss"][0].getData()[0]) <= 2 * plot.plot.width()
    assert time.perf_counter() - start < 5.0  # a hang, not a benchmark


def test_hover_reads_out_step_and_values(qtbot: QtBot) -> None:
    plot = LossPlot()
    qtbot.addWidget(plot)
    plot.resize(400, 200)
    plot.show()
    plot.append("loss", np.arange(100), np.full(100, 0.25))
    plot.refresh()
    QTest.mouseMove(plot.plot.viewport(), plot.plot.viewport().rect().center())
    qtbot.waitUntil(lambda: plot.readout.isVisible(), timeout=1000)
    assert "0.25" in plot.readout.text()
    assert plot.readout.text().startswith("step ")


@given(low=st.floats(-6, 4), span=st.floats(0.01, 8), log=st.booleans())
def test_ticks_are_few_inside_and_true(low: float, span: float, log: bool) -> None:
    found = ticks(low, low + span, log=log)
    assert len(found) <= 6
    for at, text in found:
        assert low - 1e-9 <= at <= low + span + 1e-9
        raised = re.fullmatch(r"(?:(\d)·)?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", text)
        power = f"{raised[1] or 1}e{raised[2].translate(RAISED)}" if raised else text.replace(",", "")
        shown = float(power)
        assert shown == pytest.approx(10.0**at if log else at, rel=1e-4, abs=1e-9)
