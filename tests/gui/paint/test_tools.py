"""Every tool's points: where they fall, how many, and what the canvas does with them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dgm_studio.gui.paint.canvas import CLASSES, HALF, LIMIT, Canvas
from dgm_studio.gui.paint.tools import TOOLS, Brush, Eraser, Line, Move, Nib, Spot, Spray, Tool, near_segment

NIB = Nib(radius=0.4, density=200.0, label=3)


def stroke(tool: Tool, canvas: Canvas, way: list[Spot], nib: Nib = NIB, seed: int = 0, holds: int = 0) -> None:
    rng = np.random.default_rng(seed)
    canvas.begin()
    tool.press(canvas, way[0], nib, rng)
    for at in way[1:]:
        tool.drag(canvas, at, nib, rng)
    for _ in range(holds):
        tool.hold(canvas, nib, rng)
    tool.release(canvas, way[-1], nib, rng)
    canvas.commit()


def path(count: int) -> list[Spot]:
    return [(x, 0.5) for x in np.linspace(-2.0, 2.0, count)]


@pytest.mark.parametrize("kind", [Brush, Line])
@pytest.mark.parametrize("events", [2, 7, 300])
def test_band_is_even_and_independent_of_mouse_events(kind: type[Tool], events: int) -> None:
    canvas = Canvas()
    stroke(kind(), canvas, path(events))
    assert near_segment(canvas.points, (-2.0, 0.5), (2.0, 0.5), NIB.radius + 1e-6).all()
    assert set(canvas.labels) == {3}
    expected = NIB.density * 2 * NIB.radius * 4.0 + NIB.disc
    assert len(canvas) == pytest.approx(expected, abs=2)
    # Uniform along the way: mean 0 and, up to the disc at the start, variance 4^2 / 12 plus a disc's r^2 / 4.
    assert canvas.points[:, 0].std() == pytest.approx(math.sqrt(16 / 12 + 0.04), rel=0.15)
    assert canvas.points[:, 1].std() == pytest.approx(NIB.radius / 2, rel=0.15)


def test_spray_thickens_while_held_and_stays_in_its_radius() -> None:
    canvas = Canvas()
    stroke(Spray(), canvas, [(1.0, -1.0)], holds=400)
    off = np.hypot(*(canvas.points - [1.0, -1.0]).T)
    assert off.max() <= NIB.radius + 1e-6
    assert len(canvas) == pytest.approx(401 * NIB.disc / 4, abs=2)
    # A Gaussian of standard deviation s cut at 2.5 s: P(r <= s) = (1 - e^-0.5) / (1 - e^-3.125).
    share = (off <= NIB.radius / 2.5).mean()
    assert share == pytest.approx((1 - math.exp(-0.5)) / (1 - math.exp(-3.125)), abs=0.02)


def test_spray_does_not_draw_on_moves_alone() -> None:
    canvas = Canvas()
    stroke(Spray(), canvas, [(0.0, 0.0)])
    first = len(canvas)
    canvas.clear()
    stroke(Spray(), canvas, path(500))
    assert len(canvas) == first > 0


@pytest.mark.parametrize("kind", [Brush, Spray, Line])
def test_one_click_puts_at_least_one_point(kind: type[Tool]) -> None:
    canvas = Canvas()
    stroke(kind(), canvas, [(0.0, 0.0)], Nib(radius=0.05, density=5.0))
    assert len(canvas) == 1


@pytest.mark.parametrize("kind", TOOLS)
def test_same_generator_same_points(kind: type[Tool]) -> None:
    one, two, other = Canvas(), Canvas(), Canvas()
    for canvas, seed in ((one, 5), (two, 5), (other, 6)):
        stroke(Brush(), canvas, path(9), seed=seed)
        stroke(kind(), canvas, [(0.0, 0.4), (0.5, 0.7), (0.6, 1.0)], seed=seed, holds=3)
    assert np.array_equal(one.points, two.points)
    assert not np.array_equal(one.points, other.points)


def test_eraser_takes_what_the_quick_stroke_passed_and_only_that() -> None:
    canvas = Canvas()
    rng = np.random.default_rng(0)
    before = rng.uniform(-HALF, HALF, (5_000, 2)).astype(np.float32)
    canvas.replace(before, rng.integers(0, CLASSES, 5_000))
    stroke(Eraser(), canvas, [(-3.0, -3.0), (3.0, 3.0)])
    hit = near_segment(before, (-3.0, -3.0), (3.0, 3.0), NIB.radius)
    assert hit.sum() > 100
    assert np.array_equal(canvas.points, before[~hit])


def test_move_translates_the_group_exactly_and_leaves_the_rest() -> None:
    canvas = Canvas()
    before = np.random.default_rng(1).uniform(-2, 2, (1_000, 2)).astype(np.float32)
    canvas.replace(before, np.arange(1_000))
    stroke(Move(), canvas, [(0.0, 0.0), (9.0, 0.3), (1.25, 0.5)])
    held = np.hypot(*before.T) <= NIB.radius
    assert 0 < held.sum() < 1_000
    assert np.allclose(canvas.points[held] - before[held], [1.25, 0.5], atol=1e-6)
    assert np.array_equal(canvas.points[~held], before[~held])
    assert np.array_equal(canvas.labels, np.arange(1_000) % CLASSES)


def test_move_keeps_the_group_s_shape_at_the_edge() -> None:
    canvas = Canvas()
    before = np.array([[0.1, 0.0], [0.0, 0.2], [-0.1, -0.1]], np.float32)
    canvas.replace(before, 0)
    stroke(Move(), canvas, [(0.0, 0.0), (100.0, -100.0)])
    assert canvas.points[:, 0].max() == HALF
    assert canvas.points[:, 1].min() == -HALF
    assert np.allclose(canvas.points - canvas.points[0], before - before[0], atol=1e-6)


def test_near_segment_against_dense_distances() -> None:
    points = np.random.default_rng(2).uniform(-2, 2, (500, 2))
    way = np.linspace((-1.0, 0.2), (0.7, -1.1), 20_001)
    nearest = np.array([np.hypot(*(way - point).T).min() for point in points])
    hit = near_segment(points, (-1.0, 0.2), (0.7, -1.1), 0.5)
    clear = np.abs(nearest - 0.5) > 1e-4
    assert np.array_equal(hit[clear], nearest[clear] <= 0.5)


def test_nothing_is_put_off_the_canvas() -> None:
    canvas = Canvas()
    stroke(Brush(), canvas, [(3.9, -6.0), (3.9, 6.0)])
    assert len(canvas) > 100
    assert np.abs(canvas.points).max() <= HALF


def test_limit_is_kept_and_said() -> None:
    canvas = Canvas()
    canvas.replace(np.zeros((LIMIT - 5, 2)), 0)
    said = [canvas.refused]
    canvas.begin()
    assert canvas.add(np.ones((20, 2)), 1) == 5
    assert canvas.add(np.zeros((0, 2)), 1) == 0
    canvas.commit()
    assert len(canvas) == LIMIT
    said.append(canvas.refused)
    canvas.undo()
    said.append(canvas.refused)
    assert said == [False, True, False]


def test_undo_and_redo_are_exact() -> None:
    canvas = Canvas()
    states = [(canvas.points, canvas.labels)]
    for kind in (Brush, Line, Spray, Eraser, Move):
        stroke(kind(), canvas, [(-0.3, 0.5), (-0.2, 0.6)] if kind is Eraser else [(0.8, 0.5), (0.1, 0.9)])
        states.append((canvas.points.copy(), canvas.labels.copy()))
    canvas.clear()
    states.append((canvas.points, canvas.labels))
    for points, labels in reversed(states[:-1]):
        canvas.undo()
        assert np.array_equal(canvas.points, points)
        assert np.array_equal(canvas.labels, labels)
    assert not canvas.can_undo
    canvas.undo()
    for points, labels in states[1:]:
        canvas.redo()
        assert np.array_equal(canvas.points, points)
        assert np.array_equal(canvas.labels, labels)
    assert not canvas.can_redo
    canvas.undo()
    stroke(Brush(), canvas, path(3))
    assert not canvas.can_redo


def test_a_stroke_that_changed_nothing_is_no_step() -> None:
    canvas = Canvas()
    canvas.clear()
    stroke(Eraser(), canvas, path(4))
    stroke(Move(), canvas, path(4))
    assert not canvas.can_undo


def test_point_set() -> None:
    canvas = Canvas()
    stroke(Brush(), canvas, path(3))
    own = canvas.point_set()
    assert own.points.dtype == np.float32
    assert own.labels.dtype == np.int64
    assert np.array_equal(own.points, canvas.points)
    assert set(own.labels) == {3}
    assert own.source == "painted"
    assert own.normalisation.log_jacobian == 0.0
