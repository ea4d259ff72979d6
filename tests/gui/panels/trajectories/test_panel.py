"""The Trajectories panel with real widgets and a real worker: what is plotted is what the film holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.film import kept_frames
from dgm_studio.core.reports import Failure
from dgm_studio.gui.layers.density import DensityLayer
from dgm_studio.gui.panels.trajectories.panel import TrajectoriesPanel
from dgm_studio.gui.panels.trajectories.readouts import ordinal, straightness
from dgm_studio.gui.panels.trajectories.settings import Settings
from tests.gui.layout_contract import check_layout
from tests.gui.panels.conftest import PATIENCE, Opened
from tests.lab.recipes import painted, small

DATA = DataSpec("eight-gaussians", {}, 400)
STEPS = 6


@pytest.fixture
def panel(opened: Opened, qtbot: QtBot) -> TrajectoriesPanel:
    """Filming a tiny flow, settled on its last frame."""
    made = opened(TrajectoriesPanel, small("diffusion", DATA))
    assert isinstance(made, TrajectoriesPanel)
    settle(made, qtbot)
    return made


def settle(panel: TrajectoriesPanel, qtbot: QtBot) -> None:
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)


def drag(panel: TrajectoriesPanel, way: list[tuple[float, float]]) -> None:
    """The mouse over the stage, from place to place in model units."""
    view = panel.film_mode.stage.viewport()
    at = [panel.film_mode.stage.to_pixel(*place).toPoint() for place in way]
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=at[0])
    for place in at[1:]:
        QTest.mouseMove(view, place)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=at[-1])


def test_a_film_streams_and_plays_to_its_end(panel: TrajectoriesPanel) -> None:
    assert len(panel.film_mode.lane.frames) == STEPS + 1 == panel.film_mode.lane.total
    assert (panel.film_mode.lane.whole, panel.film_mode.lane.making, panel.film_mode.player.playing) == (
        True,
        False,
        False,
    )
    assert panel.film_mode.player.index == STEPS
    assert panel.film_mode.lane.step == 3
    assert panel.transport.tracks["sampling"].note.startswith(f"t = 1.00 · frame {STEPS + 1} / {STEPS + 1}")
    assert panel.film_mode.inputs.where.full_text() == "on Eight Gaussians, as of step 3"


def test_a_picture_that_fails_does_not_end_the_film(panel: TrajectoriesPanel, qtbot: QtBot) -> None:
    panel.film_mode.inputs.sampling_wanted.emit("steps", 400)
    qtbot.waitUntil(lambda: panel.film_mode.lane.making and len(panel.film_mode.lane.frames) > 2, timeout=PATIENCE)
    failure = Failure("This picture cannot be had.", "", request=panel.film_mode.lane._sent)
    panel.studio.link.failed.emit(panel.film_mode.lane.name, failure)
    assert panel.banner.sentence.text() == failure.sentence
    settle(panel, qtbot)
    assert len(panel.film_mode.lane.frames) == 401


def test_scrubbing_both_ways_plots_the_films_own_frames(panel: TrajectoriesPanel) -> None:
    film = panel.film_mode.lane.film()
    for index in (0, 4, 2, STEPS, 1):
        panel.transport.scrubbed.emit("sampling", float(index))
        assert np.array_equal(panel.film_mode.particles.points(), film.x[index])
        assert film.x1_hat is not None
        clean = panel.film_mode.clean.points()
        assert np.array_equal(clean, film.x1_hat[index]) or not np.isfinite(film.x1_hat[index]).any()
        assert panel.transport.tracks["sampling"].position(panel.transport.tracks["sampling"].fraction) == index
        assert panel.film_mode.probe.layer.index == index


def test_keys_step_by_one_and_ten_and_go_to_the_ends(panel: TrajectoriesPanel) -> None:
    shown = []
    for by in (-1, -1, 1, -10, 10):
        panel.step(by)
        shown.append(panel.film_mode.particles.frame)
    for fraction in (0.0, 1.0):
        panel.go(fraction)
        shown.append(panel.film_mode.particles.frame)
    assert shown == [STEPS - 1, STEPS - 2, STEPS - 1, 0, STEPS, 0, STEPS]
    assert np.array_equal(panel.film_mode.particles.points(), panel.film_mode.lane.frames[-1].x)


def test_play_runs_from_the_first_frame_and_loop_goes_on(panel: TrajectoriesPanel, qtbot: QtBot) -> None:
    panel.film_mode.player.set_speed(4.0)
    panel.toggle_play()
    assert panel.film_mode.player.playing
    assert panel.film_mode.player.index == 0
    qtbot.waitUntil(lambda: not panel.film_mode.player.playing, timeout=PATIENCE)
    assert panel.film_mode.player.index == STEPS
    panel.transport.loop.click()
    panel.toggle_play()
    with qtbot.waitSignals([panel.film_mode.player.moved] * (STEPS + 3), timeout=PATIENCE):
        pass
    assert panel.film_mode.player.playing


def test_scrubbing_back_is_instant(panel: TrajectoriesPanel, qtbot: QtBot) -> None:
    panel.go(0.0)
    settle(panel, qtbot)
    velocity = panel.film_mode.stage.layer("velocity")
    before = velocity.arrows[1]
    panel.go(1.0)
    settle(panel, qtbot)
    assert not np.array_equal(velocity.arrows[1], before)
    panel.go(0.0)  # no event is processed: the picture was kept
    assert np.array_equal(velocity.arrows[1], before)
    assert panel.settled()


def test_the_same_seed_makes_the_same_film_another_seed_another(panel: TrajectoriesPanel, qtbot: QtBot) -> None:
    first = panel.film_mode.lane.film().x
    panel.restart()
    settle(panel, qtbot)
    assert np.array_equal(panel.film_mode.lane.film().x, first)
    panel.film_mode.inputs.setting_wanted.emit("seed", 5)
    settle(panel, qtbot)
    assert not np.array_equal(panel.film_mode.lane.film().x, first)
    panel.film_mode.inputs.setting_wanted.emit("seed", 0)
    settle(panel, qtbot)
    assert np.array_equal(panel.film_mode.lane.film().x, first)


def test_a_changed_knob_films_again_at_the_same_share(panel: TrajectoriesPanel, qtbot: QtBot) -> None:
    assert panel.film_mode.inputs.sampling is not None
    panel.go(0.5)
    row = panel.film_mode.inputs.sampling.rows["steps"]
    QTest.keyClick(row.slider, Qt.Key.Key_Home)  # type: ignore[attr-defined]
    assert panel.film_mode.inputs.again.property("kind") == "primary"
    settle(panel, qtbot)
    assert panel.film_mode.lane.total == 2
    assert panel.film_mode.inputs.again.property("kind") == "plain"
    assert panel.film_mode.run.recipe is not None
    assert panel.film_mode.run.recipe.sampling["steps"] == STEPS, "the run's own sampling is left alone"
    panel.film_mode.inputs.sampling_wanted.emit("steps", 10)
    settle(panel, qtbot)
    assert panel.film_mode.lane.total == 11


def test_an_exact_film_starts_with_the_same_noise(panel: TrajectoriesPanel, qtbot: QtBot) -> None:
    learned = panel.film_mode.lane.film().x
    panel.film_mode.inputs.setting_wanted.emit("field", "exact")
    settle(panel, qtbot)
    exact = panel.film_mode.lane.film().x
    assert np.array_equal(exact[0], learned[0])
    assert not np.array_equal(exact[-1], learned[-1])
    assert panel.film_mode.particles.tint == "exact"
    assert not panel.film_mode.chips.chips["exact"].isEnabled(), "what is drawn of it is exact already"
    behind, lines = (panel.film_mode.stage.layer(name) for name in ("density", "contour"))
    panel.film_mode.show_layer("contour", True)
    settle(panel, qtbot)
    assert lines.has_content()
    assert isinstance(behind, DensityLayer)
    legend = behind.legend()
    assert legend is not None
    assert legend.title.startswith("exact density")
    radius = np.linalg.norm(exact[-1], axis=1)
    assert abs(float(np.median(radius)) - 2.0) < 0.1, "the exact flow ends on the ring of the eight Gaussians"


def test_an_exact_film_of_a_law_without_closed_form_says_whose_it_is(opened: Opened, qtbot: QtBot) -> None:
    """Along the field of the training points: with many steps each particle ends at one of them."""
    panel = opened(TrajectoriesPanel, small("diffusion", DataSpec("moons", {}, 50)))
    assert isinstance(panel, TrajectoriesPanel)
    settle(panel, qtbot)
    assert panel.film_mode.inputs.doubt.isHidden()
    panel.film_mode.inputs.sampling_wanted.emit("steps", 300)
    panel.film_mode.inputs.setting_wanted.emit("count", 40)
    panel.film_mode.inputs.setting_wanted.emit("field", "exact")
    qtbot.waitUntil(
        lambda: panel.film_mode.shooting.shot is not None and panel.film_mode.shooting.shot.exact and panel.settled(),
        timeout=PATIENCE,
    )
    assert not panel.film_mode.inputs.doubt.isHidden()
    assert "along the exact field of the training points" in panel.subtitle.full_text()
    points = panel.film_mode.stage.layer("data").points()
    gaps = np.linalg.norm(panel.film_mode.lane.film().x[-1][:, None] - points[None], axis=2).min(axis=1)
    assert np.median(gaps) < 0.01


def test_a_source_of_its_own_has_no_exact_field_to_follow(opened: Opened, qtbot: QtBot) -> None:
    panel = opened(TrajectoriesPanel, small("pair-flow-matching", DATA))
    assert isinstance(panel, TrajectoriesPanel)
    settle(panel, qtbot)
    panel.film_mode.inputs.setting_wanted.emit("field", "exact")
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)
    assert panel.film_mode.shooting.shot is not None
    assert not panel.film_mode.shooting.shot.exact


def test_more_training_makes_the_film_stale_and_following_films_it(panel: TrajectoriesPanel, qtbot: QtBot) -> None:
    panel.film_mode.run.play(4)
    qtbot.waitUntil(lambda: panel.film_mode.run.step == 7 and not panel.film_mode.run.playing, timeout=PATIENCE)
    assert panel.film_mode.lane.step == 3
    assert panel.film_mode.inputs.again.property("kind") == "primary"
    assert "step 7" in panel.film_mode.inputs.again.toolTip()
    panel.film_mode.inputs.setting_wanted.emit("follow", True)
    settle(panel, qtbot)
    assert panel.film_mode.lane.step == 7
    panel.film_mode.run.play(2)
    qtbot.waitUntil(lambda: panel.film_mode.lane.step == 9, timeout=PATIENCE)
    settle(panel, qtbot)
    assert panel.film_mode.inputs.where.full_text().endswith("as of step 9")


def test_the_start_point_is_dragged_and_its_path_follows(panel: TrajectoriesPanel, qtbot: QtBot) -> None:
    before = panel.film_mode.probe.layer.path.copy()
    assert np.allclose(before[0], panel.film_mode.probe.start)
    drag(panel, [panel.film_mode.probe.start, (-0.5, 0.2), (0.4, -0.3), (1.1, -0.8)])
    settle(panel, qtbot)
    path = panel.film_mode.probe.layer.path
    pixel = abs(panel.film_mode.stage.to_model(QPointF(1, 0))[0] - panel.film_mode.stage.to_model(QPointF(0, 0))[0])
    assert np.allclose(panel.film_mode.probe.start, (1.1, -0.8), atol=2 * pixel)
    assert np.allclose(path[0], panel.film_mode.probe.start, atol=1e-6)
    assert not np.allclose(path[-1], before[-1], atol=0.05)
    assert panel.film_mode.numbers.probe.items()["Ends at"].startswith("(")
    # The same point carried as one of a film's particles goes the same way.
    shot = panel.film_mode.shooting.shot
    assert shot is not None
    panel.film_mode.lane.shoot("film", shot.sampling, count=1, seed=0, start=np.array([panel.film_mode.probe.start]))
    qtbot.waitUntil(lambda: panel.film_mode.lane.whole, timeout=PATIENCE)
    assert np.array_equal(np.stack([frame.x[0] for frame in panel.film_mode.lane.frames]), path)


def test_the_start_point_waits_while_the_film_is_of_a_run_that_was_left(panel: TrajectoriesPanel, qtbot: QtBot) -> None:
    """Its place is one of the plane; the film that is still there is not of the run that is open now."""
    mode = panel.film_mode
    mode.leave()
    panel.studio.run.train(small("diffusion", DataSpec("two-gaussians-1d", {}, 60)))
    qtbot.waitUntil(lambda: mode.shooting.on_line, timeout=PATIENCE)
    mode.shooting.shoot_probe((0.3, 0.2))
    assert not mode.shooting.probe_lane.making
    mode.enter()
    settle(panel, qtbot)
    mode.shooting.shoot_probe((0.3, 0.2))  # as one that waited for its turn
    mode.shooting.shoot_line(0.3)
    qtbot.waitUntil(lambda: mode.shooting.line_lane.whole, timeout=PATIENCE)
    assert panel.banner.isHidden()


def test_while_a_path_is_made_only_the_newest_place_waits(panel: TrajectoriesPanel, qtbot: QtBot) -> None:
    sent: list[tuple[float, float]] = []
    shoot = panel.film_mode.probe._shoot
    panel.film_mode.probe._shoot = lambda place: (sent.append(place), shoot(place))[1]  # type: ignore[func-returns-value]
    for k in range(20):
        panel.film_mode.probe.move((0.1 * k, 0.0))
    assert sent == [(0.0, 0.0)]
    settle(panel, qtbot)
    assert sent == [(0.0, 0.0), (pytest.approx(1.9), 0.0)]


def test_a_press_beside_the_handle_pans(panel: TrajectoriesPanel) -> None:
    start, box = panel.film_mode.probe.start, panel.film_mode.stage.box()
    drag(panel, [(1.5, 1.5), (1.0, 1.0)])
    assert panel.film_mode.probe.start == start
    assert panel.film_mode.stage.box() != box


def test_numbers_measure_this_film(panel: TrajectoriesPanel) -> None:
    assert panel.film_mode.numbers.cost.items()["Network evaluations"] == f"{STEPS} of {STEPS}"
    assert panel.film_mode.numbers.solver.items()["Order"] == "1"
    assert "±" in panel.film_mode.numbers.distances.distance.text
    assert panel.film_mode.numbers.distances.coverage.text.endswith("of 8")
    assert "±" in panel.film_mode.numbers.straightness.text


def test_straightness_of_ways_known_on_paper() -> None:
    corner = np.array([[[0.0, 0], [0, 0], [0, 0]], [[1, 0], [1, 0], [0, 0]], [[2, 0], [1, 1], [0, 0]]])
    assert straightness(corner) == pytest.approx([1.0, 2**0.5 / 2])  # the third stands still and is left out


def test_a_film_too_large_for_memory_is_thinned_with_a_notice(
    panel: TrajectoriesPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = panel.film_mode
    monkeypatch.setattr("dgm_studio.core.film.MOST_BYTES", 20 * max(frame.nbytes for frame in film.lane.frames))
    film.inputs.sampling_wanted.emit("steps", 90)
    settle(panel, qtbot)
    assert film.lane.every > 1
    assert film.lane.total == kept_frames(91, film.lane.every) == len(film.lane.frames) == film.player.length
    assert film.numbers.cost.items()["Frames"] == f"{film.lane.total}, every {ordinal(film.lane.every)} kept"
    assert panel.banner.isVisible()
    assert f"Only every {ordinal(film.lane.every)} frame is kept" in panel.banner.sentence.full_text()
    assert [film.lane.frames[k].t for k in (0, -1)] == [0.0, 1.0]


@pytest.mark.parametrize("family", ["gan", "vae", "realnvp"])
def test_families_without_a_path_grey_what_they_cannot_show(family: str, opened: Opened, qtbot: QtBot) -> None:
    panel = opened(TrajectoriesPanel, small(family, DATA))
    assert isinstance(panel, TrajectoriesPanel)
    settle(panel, qtbot)
    chips = panel.film_mode.chips.chips
    assert not chips["velocity"].isEnabled()
    assert "no velocity field" in chips["velocity"].toolTip()
    assert not chips["clean"].isEnabled()
    exact = panel.film_mode.inputs.particles.rows["field"].segments.buttons["exact"]  # type: ignore[attr-defined]
    assert not exact.isEnabled()
    assert "no path" in exact.toolTip()
    assert chips["probe"].isEnabled()
    assert len(panel.film_mode.probe.layer.path) == panel.film_mode.lane.total
    assert panel.film_mode.numbers.solver.isHidden()


def test_noise_of_another_dimension_has_no_start_point(opened: Opened, qtbot: QtBot) -> None:
    panel = opened(TrajectoriesPanel, small("gan", DATA, latent=5))
    assert isinstance(panel, TrajectoriesPanel)
    settle(panel, qtbot)
    assert not panel.film_mode.chips.chips["probe"].isEnabled()
    assert "has 5 axes" in panel.film_mode.chips.chips["probe"].toolTip()
    assert panel.film_mode.numbers.probe.isHidden()
    assert panel.film_mode.lane.total == 1


def test_the_exported_film_is_in_data_units(opened: Opened, qtbot: QtBot) -> None:
    data = painted()
    panel = opened(TrajectoriesPanel, small("diffusion", data))
    assert isinstance(panel, TrajectoriesPanel)
    settle(panel, qtbot)
    source = panel.film()
    assert source is not None
    film, units = source.film(), data.points.normalisation  # type: ignore[union-attr]
    assert np.allclose(film.x[0], panel.film_mode.lane.frames[0].x * np.array(units.scale) + np.array(units.shift))
    assert film.x.shape == (STEPS + 1, 2_000, 2)
    assert (source.frames, source.index) == (STEPS + 1, STEPS)
    source.show(2)
    assert panel.film_mode.particles.frame == 2


def test_a_session_brings_the_settings_back(panel: TrajectoriesPanel, opened: Opened) -> None:
    panel.film_mode.shooting.settings = replace(Settings(), count=77, seed=4, tails=3)
    panel.film_mode.probe.move((0.25, 0.5))
    panel.film_mode.show_layer("paths", True)
    held = panel.session()
    other = opened(TrajectoriesPanel, small("diffusion", DATA), steps=0)
    assert isinstance(other, TrajectoriesPanel)
    other.restore(held)
    assert other.film_mode.shooting.settings == panel.film_mode.shooting.settings
    assert other.film_mode.probe.start == (0.25, 0.5)
    assert "paths" in other.film_mode.stage.visible_ids()
    other.restore({"count": "many", "start": [1], "layers": None})
    assert other.film_mode.shooting.settings == Settings()


def test_layout(panel: TrajectoriesPanel) -> None:
    assert check_layout(panel) == []


def test_reply_of_a_replaced_film_is_dropped(panel: TrajectoriesPanel, qtbot: QtBot) -> None:
    for seed in range(5):  # five films on top of each other: only the last may be seen
        panel.film_mode.shooting.settings = replace(panel.film_mode.shooting.settings, seed=seed)
        panel.film_mode.shoot(play=False)
    settle(panel, qtbot)
    only = panel.film_mode.lane.film().x
    assert len(only) == STEPS + 1
    panel.film_mode.shoot(play=False)
    settle(panel, qtbot)
    assert np.array_equal(panel.film_mode.lane.film().x, only)
