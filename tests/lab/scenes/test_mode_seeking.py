"""The scene: what is drawn, what is measured, what is said, and what a drag sets."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest

from dgm_studio.core.knobs import fill
from dgm_studio.core.sketch import Plot, Sketch
from dgm_studio.lab.scenes.mode_seeking import EACH, FIRST, ModeSeeking
from dgm_studio.lab.scenes.parts.fit_knobs import LOOKS, Knobs
from dgm_studio.lab.scenes.parts.fit_objectives import DESCENDED
from dgm_studio.lab.scenes.parts.fit_sketch import depth
from dgm_studio.measures import measures


def after(rounds: int, seed: int = 0, **knobs: Any) -> Sketch:
    scene = ModeSeeking(fill(Knobs, knobs), seed)
    for _ in range(rounds):
        list(scene.round())
    return scene.sketch()


def table(sketch: Sketch) -> np.ndarray[Any, Any]:
    """Measures (rows) of fits (columns)."""
    return np.array([one.value for one in sketch.measured]).reshape(5, 5)


def test_every_fit_is_the_best_by_its_own_measure() -> None:
    sketch = after(30, start_mu=-2.0)
    values = table(sketch)
    assert (values.argmin(1) == np.arange(5)).all()
    assert [one.measure for one in sketch.measured[::5]] == list(DESCENDED)
    for one in sketch.measured:
        assert one.unit == measures()[one.measure].unit
        assert one.low <= one.value <= one.high


def test_readings_stand_at_their_minima() -> None:
    for one in after(30).readings:
        assert one.exact is not None
        assert one.value == pytest.approx(one.exact, abs=5e-3), one.name


def test_forward_covers_reverse_keeps_and_the_caption_tells_which() -> None:
    right, left = after(25, start_mu=2.0, separation=6.0), after(25, start_mu=-2.0, separation=6.0)
    assert "reverse KL keeps the right mode" in right.caption
    assert "missing 60 % of p" in right.caption
    assert re.search(r"Reverse KL( and JSD)? rests? in (a )?local minim", right.caption)
    assert re.search(r"reverse KL[^;]* keeps? the left mode", left.caption)
    assert "missing 40 % of p" in left.caption
    assert "Reverse KL rest" not in left.caption
    named = {one.name: one.value for one in right.readings}
    assert named["Forward KL: μ"] == pytest.approx(-0.6, abs=0.01)
    assert named["Reverse KL: μ"] == pytest.approx(3.0, abs=0.02)


def test_two_components_go_to_nothing_and_the_caption_says_so() -> None:
    sketch = after(35, components=2)
    assert table(sketch).diagonal().max() < 5e-3
    assert "one least value, 0" in sketch.caption


def test_densities_on_the_stage_have_area_one() -> None:
    for components in (1, 3):
        for line in after(6, components=components).plots[0].lines:
            assert np.trapezoid(line.y, line.x) == pytest.approx(1.0, abs=2e-2), line.name


def knob_after(plot: Plot, name: str, by: tuple[float, float]) -> dict[str, float]:
    """What dragging a grip by so much sets."""
    grip = next(one for one in plot.grips if one.name == name)
    x, y = grip.x + by[0], grip.y + by[1]
    found = {}
    if grip.across:
        found[grip.across] = (x - grip.from_x) / grip.scale
    if grip.up:
        found[grip.up] = (y - grip.from_y) / grip.scale
    return found


@pytest.mark.parametrize("space", ["line", "plane"])
@pytest.mark.parametrize("components", [1, 3])
def test_grips_stand_where_their_knobs_are(space: str, components: int) -> None:
    knobs = Knobs(space=space, components=components, width_left=0.4, width_right=1.1, weight=0.3)
    sketch = after(2, **asdict(knobs))
    for plot in sketch.plots[:2]:
        assert plot.grips
        assert None not in (plot.left, plot.right, plot.low, plot.high)
        for grip in plot.grips:
            for name, value in knob_after(plot, grip.name, (0.0, 0.0)).items():
                assert value == pytest.approx(getattr(knobs, name), abs=1e-9), (grip.name, name)


def test_a_dragged_grip_does_what_it_says() -> None:
    stage, landscape, _ = after(1).plots
    assert knob_after(stage, "Separation", (0.25, 0.0)) == {"separation": pytest.approx(5.5)}
    assert knob_after(stage, "Width of the left", (-0.1, 0.0)) == {"width_left": pytest.approx(0.8)}
    assert knob_after(stage, "Width of the right", (0.1, 0.0)) == {"width_right": pytest.approx(0.8)}
    peak = stage.lines[0].y[: len(stage.lines[0].y) // 2].max()
    assert knob_after(stage, "Weight of the left", (0.0, peak / 6)) == {"weight": pytest.approx(0.7, abs=2e-3)}
    moved = knob_after(landscape, "Start", (-1.0, 0.5))
    assert moved == {"start_mu": pytest.approx(0.0), "start_log_sigma": pytest.approx(0.7)}


def test_the_axes_stay_while_the_weight_and_the_separation_are_dragged() -> None:
    frames = {
        (plot.left, plot.right, plot.low, plot.high)
        for weight, separation in ((0.1, 5.0), (0.9, 5.0), (0.6, 1.0))
        for plot in after(1, weight=weight, separation=separation).plots[:1]
    }
    assert len(frames) == 1


def test_paths_begin_at_the_start_and_end_at_the_fits() -> None:
    sketch = after(4, start_mu=-1.5, start_log_sigma=0.6)
    assert sketch.repetitions == FIRST + 3 * EACH
    landscape = sketch.plots[1]
    for path, end in zip(landscape.segments, landscape.clouds[-5:], strict=True):
        assert path.ends[0, :2].tolist() == pytest.approx([-1.5, 0.6])
        assert np.array_equal(path.ends[1:, :2], path.ends[:-1, 2:])
        assert np.array_equal(path.ends[-1, 2:], end.points[0])
        assert len(path.ends) == sketch.repetitions


@pytest.mark.parametrize("name", list(LOOKS))
def test_the_landscape_is_deep_at_the_best_minimum(name: str) -> None:
    scene = ModeSeeking(Knobs(landscape=name))
    for _ in range(7):
        list(scene.round())
    picture = scene.sketch().plots[1].pictures[0]
    row, column = np.unravel_index(picture.values.argmax(), picture.values.shape)
    left, right, low, high = picture.box
    rows, columns = picture.values.shape
    thetas, values = scene.ground.minima[name]
    best = thetas[int(values.argmin()), 0]
    assert left + (column + 0.5) * (right - left) / columns == pytest.approx(float(best[1]), abs=0.3)
    assert low + (row + 0.5) * (high - low) / rows == pytest.approx(float(best[2]), abs=0.15)
    assert picture.tone == LOOKS[name].tone


def test_the_map_is_the_same_object_while_the_start_is_dragged() -> None:
    first = after(2, start_mu=0.1).plots[1].pictures[0]
    assert after(1, start_mu=0.2).plots[1].pictures[0] is first
    assert after(1, start_mu=0.2, separation=4.9).plots[1].pictures[0] is not first


def test_depth_is_one_at_the_lowest_and_falls() -> None:
    values = np.array([[3.0, 1.0], [2_000.0, 5.0]])
    found = depth(values)
    assert found[0, 1] == 1.0
    assert (np.argsort(found.ravel()) == np.argsort(-values.ravel())).all()
    assert (depth(np.zeros((3, 4))) == 1.0).all()


def test_noise_follows_the_seed_and_exact_gradients_have_none() -> None:
    noisy = [table(after(3, seed=seed, gradient="samples")) for seed in (0, 0, 1)]
    assert np.array_equal(noisy[0], noisy[1])
    assert not np.array_equal(noisy[0], noisy[2])
    assert np.array_equal(table(after(3, seed=0)), table(after(3, seed=1)))


EXTREMES: tuple[dict[str, Any], ...] = (
    {"separation": 8.0, "width_left": 0.2, "width_right": 0.2, "weight": 0.01, "start_log_sigma": -2.0},
    {"separation": 8.0, "weight": 0.99, "start_mu": 6.0, "start_log_sigma": -2.0, "bandwidth": 0.1},
    {"separation": 0.0, "width_left": 2.0, "width_right": 0.2, "start_log_sigma": 2.0, "rate": 1.0},
    {"optimiser": "momentum", "rate": 1.0, "width_left": 0.2, "width_right": 0.2, "start_mu": -6.0},
    {"components": 5, "start_log_sigma": 2.0, "rate": 1.0, "optimiser": "gradient"},
    {"gradient": "samples", "samples": 2, "rate": 1.0, "components": 2},
)


@pytest.mark.parametrize("space", ["line", "plane"])
@pytest.mark.parametrize("extreme", EXTREMES)
def test_extremes_stay_finite(extreme: dict[str, Any], space: str) -> None:
    sketch = after(3, space=space, **extreme)
    assert np.isfinite(table(sketch)).all()
    assert (table(sketch) >= 0).all()
    assert table(sketch)[2].max() <= np.log(2) + 1e-9
    for plot in sketch.plots:
        for line in plot.lines:
            assert np.isfinite(line.y).all()
        for picture in plot.pictures:
            assert np.isfinite(picture.values).all()
        for piece in plot.segments:
            assert np.isfinite(piece.ends).all()


def test_far_narrow_modes_of_small_weight_end_where_they_should() -> None:
    """p keeps 1 % at the left: all but reverse KL started there go to the right mode, W2 and forward KL stretch."""
    base = Knobs(separation=8.0, width_left=0.2, width_right=0.2, weight=0.01)
    found = {}
    for start in (-3.5, 3.5):
        sketch = after(30, **asdict(replace(base, start_mu=start, start_log_sigma=-1.5)))
        found[start] = {one.name: one.value for one in sketch.readings}
    assert found[-3.5]["Reverse KL: μ"] == pytest.approx(-4.0, abs=1e-3)
    assert found[3.5]["Reverse KL: μ"] == pytest.approx(4.0, abs=1e-3)
    for start in found:
        assert found[start]["Forward KL: μ"] == pytest.approx(3.92, abs=0.02)
        assert found[start]["W₂: μ"] == pytest.approx(3.92, abs=0.02)
