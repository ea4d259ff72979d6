"""The optimal transport scene: plans, prices and blur against POT, paper and each other."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import ot
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import fill, knobs_of
from dgm_studio.core.slow import finish
from dgm_studio.lab.scenes import scenes
from dgm_studio.lab.scenes.optimal_transport import Knobs, OptimalTransport
from dgm_studio.lab.scenes.parts.cloud_view import on_the_way as cloud_on_the_way
from dgm_studio.lab.scenes.parts.earth_pile import LECTURE, between_piles, heights, monotone, on_the_way
from dgm_studio.lab.scenes.parts.pile_view import above
from dgm_studio.lab.scenes.parts.sinkhorn_runs import SinkhornRun
from dgm_studio.lab.scenes.parts.transport_problem import Problem, entropy, pairwise, partners
from dgm_studio.measures.transport import exact_plan, line_plan
from tests.lab.scenes.transporting import after, read

PILES = st.lists(st.integers(0, 9), min_size=2, max_size=9).filter(any)
POWERS = pytest.mark.parametrize("power", [1, 2])
WEIGHTED: dict[str, Any] = {"task": "clouds", "p_count": 30, "q_count": 17, "masses": "unequal"}


def small(n: int, m: int, power: int, seed: int = 0) -> Problem:
    """Two weighted clouds."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(n, 2)), rng.normal(size=(m, 2)) + 1
    a, b = rng.random(n) + 0.2, rng.random(m) + 0.2
    return Problem(x, y, a / a.sum(), b / b.sum(), power, pairwise(x, y, power))


# The lecture's piles.


def test_the_slides_piles_cost_five_shovels_one_place_each() -> None:
    scene, sketch = after(1)
    assert read(sketch, "Σ P·|i − j|") == (None, 5.0)
    (w,) = sketch.measured
    assert (w.measure, w.value, w.method) == ("w1", 0.5, "closed form")
    expected = np.array([[1, 2, 0, 0], [0, 0, 2, 0], [0, 0, 1, 0], [0, 0, 1, 3]])
    assert sketch.plots[1].pictures[0].values[::50, ::50] == pytest.approx(expected, abs=1e-12)
    assert "2 from 1 to 2, 2 from 2 to 3, 1 from 4 to 3" in sketch.caption
    assert [list(bars.heights) for bars in sketch.plots[0].bars[1:]] == [[3, 2, 1, 4], [1, 2, 4, 3]]
    assert scene.rounds == 1


@POWERS
@given(p=PILES, q=PILES)
@settings(max_examples=40, deadline=None)
def test_the_monotone_plan_is_pots_best_and_its_prices_prove_it(power: int, p: list[int], q: list[int]) -> None:
    one = between_piles(np.array(p, np.float64), np.array(q, np.float64), power)
    plan = monotone(one)
    matrix = plan.matrix(len(one.a), len(one.b))
    assert matrix.sum(1) == pytest.approx(one.a, abs=1e-12)
    assert matrix.sum(0) == pytest.approx(one.b, abs=1e-12)
    best = float(ot.emd2(one.a, one.b, one.cost))
    assert plan.cost == pytest.approx(best, abs=1e-9)
    assert one.dual(plan) == pytest.approx(best, abs=1e-9)
    slack = one.slack(plan)
    assert slack.min() > -1e-9
    assert np.abs(slack[plan.rows, plan.columns]).max() < 1e-9


@POWERS
def test_the_monotone_plan_is_the_one_of_the_measures_room(power: int) -> None:
    one = between_piles(heights("3, 0, 2.5, 1", "P", 4), heights("0, 1, 4, 3, 0.5", "Q", 6), power)
    other = finish(line_plan(one.x, one.y, one.a, one.b, power))
    mine = monotone(one)
    assert mine.cost == pytest.approx(other.cost, abs=1e-12)
    size = len(one.a), len(one.b)
    assert mine.matrix(*size) == pytest.approx(other.matrix(*size), abs=1e-12)


@given(p=PILES, q=PILES, t=st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_the_pile_on_its_way_keeps_its_earth_and_its_mean_moves_evenly(p: list[int], q: list[int], t: float) -> None:
    one = between_piles(np.array(p, np.float64), np.array(q, np.float64), 2)
    plan = monotone(one)
    edges, density = on_the_way(one, plan, t)
    masses, middles = density * np.diff(edges), (edges[1:] + edges[:-1]) / 2
    assert masses.sum() == pytest.approx(1, abs=1e-9)
    mean_p, mean_q = float(one.a @ one.x[:, 0]), float(one.b @ one.y[:, 0])
    assert masses @ middles == pytest.approx((1 - t) * mean_p + t * mean_q, abs=1e-8)
    # The second moment of a geodesic of W2: (1 - t) m_0 + t m_1 - t (1 - t) W2^2; blocks of width 1 add 1/12.
    second = masses @ (middles**2 + np.diff(edges) ** 2 / 12)
    ends = [float(weights @ places[:, 0] ** 2) for weights, places in ((one.a, one.x), (one.b, one.y))]
    expected = (1 - t) * ends[0] + t * ends[1] - t * (1 - t) * plan.cost + 1 / 12
    assert second == pytest.approx(expected, abs=1e-7)


@POWERS
def test_the_drawn_prices_are_allowed_everywhere_and_pass_through_the_plans(power: int) -> None:
    scene, sketch = after(1, piles="own", power=str(power))
    f, g = sketch.plots[2].lines
    cost = np.abs(f.x[:, None] - g.x[None, :]) ** power
    assert (f.y[:, None] + g.y[None, :] <= cost + 1e-6).all()
    assert scene.answer is not None
    best = scene.answer.best
    for curve, places, price in ((f, scene.problem.x, best.f), (g, scene.problem.y, best.g)):
        assert price is not None
        assert np.interp(places[:, 0], curve.x, curve.y) == pytest.approx(price, abs=1e-6)


def test_the_pile_begins_as_p_and_ends_as_q() -> None:
    p, q = (heights(text, "Pile", 4) for text in LECTURE)
    one = between_piles(p, q, 1)
    for t, pile in ((0.0, p), (1.0, q)):
        edges, density = on_the_way(one, monotone(one), t)
        assert edges == pytest.approx(np.arange(5) + 0.5)
        assert density == pytest.approx(pile / 10)


def test_piles_of_unlike_size_and_length_count_as_one_each() -> None:
    _, sketch = after(1, piles="own", places=5, p_pile="0, 4, 0", q_pile="1, 1, 1, 1, 1, 7", power="2")
    assert sketch.measured[0].value == pytest.approx(np.sqrt((1 + 0 + 1 + 4 + 9) / 5))
    assert "each counts as 1" in sketch.caption
    assert [bars.knob for bars in sketch.plots[0].bars] == ["", "p_pile", "q_pile"]
    assert [len(bars.heights) for bars in sketch.plots[0].bars[1:]] == [5, 5]
    assert not [one for one in sketch.readings if one.name.startswith("Σ")]


@pytest.mark.parametrize(("text", "said"), [("0, 0", "holds no earth"), ("1, -2", "below the ground")])
def test_a_pile_that_is_none_is_refused(text: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        OptimalTransport(fill(Knobs, {"piles": "own", "p_pile": text}))


@pytest.mark.parametrize("text", ["a, b", "1, nan", "", ", ".join("1" * 25)])
def test_a_list_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="Give 1 to 24 numbers"):
        fill(Knobs, {"q_pile": text})


def test_the_axis_stands_still_until_a_bar_reaches_it() -> None:
    assert [above(height) for height in (0.7, 1.0, 1.01, 4.6, 5.2, 31.0)] == [1, 1, 2, 5, 10, 50]


# Clouds of the plane.


@POWERS
def test_the_plan_of_weighted_clouds_is_pots_and_dual(power: int) -> None:
    scene, sketch = after(1, power=str(power), **WEIGHTED)
    assert scene.answer is not None
    one, best = scene.problem, scene.answer.best
    matrix = best.matrix(30, 17)
    assert matrix.sum(1) == pytest.approx(one.a, abs=1e-12)
    assert matrix.sum(0) == pytest.approx(one.b, abs=1e-12)
    assert best.cost == pytest.approx(float(ot.emd2(one.a, one.b, ot.dist(one.x, one.y) ** (power / 2))), abs=1e-9)
    for name in ("Duality gap", "Largest f + g − c", "The same where mass moves"):
        value = read(sketch, name)[0]
        assert value is not None
        assert abs(value) < 1e-9
    assert one.slack(best).min() > -1e-9
    assert sketch.plots[0].segments[0].ends.shape[1] == 4
    assert len({cloud.size for cloud in sketch.plots[0].clouds if cloud.name == "Cloud P"}) == 3


def test_the_critic_drawn_over_the_plane_is_lipschitz_and_attains_w1() -> None:
    scene, _ = after(2, task="clouds", p_count=40, q_count=25)
    assert scene.answer is not None
    one, best = scene.problem, scene.answer.best
    (picture,) = scene.sketch().plots[2].pictures
    left, right, low, high = picture.box
    rows, columns = picture.values.shape
    assert np.abs(np.diff(picture.values, axis=1)).max() <= (right - left) / columns + 1e-9
    assert np.abs(np.diff(picture.values, axis=0)).max() <= (high - low) / rows + 1e-9
    assert best.f is not None
    assert best.g is not None
    assert one.a @ best.f + one.b @ best.g == pytest.approx(best.cost, abs=1e-9)


def test_a_finer_map_follows_the_coarse_one() -> None:
    coarse, fine = (after(rounds, task="clouds")[1].plots[2].pictures[0] for rounds in (1, 2))
    assert fine.values.size > 10 * coarse.values.size
    assert fine.values.max() == pytest.approx(coarse.values.max(), abs=0.5)


def test_points_stay_where_they_are_while_other_knobs_turn() -> None:
    few, more = (after(1, task="clouds", p_count=n, q_x=x)[0].problem for n, x in ((10, 1.0), (25, -2.0)))
    assert more.x[:10] == pytest.approx(few.x)
    assert more.y - few.y == pytest.approx(np.tile([-3.0, 0.0], (60, 1)))
    other, _ = after(1, seed=1, task="clouds", p_count=10)
    assert not np.allclose(other.problem.x, few.x)


def test_handles_set_the_knobs_they_name() -> None:
    _, sketch = after(1, task="clouds", q_x=2.0, q_y=-1.0, q_spread=0.5)
    centre, spread = sketch.plots[0].grips
    assert {knob.name for knob in knobs_of(Knobs)} >= {centre.across, centre.up, spread.across}
    for grip, coordinate, origin, value in (
        (centre, centre.x, centre.from_x, 2.0),
        (centre, centre.y, centre.from_y, -1.0),
        (spread, spread.x, spread.from_x, 0.5),
    ):
        assert (coordinate - origin) / grip.scale == pytest.approx(value)


def test_the_cloud_on_its_way_is_the_plan_s_geodesic() -> None:
    one = small(9, 9, 2)
    one = Problem(one.x, one.y, np.full(9, 1 / 9), np.full(9, 1 / 9), 2, one.cost)
    best = finish(exact_plan(one.x, one.y, power=2))
    t = 0.3
    moving = cloud_on_the_way(one, best, t, entropic=False)
    assert len(moving) == 9
    # It is t W2 from the first cloud, and the mean square radius is that of a geodesic.
    assert finish(exact_plan(one.x, moving, power=2)).cost == pytest.approx(t**2 * best.cost, abs=1e-9)
    squares = [float((points**2).sum(1).mean()) for points in (one.x, moving, one.y)]
    assert squares[1] == pytest.approx((1 - t) * squares[0] + t * squares[2] - t * (1 - t) * best.cost, abs=1e-9)


# Entropy.


@POWERS
def test_the_entropic_plans_cost_lies_between_the_exact_and_the_products(power: int) -> None:
    one = small(7, 5, power)
    best = float(ot.emd2(one.a, one.b, one.cost))
    found = []
    for share in (0.01, 0.05, 0.3, 1.0, 100.0):
        run = SinkhornRun(one, share * one.unrelated, most=20_000)
        finish(run.finish())  # type: ignore[arg-type]
        assert run.plan is not None
        assert run.plan.error < 1e-4
        found.append(run.plan.cost)
    assert found == sorted(found)
    assert found[0] == pytest.approx(best, rel=0.02)
    assert found[0] >= best - 1e-4
    assert found[-1] == pytest.approx(one.unrelated, rel=0.01)
    assert one.unrelated == pytest.approx(float((np.outer(one.a, one.b) * one.cost).sum()))


def test_the_entropic_plan_is_pots() -> None:
    one = small(6, 8, 2)
    run = SinkhornRun(one, 0.5)
    finish(run.finish())  # type: ignore[arg-type]
    expected = ot.sinkhorn(one.a, one.b, one.cost, 0.5, stopThr=1e-12)
    assert run.plan is not None
    assert run.plan.matrix(6, 8) == pytest.approx(expected, abs=1e-5)
    assert partners(one, run.plan) == pytest.approx(np.exp(entropy(expected) - entropy(one.a)), rel=1e-4)


@pytest.mark.parametrize("task", ["piles", "clouds"])
def test_rounds_draw_the_curve_and_count_the_iterations(task: str) -> None:
    scene, first = after(1, task=task, plan="entropic", power="2", epsilon=0.2, p_count=20, q_count=20)
    for _ in range(20):
        finish(scene.round())  # type: ignore[arg-type]
    sketch = scene.sketch()
    assert "Entropic plan" not in {line.name for line in first.plots[2].lines}
    (curve,) = (line for line in sketch.plots[2].lines if line.name == "Entropic plan")
    assert (np.diff(curve.y) >= -1e-6).all()
    assert len(curve.x) >= 8
    value, exact = read(sketch, "Cost of the plan")
    assert value is not None
    assert exact is not None
    place = int(np.searchsorted(curve.x, 0.2))
    assert curve.y[place - 1] <= value <= curve.y[place]
    assert value >= exact - 1e-5
    iterations = read(sketch, "Iterations from scratch")[0]
    assert iterations is not None
    assert 1 <= iterations < 1_000
    assert sketch.plots[2].marks[0].x == 0.2
    exact_w, entropic_w = sketch.measured
    assert entropic_w.value == pytest.approx(np.sqrt(value))
    assert exact_w.value == pytest.approx(np.sqrt(exact))


# The scene as every other.


def test_it_stands_in_the_divergences_panel() -> None:
    made = scenes()["optimal-transport"]
    assert made is OptimalTransport
    assert (made.panel, made.place) == ("divergences", 14)


@pytest.mark.parametrize("task", ["piles", "clouds", "hand"])
@pytest.mark.parametrize("plan", ["exact", "entropic"])
def test_both_ends_of_every_number_draw_finite_sketches(task: str, plan: str) -> None:
    numbers = [one for one in knobs_of(Knobs) if one.type in (int, float)]
    for one, end in itertools.product(numbers, ("low", "high")):
        knobs = {"task": task, "plan": plan, "p_count": 12, "q_count": 12, one.name: getattr(one, end)}
        _, sketch = after(1, **knobs)
        assert sketch.caption.endswith(".")
        assert len({reading.name for reading in sketch.readings}) == len(sketch.readings)
        for reading in sketch.readings:
            assert reading.value is None or np.isfinite(reading.value)
        for plot in sketch.plots:
            for array in (
                *(line.y for line in plot.lines), *(bars.heights for bars in plot.bars),
                *(cloud.points for cloud in plot.clouds), *(piece.ends for piece in plot.segments),
                *(picture.values for picture in plot.pictures),
            ):  # fmt: skip
                assert np.isfinite(array).all()
                assert not array.flags.writeable
