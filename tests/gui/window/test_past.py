"""The training time machine as a person uses it: drag back, look, replay, branch off, switch branches."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from dgm_studio.gui.panels.train.past import TRAINING
from tests.gui.window.driver import Person


def train(studio: Person, steps: int) -> None:
    """So many steps, and all that is visible drawn."""
    studio.window.studio.run.play(steps)
    goal = studio.window.studio.run.step + steps
    studio.until(
        lambda: (
            studio.window.studio.run.step >= goal and not studio.window.studio.run.playing and studio.panel.settled()
        )
    )


def drag_to(studio: Person, fraction: float) -> None:
    """The training track's handle, by the mouse."""
    track = studio.panel.transport.tracks[TRAINING]
    before = studio.panel.past.history
    at = track.rect().center()
    at.setX(round(track._track().left() + fraction * track._track().width()))
    QTest.mousePress(track, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    QTest.mouseRelease(track, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    studio.until(lambda: studio.panel.past.history is not before)


def test_a_person_goes_back_looks_and_branches_off(studio: Person) -> None:
    panel, past = studio.panel, studio.panel.past
    studio.show_only("data", "samples")
    train(studio, 100)
    span = past._span()
    newest = np.array(panel.stage.layer("samples").points())
    drag_to(studio, 40 / span)
    assert past.viewing is not None
    assert past.viewing <= 60
    studio.until(panel.settled)
    assert f"step {past.viewing:,} of 100" in panel.transport.tracks[TRAINING].note
    assert "had learned" in panel.subtitle.full_text()
    then = np.array(panel.stage.layer("samples").points())
    assert not np.array_equal(newest, then)
    assert past.button.isVisible()
    assert panel.numbers.loss._mark.isVisible()
    fork = past.viewing
    studio.click(past.button)
    studio.until(lambda: studio.window.studio.run.step == fork and past.viewing is None)
    assert past.branch_button.isVisible()
    assert past.branch_button.text() == "Branch 2 of 2"
    assert list(panel.numbers.loss._ghosts) == ["loss, branch 1"]
    train(studio, 20)
    assert studio.window.studio.run.step == fork + 20
    studio.window.studio.run.switch_branch(0)
    studio.until(lambda: studio.window.studio.run.step == 100 and panel.settled())
    again = np.array(panel.stage.layer("samples").points())
    assert np.array_equal(newest, again)


def test_the_keys_step_through_the_past_and_space_replays_it(studio: Person) -> None:
    panel, past = studio.panel, studio.panel.past
    studio.show_only("data", "samples")
    train(studio, 50)
    panel.step(-1)
    studio.until(lambda: past.viewing == 40)
    panel.step(-1)
    studio.until(lambda: past.viewing == 20)
    panel.step(1)
    studio.until(lambda: past.viewing == 40)
    panel.go(0)
    studio.until(lambda: past.viewing == 0)
    panel.toggle_play()
    assert past.player.playing
    assert not studio.window.studio.run.playing
    studio.until(lambda: past.viewing is None and not past.player.playing)
    assert studio.window.studio.run.step == 50


def test_both_branches_are_measured_side_by_side(studio: Person) -> None:
    """What the branch that was left is said to be worth is what the read-outs said when it was the present one."""
    panel, past = studio.panel, studio.panel.past
    numbers, run = panel.numbers, studio.window.studio.run
    studio.show_only("data", "samples")
    assert not numbers.branches.isVisible()
    train(studio, 100)
    first = (numbers.distances.distance.text, numbers.distances.coverage.text)
    drag_to(studio, 40 / past._span())
    fork = past.viewing
    studio.click(past.button)
    studio.until(lambda: past.branch_button.isVisible() and panel.settled())
    assert numbers.branches.isVisible()
    title, said = next(iter(numbers.branches._cells.values()))
    assert title.text() == "Branch 1, step 100"
    assert said.full_text() == " · ".join(first)
    run.switch_branch(0)
    studio.until(lambda: run.step == 100 and panel.settled())
    assert [left.text() for left, _ in numbers.branches._cells.values()] == [f"Branch 2, step {fork}"]
