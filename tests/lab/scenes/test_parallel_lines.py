"""Parallel lines: the slide's numbers, transport against POT, slopes against differences, infinity without a height."""

from __future__ import annotations

import math

import numpy as np
import ot
import pytest

from dgm_studio.core.sketch import Line, Plot
from dgm_studio.lab.scenes.parallel_lines import FIRST, Knobs, ParallelLines, jump, transport
from dgm_studio.measures.measuring import CLOSED_FORM


def shown(theta: float, n: int = 200, rounds: int = 3) -> ParallelLines:
    scene = ParallelLines(Knobs(theta=theta, n=n))
    for _ in range(rounds):
        list(scene.round())
    return scene


def curve(plot: Plot, name: str) -> Line:
    (found,) = (one for one in plot.lines if one.name.startswith(name))
    return found


def least_cost(u: np.ndarray, v: np.ndarray, theta: float) -> float:
    x, y = np.column_stack((np.zeros(len(u)), u)), np.column_stack((np.full(len(v), theta), v))
    return float(ot.emd2([], [], ot.dist(x, y, "euclidean")))


@pytest.mark.parametrize("theta", [0.0, 1e-3, -0.05, 0.4, -1.0])
def test_sorted_heights_are_the_exact_plan_and_its_slope(theta: float) -> None:
    rng = np.random.default_rng(1)
    u, v = rng.random(60), rng.random(60)
    gaps = np.sort(u) - np.sort(v)
    cost, slope = transport(gaps, theta)
    assert cost == pytest.approx(least_cost(u, v, theta), rel=1e-9)
    if theta:
        h = 1e-5
        assert slope == pytest.approx((least_cost(u, v, theta + h) - least_cost(u, v, theta - h)) / (2 * h), abs=1e-3)


@pytest.mark.parametrize("theta", [0.5, -0.3, 1e-3, 0.0])
def test_the_slides_numbers(theta: float) -> None:
    known = {one.measure: one for one in shown(theta, rounds=1).sketch().measured if one.method == CLOSED_FORM}
    apart = float(theta != 0)
    limits = {"jsd": apart * math.log(2), "tv": apart, "w1": abs(theta)}
    limits |= dict.fromkeys(("kl", "reverse-kl"), math.inf if theta else 0.0)
    assert {name: one.value for name, one in known.items()} == limits


def test_curves_are_the_exact_ones_and_jump_at_0() -> None:
    _, values, slopes = shown(0.5, rounds=2).sketch().plots
    for name, height in (("JSD: log 2", math.log(2)), ("TV: 1", 1.0)):
        one = curve(values, name)
        assert set(one.y.tolist()) == {0.0, height}
        assert (one.x[one.y == 0] == 0).all()
    one = curve(values, "W = |θ|")
    np.testing.assert_array_equal(one.y, np.abs(one.x))
    one = curve(slopes, "W: sign")
    assert ((one.y == np.sign(one.x)) | (one.x == 0)).all()
    assert set(curve(slopes, "JSD, TV").y.tolist()) == {0.0}
    x, y = jump(2.0)
    assert y[x == 0].min() == 0


def test_infinity_has_no_height() -> None:
    values = shown(0.5, rounds=1).sketch().plots[1]
    assert not any(one.name.startswith("KL") for one in values.lines)
    (strokes,) = values.segments
    assert "∞" in strokes.name
    assert (strokes.ends[:, 3] == values.high).all()
    assert (strokes.ends[:, 0] != 0).all()


def test_q_is_dragged_by_its_knob() -> None:
    stage = shown(-0.3, rounds=1).sketch().plots[0]
    (grip,) = stage.grips
    assert (grip.across, grip.up) == ("theta", "")
    assert (grip.x - grip.from_x) / grip.scale == -0.3
    assert None not in (stage.left, stage.right, stage.low, stage.high)
    (cloud,) = (one for one in stage.clouds if one.name.endswith("q"))
    assert (cloud.points[:, 0] == -0.3).all()


def test_estimates_beside_the_exact_values() -> None:
    scene = shown(0.5, n=2_000, rounds=6)
    _, values, slopes = scene.sketch().plots
    w1, jsd = curve(values, "W, 2,000"), curve(values, "JSD, histogram")
    assert w1.floor is not None
    apart = w1.x != 0
    assert (w1.y >= np.abs(w1.x)).all()  # a plan moves every point by |theta| at least
    assert (w1.y - np.abs(w1.x)).max() < 0.05
    assert w1.y[~apart][0] < 2 * w1.floor[0]
    np.testing.assert_allclose(jsd.y[apart], math.log(2), rtol=1e-9)
    assert jsd.y[~apart][0] < 0.02
    slope = curve(slopes, "W, 2,000")
    far = np.abs(slope.x) >= 0.1
    np.testing.assert_allclose(slope.y[far], np.sign(slope.x[far]), atol=0.01)
    assert (np.abs(slope.y) <= 1).all()
    assert np.abs(curve(slopes, "JSD, histogram").y).max() < 1e-9


def test_the_first_round_is_small_and_not_mixed_with_the_others() -> None:
    scene = ParallelLines(Knobs(n=20_000))
    list(scene.round())
    assert scene.n == FIRST
    assert scene.sketch().repetitions == 1
    for _ in range(2):
        list(scene.round())
    assert scene.n == 20_000
    assert scene.sketch().repetitions == 2


def test_estimators_of_the_table_come_with_interval_and_floor() -> None:
    scene = shown(0.5, rounds=4)
    found = {(one.measure, one.method): one for one in scene.sketch().measured}
    one = found["kl", "Histogram"]
    assert math.isfinite(one.value)  # a histogram cannot know supports
    assert one.floor is not None
    assert one.value > 10 * one.floor
    assert found["jsd", "Histogram"].value == pytest.approx(math.log(2), rel=1e-9)
    plan = found["w1", "Exact transport plan"]
    assert plan.bias
    assert plan.floor == scene.w1_floor.mean
    assert 0.5 <= plan.low < plan.value < plan.high < 0.51
