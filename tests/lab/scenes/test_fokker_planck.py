"""The Fokker-Planck scene: particles of the SDE and of the probability flow have the grid's density."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dgm_studio.lab.scenes.fokker_planck import FokkerPlanck, Knobs


def drawn(rounds: int = 2, **knobs: Any) -> FokkerPlanck:
    scene = FokkerPlanck(Knobs(**knobs))
    for _ in range(rounds):
        for _ in scene.round():
            pass
    return scene


@pytest.mark.parametrize(
    "knobs",
    [
        {"t": 0.5},
        {"process": "ve", "t": 2.0},
        {"process": "langevin", "start": "bell", "apart": 2.0, "t": 1.5},
        {"process": "double-well", "start": "bell"},
        {"motion": "flow", "t": 0.5},
        {"process": "langevin", "start": "bell", "motion": "flow"},
        {"process": "diffusion", "motion": "flow", "t": 3.0},
    ],
)
def test_particles_agree_with_the_equation(knobs: dict[str, Any]) -> None:
    readings = {one.name: one for one in drawn(**knobs).sketch().readings}
    for name in ("Mean of x", "Variance of x"):
        one = readings[name]
        assert one.value is not None
        assert one.doubt is not None
        assert one.exact is not None
        assert abs(one.value - one.exact) < 2.2 * one.doubt, name
    gap = readings["Histogram to grid, TV"]
    assert gap.value is not None
    assert gap.exact is not None
    assert gap.value < 1.5 * gap.exact
    assert readings["Mass on the grid"].value == pytest.approx(1.0, abs=1e-9)
    if "Grid to exact, TV" in readings:
        assert readings["Grid to exact, TV"].value < 5e-4  # type: ignore[operator]


@pytest.mark.parametrize("process", ["langevin", "vp", "double-well"])
def test_what_is_kept_stays_while_every_particle_moves(process: str) -> None:
    scene = drawn(1, process=process, start="kept")
    assert np.abs(scene.course.density - scene.course.density[0]).max() < 1e-10
    assert scene.swarm.paths is not None
    assert np.abs(np.diff(scene.swarm.paths, axis=0)).max(axis=0).min() > 0.1
    assert "the density does not" in scene.sketch().caption


def test_paths_of_the_probability_flow_never_cross() -> None:
    paths = drawn(1, motion="flow").swarm.paths
    assert paths is not None
    order = np.argsort(paths[0])
    assert (np.diff(paths[:, order], axis=1) > 0).all()
    noisy = drawn(1).swarm.paths
    assert noisy is not None
    assert not (np.diff(noisy[:, np.argsort(noisy[0])], axis=1) > 0).all()


def test_the_sketch_shows_the_moment_that_is_asked_for() -> None:
    """The map's column, the curve and the grip are of one time; a time above the end is the end."""
    scene = drawn(1, t=4.0, end=1.0, start="bell", process="langevin")
    wide, density, nearing = scene.sketch().plots
    assert {grip.across or grip.up: grip.x for grip in wide.grips} == {"t": 1.0, "place": 0.0}
    (picture,) = wide.pictures
    assert picture.values.shape[1] == 161
    curve = next(one for one in density.lines if one.name == "grid")
    low, high, rows = picture.box[2], picture.box[3], len(picture.values)
    heights = low + (np.arange(rows) + 0.5) / rows * (high - low)
    np.testing.assert_allclose(picture.values[:, -1], np.interp(heights, curve.x, curve.y), atol=2e-3)
    assert {one.name for one in density.lines} == {"grid", "kept density"}
    assert nearing.up.startswith("KL")
    assert drawn(1, process="ve").sketch().plots[2].up == "variance of x"


def test_a_process_that_keeps_nothing_says_so() -> None:
    assert "keeps no density" in drawn(1, process="ve", start="kept").sketch().caption
