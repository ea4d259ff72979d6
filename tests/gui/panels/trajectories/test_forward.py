"""Films of the forward process in the Film mode, and the picture of space and time of data on a line."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from dgm_studio.core.ask import EXACT, LEARNED
from dgm_studio.core.dataspec import DataSpec
from dgm_studio.gui.layers.over_time import STRIP, MapOverTime, OverTime, heights
from dgm_studio.gui.panels.trajectories.film_mode import FilmMode
from dgm_studio.gui.panels.trajectories.panel import TrajectoriesPanel
from dgm_studio.gui.panels.trajectories.settings import OWN_PATH, PATH, REVERSE, Settings
from dgm_studio.paths import paths
from tests.gui.layout_contract import check_layout
from tests.gui.panels.conftest import PATIENCE, Opened
from tests.lab.recipes import small

STEPS = 6


def film_of(opened: Opened, qtbot: QtBot, family: str, data: str) -> FilmMode:
    panel = opened(TrajectoriesPanel, small(family, DataSpec(data, {}, 400)))
    assert isinstance(panel, TrajectoriesPanel)
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)
    return panel.film_mode


def change(mode: FilmMode, qtbot: QtBot, **settings: object) -> None:
    for name, value in settings.items():
        mode.inputs.setting_wanted.emit(name, value)
    qtbot.waitUntil(mode.settled, timeout=PATIENCE)


def forward_runs_from_data_to_noise_and_back_again(plane: FilmMode, qtbot: QtBot) -> None:
    before = plane.lane.film().x
    change(plane, qtbot, direction="forward")
    film = plane.lane.film()
    assert film.t.tolist() == pytest.approx(np.linspace(1, 0, STEPS + 1).tolist())
    assert plane.particles.tint == "exact"
    assert plane.subtitle().startswith("from data to noise")
    assert plane.numbers.distances.isHidden(), "noise is not measured against data"
    assert "fresh noise" in plane.subtitle()
    change(plane, qtbot, way="jump")
    assert "one noise" in plane.subtitle()
    change(plane, qtbot, direction=REVERSE)
    assert np.array_equal(plane.lane.film().x, before)
    assert not plane.numbers.distances.isHidden()


def a_chosen_datum_is_shown_with_its_exact_mean_and_spread(plane: FilmMode, qtbot: QtBot) -> None:
    assert len(plane.probe.layer.copies) == 0
    change(plane, qtbot, direction="forward")
    plane.seek(3)
    layer, t = plane.probe.layer, plane.time
    assert layer.mean == pytest.approx(t * np.array(plane.probe.start)), "the straight path: a = t, s = 1 - t"
    assert layer.std == pytest.approx(1 - t)
    assert layer.copies.mean(0) == pytest.approx(layer.mean, abs=5 * layer.std / 500**0.5)
    assert layer.copies.std(0) == pytest.approx(layer.std, rel=0.2)
    shown = {name: value.full_text() for name, (_, value) in plane.numbers.probe._cells.items()}
    assert shown["Variance, exact"] == f"{(1 - t) ** 2:.3f}"
    assert plane.numbers.probe_head.caption.text() == "CHOSEN DATUM"


def marginals_are_the_frame_s_own(plane: FilmMode) -> None:
    for index in (0, STEPS):
        plane.seek(index)
        for axis, plot in enumerate(plane.numbers.marginals.plots):
            assert plot.points is not None
            assert np.array_equal(plot.points, plane.lane.frames[index].x[:, axis])
            assert len(plot.data) == 400


def test_a_model_without_a_path_has_no_forward_and_says_why(opened: Opened, qtbot: QtBot) -> None:
    mode = film_of(opened, qtbot, "gan", "eight-gaussians")
    segments = mode.inputs.particles.rows["direction"].segments  # type: ignore[attr-defined]
    assert not segments.buttons["forward"].isEnabled()
    assert "no path along which noise" in segments.buttons["forward"].toolTip()
    wanted = mode.shooting.wanted()
    assert wanted is not None
    assert wanted.forward == ""


def a_line_is_seen_in_space_and_time(line: FilmMode, qtbot: QtBot) -> None:
    picture = line.space_time
    assert line.front is picture.stage
    assert line.stage.isHidden()
    learned = picture.stage.layer("density")
    assert isinstance(learned, MapOverTime)
    qtbot.waitUntil(learned.has_content, timeout=PATIENCE)
    assert learned.note == "by the model's probability flow"
    frames = line.lane.frames
    for index in (0, 2, STEPS):
        line.seek(index)
        layer = picture.stage.layer("samples")
        assert isinstance(layer, OverTime)
        assert layer.now == index
        assert np.array_equal(layer.frames[index], frames[index].x[:, 0])
        assert picture.stage.t == pytest.approx(frames[index].t)
    assert picture.stage.layer("paths").isVisible(), "the classical figure"
    assert line.chips.chips["velocity"].isHidden()
    assert check_layout(line.picture) == []
    change(line, qtbot, space_time=False)
    assert line.front is line.stage
    assert not line.chips.chips["velocity"].isHidden()
    assert not line.chips.chips["paths"].isEnabled()


def its_map_is_exact_where_what_is_filmed_is(line: FilmMode, qtbot: QtBot) -> None:
    def kinds() -> list[str]:
        return [ask.variant for ask in line.space_time.asks() if ask.view == "space_time"]

    assert kinds() == [LEARNED]
    change(line, qtbot, direction="forward")
    assert kinds() == [EXACT]
    change(line, qtbot, direction=REVERSE, field="exact")
    assert kinds() == [EXACT]
    shown = line.space_time.stage.layer("density")
    assert isinstance(shown, MapOverTime)
    assert shown.tint == "exact"
    qtbot.waitUntil(shown.has_content, timeout=PATIENCE)
    change(line, qtbot, field="learned")
    line.chips.chips["exact"].click()
    assert kinds() == [LEARNED, EXACT]
    qtbot.waitUntil(line.settled, timeout=PATIENCE)
    qtbot.waitUntil(line.space_time.stage.layer("exact").has_content, timeout=PATIENCE)


def its_ring_is_dragged_up_and_down(line: FilmMode, qtbot: QtBot) -> None:
    stage, probe = line.space_time.stage, line.space_time.probe
    view = stage.viewport()
    for forward, t in ((False, 0.0), (True, 1.0)):
        change(line, qtbot, direction="forward" if forward else REVERSE)
        assert probe.layer.start == pytest.approx((t, probe.x))
        start, end = stage.to_pixel(t, probe.x).toPoint(), stage.to_pixel(t, probe.x - 0.7).toPoint()
        wanted = stage.to_model(stage.to_pixel(t, probe.x - 0.7).toPoint().toPointF())[1]
        QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
        QTest.mouseMove(view, end)
        QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=end)
        assert probe.x == pytest.approx(wanted, abs=1e-6)
        qtbot.waitUntil(line.settled, timeout=PATIENCE)
        assert probe.layer.way[0] == pytest.approx((t, probe.x), abs=1e-5)
        assert len(probe.layer.mean) == (STEPS + 1 if forward else 0)
    times = probe.layer.mean[:, 0]
    assert probe.layer.mean[:, 1] == pytest.approx(times * probe.x, abs=1e-6)
    assert probe.layer.std == pytest.approx(1 - times, abs=1e-6)


def the_strip_is_a_density(line: FilmMode) -> None:
    points = line.lane.frames[-1].x[:, 0]
    edges, density = heights(points, line.space_time._span)
    inside = float(((points >= edges[0]) & (points < edges[-1])).mean())
    assert float((density * np.diff(edges)).sum()) == pytest.approx(inside)
    layer = line.space_time.stage.layer("samples")
    assert isinstance(layer, OverTime)
    across = layer.in_strip(density)
    assert across.min() >= STRIP[0]
    assert across.max() <= STRIP[1]


def test_noise_of_more_axes_than_the_line_has_no_start_on_it(opened: Opened, qtbot: QtBot) -> None:
    panel = opened(TrajectoriesPanel, small("vae", DataSpec("gaussian-1d", {}, 60), latent=2))
    assert isinstance(panel, TrajectoriesPanel)
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)
    chip = panel.film_mode.chips.chips["probe"]
    assert panel.film_mode.space_time.on
    assert not chip.isEnabled()
    assert "noise of VAE has 2 axes" in chip.toolTip()
    assert panel.banner.isHidden()
    # One particle before the data are there: there is some room about it all the same.
    space = panel.film_mode.space_time
    space._data, space._places = np.zeros(0), [np.array([0.5])]
    space._frame()
    assert space._span == (0.4, 0.6)


def test_it_all_comes_back_in_a_session() -> None:
    held = Settings.of({"direction": "forward", "way": "jump", "space_time": False, "tails": 3})
    assert (held.direction, held.way, held.space_time, held.tails) == ("forward", "jump", False, 3)
    assert Settings.of({"direction": "sideways"}) == Settings()


def another_path_than_the_model_s_own(plane: FilmMode, qtbot: QtBot) -> None:
    assert {one.id for one in PATH.choices} - {OWN_PATH} == set(paths()) - {"custom"}
    change(plane, qtbot, direction="forward", path="vp")
    a, s = (float(part(torch.tensor(0.5, dtype=torch.float64))) for part in (paths()["vp"].a, paths()["vp"].s))
    plane.seek(STEPS // 2)
    assert plane.time == pytest.approx(0.5)
    assert plane.probe.layer.mean == pytest.approx(a * np.array(plane.probe.start))
    assert plane.probe.layer.std == pytest.approx(s)
    assert "variance preserving" in plane.subtitle()
    wanted, shot = plane.shooting.wanted(), plane.shooting.shot
    assert shot is not None
    assert wanted is not None
    assert shot.stale(wanted) == ""
    assert shot.stale(replace(wanted, step=wanted.step + 5)) == "", "training changes nothing of it"
    assert "settings" in shot.stale(replace(wanted, seed=9))


# One window each: building it costs more than what is shown in it.


def test_forward_films_of_the_plane(opened: Opened, qtbot: QtBot) -> None:
    plane = film_of(opened, qtbot, "diffusion", "eight-gaussians")
    marginals_are_the_frame_s_own(plane)
    a_chosen_datum_is_shown_with_its_exact_mean_and_spread(plane, qtbot)
    change(plane, qtbot, direction=REVERSE)
    plane.seek(STEPS)
    forward_runs_from_data_to_noise_and_back_again(plane, qtbot)
    another_path_than_the_model_s_own(plane, qtbot)


def test_a_line_in_space_and_time(opened: Opened, qtbot: QtBot) -> None:
    line = film_of(opened, qtbot, "diffusion", "mixture-1d")
    the_strip_is_a_density(line)
    a_line_is_seen_in_space_and_time(line, qtbot)
    change(line, qtbot, space_time=True)
    its_map_is_exact_where_what_is_filmed_is(line, qtbot)
    its_ring_is_dragged_up_and_down(line, qtbot)
