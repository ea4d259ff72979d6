"""The Scenes mode of Trajectories as a person uses it, with the real worker."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from dgm_studio.core.knobs import fill
from dgm_studio.core.sketch import Sketch
from dgm_studio.gui.dialogs.export_plots import ExportPlots
from dgm_studio.gui.panels.trajectories import modes
from dgm_studio.gui.panels.trajectories.panel import TrajectoriesPanel
from dgm_studio.gui.panels.trajectories.scenes_mode import ScenesMode
from dgm_studio.gui.window import MainWindow
from dgm_studio.lab.scenes import scenes
from tests.gui.window.driver import Person

SCENES = [name for name, one in scenes().items() if one.panel == "trajectories"]


def mode_of(window: MainWindow) -> ScenesMode:
    """Built, in front or not."""
    panel = window.build("trajectories")
    assert isinstance(panel, TrajectoriesPanel)
    mode = panel.mode_of(modes.SCENES.id)
    assert isinstance(mode, ScenesMode)
    return mode


@pytest.fixture
def mode(studio: Person) -> ScenesMode:
    """In front, its first scene seen once and stopped."""
    found = mode_of(studio.window)
    studio.window.show_panel("trajectories")
    panel = studio.window.panel
    assert isinstance(panel, TrajectoriesPanel)
    studio.click(panel.segments.buttons[modes.SCENES.id])
    studio.until(lambda: seen(found, SCENES[0]))
    rest(studio, found)
    return found


def seen(mode: ScenesMode, scene: str) -> bool:
    """Whether its newest wish is on the screen."""
    picture = mode.lane.picture
    return picture is not None and not mode.lane.busy and picture.ask.view == scene


def rest(studio: Person, mode: ScenesMode) -> None:
    """Stop, and wait until nothing moves any more."""
    mode.lane.pause()
    studio.until(lambda: not mode.lane.playing)


def headless(mode: ScenesMode) -> Sketch:
    """The same scene with the same knobs after as many rounds, without a window."""
    made = scenes()[mode.current]
    scene = made(fill(made.declared, mode.values()))
    assert mode.lane.picture is not None
    for _ in range(mode.lane.picture.step):
        list(scene.round())
    return scene.sketch()


def each_scene_shows_what_it_computes(studio: Person, mode: ScenesMode) -> None:
    mode.lane.failed.connect(lambda failure: pytest.fail(failure.sentence))
    assert list(mode.choices.buttons) == SCENES
    for scene in SCENES:
        studio.click(mode.choices.buttons[scene])
        studio.until(lambda scene=scene: seen(mode, scene))  # type: ignore[misc]
        rest(studio, mode)
        known = headless(mode)
        assert [card.title.full_text() for card in mode.plots] == [plot.title for plot in known.plots]
        for card, plot in zip(mode.plots, known.plots, strict=True):
            for items, line in zip(card.items, plot.lines, strict=True):
                assert plot.log_y or np.array_equal(items.curve[1], line.y, equal_nan=True)
        assert list(mode.readings.rows) == [one.name for one in known.readings]
        assert mode.caption.text() == mode.text() == known.caption
        assert studio.window.panel.subtitle.full_text() == scenes()[scene].card.title


def a_dragged_grip_turns_its_knob(studio: Person, mode: ScenesMode) -> None:
    studio.click(mode.choices.buttons["stuck-chains"])
    studio.until(lambda: seen(mode, "stuck-chains"))
    rest(studio, mode)
    handle = next(one for one in mode.plots[0].hand.handles if one.accessibleName() == "Right mode")
    middle = handle.rect().center()
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(handle, middle + QPoint(-30, 0))
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=middle + QPoint(-30, 0))
    separation = float(mode.values()["separation"])
    assert separation < 4.9
    studio.until(lambda: seen(mode, "stuck-chains"))
    rest(studio, mode)
    assert mode.plots[0].shown is not None
    assert mode.plots[0].shown.grips[0].x == pytest.approx(separation / 2)


def keys_walk_on_and_begin_again_and_another_mode_stops(studio: Person, mode: ScenesMode) -> None:
    panel = studio.window.panel
    assert isinstance(panel, TrajectoriesPanel)
    assert not panel.transport.back.isEnabled()
    assert panel.transport.speed.isHidden()
    before = mode.lane.picture
    assert before is not None
    studio.press(Qt.Key.Key_Right)
    studio.until(lambda: mode.lane.picture is not None and mode.lane.picture.step == before.step + 1)
    studio.press(Qt.Key.Key_Space)
    studio.until(lambda: mode.lane.picture is not None and mode.lane.picture.step > before.step + 2)
    assert panel.transport.play.playing
    studio.click(panel.segments.buttons[modes.FILM.id])
    studio.until(lambda: not mode.lane.playing)
    left = mode.lane.picture
    studio.click(panel.segments.buttons[modes.SCENES.id])
    assert mode.lane.picture is left
    studio.press(Qt.Key.Key_R)
    studio.until(lambda: not mode.lane.busy and mode.lane.picture is not None and mode.lane.picture.step < left.step)  # type: ignore[union-attr]
    rest(studio, mode)


def nonsense_session_and_export(studio: Person, mode: ScenesMode) -> None:
    studio.click(mode.choices.buttons["langevin-step"])
    mode.turn({"size": -1.0})
    assert "between 0.01 and 4.5" in studio.window.panel.banner.accessibleName()
    mode.turn({"size": 2.0})
    assert not studio.window.panel.banner.isVisible()
    studio.until(lambda: seen(mode, "langevin-step"))
    rest(studio, mode)
    held = mode.session()
    assert held["knobs"]["langevin-step"]["size"] == 2.0
    other = ScenesMode(studio.window.studio, studio.window)
    other.restore(held)  # before the engine has told it anything
    assert other.session() == held
    assert studio.window.studio.catalogue is not None
    other.wake(studio.window.studio.catalogue)
    assert other.session() == held
    dialog = mode.export_dialog(studio.window)
    assert isinstance(dialog, ExportPlots)
    dialog.deleteLater()
    for part in (other.form, other.picture, other.readouts):
        part.deleteLater()
    other.deleteLater()


def test_a_visit_in_one_window(studio: Person, mode: ScenesMode) -> None:
    """Building a window takes longer than all of these."""
    keys_walk_on_and_begin_again_and_another_mode_stops(studio, mode)
    each_scene_shows_what_it_computes(studio, mode)
    a_dragged_grip_turns_its_knob(studio, mode)
    nonsense_session_and_export(studio, mode)
