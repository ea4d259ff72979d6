"""Slow motion as a lecturer uses it: M, the stages by the keys, another beat, and close."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from dgm_studio.core.snapshot import FAILED, PAUSED
from dgm_studio.gui.dialogs.slow_motion import SlowMotionSheet
from dgm_studio.gui.theme.theme import Theme, theme
from tests.gui.layout_contract import check_layout
from tests.gui.window.driver import Person


def opened(studio: Person) -> SlowMotionSheet:
    """By the key."""
    studio.press(Qt.Key.Key_M)
    studio.until(lambda: studio.panel.motion.sheet is not None and studio.panel.motion.sheet.isVisible())
    sheet = studio.panel.motion.sheet
    assert sheet is not None
    return sheet


def key(sheet: SlowMotionSheet, pressed: Qt.Key) -> None:
    QTest.keyClick(sheet, pressed)


def test_the_stages_are_stepped_through_and_the_next_beat_follows(studio: Person) -> None:
    studio.train_by(10)
    sheet = opened(studio)
    assert studio.step == 11
    assert not studio.window.studio.run.playing
    assert sheet.motion is not None
    assert "step 11 of Flow matching" in sheet.title.text()
    assert [button.word for button in sheet.steps.buttons] == ["Forward", "Loss", "Gradient", "Update"]
    assert sheet.index == 0
    assert len(sheet.wall.cards) == len(sheet.motion.stages[0].plates) >= 2
    key(sheet, Qt.Key.Key_Space)
    assert sheet.index == 1
    assert "L = " in sheet.formula.text()
    assert "<sub>t</sub>" in sheet.formula.text()
    key(sheet, Qt.Key.Key_Right)
    key(sheet, Qt.Key.Key_Right)
    key(sheet, Qt.Key.Key_Right)
    assert sheet.index == 3
    assert [button.state for button in sheet.steps.buttons] == ["done"] * 3 + ["lit"]
    assert "η" in sheet.formula.text()
    assert sheet.facts[0][0].full_text() == "0.002"
    key(sheet, Qt.Key.Key_Left)
    assert sheet.index == 2
    studio.click(sheet.steps.buttons[3])
    key(sheet, Qt.Key.Key_Space)
    studio.until(lambda: sheet.index == 0 and "step 12" in sheet.title.text())
    studio.click(sheet.another)
    studio.until(lambda: "step 13" in sheet.title.text())
    key(sheet, Qt.Key.Key_Escape)
    studio.until(lambda: studio.panel.motion.sheet is None)
    assert studio.step == 13
    assert studio.panel.numbers.loss.curves["loss"].steps[-1] == 13


def test_a_running_training_is_paused_for_it(studio: Person) -> None:
    run = studio.window.studio.run
    assert studio.panel.motion.button.isVisible()
    run.play()
    studio.until(lambda: run.playing and run.step > 3)
    assert not studio.panel.motion.button.isVisible()
    sheet = opened(studio)
    assert not run.playing
    assert sheet.motion is not None
    assert sheet.motion.step == run.step
    studio.click(sheet.shut)
    studio.until(lambda: studio.panel.motion.sheet is None)
    assert studio.panel.motion.button.isVisible()


def test_each_player_of_a_game_has_its_own_beat(studio: Person) -> None:
    studio.fresh(lambda: studio.pick_family("GAN"))
    sheet = opened(studio)
    assert "discriminator" in sheet.title.text()
    assert sheet.another.text() == "Next beat: generator"
    assert studio.step == 0
    key(sheet, Qt.Key.Key_N)
    studio.until(lambda: "generator" in sheet.title.text())
    assert studio.step == 1
    studio.click(sheet.shut)


@pytest.mark.parametrize("dress", ["dark", "light"])
def test_the_sheet_keeps_the_layout_contract(studio: Person, look: Theme, dress: str) -> None:
    look.set_preference(dress)
    for presenting in (False, True):
        studio.window.set_presenting(presenting)
        sheet = opened(studio)
        for index in range(4):
            sheet.show_stage(index)
            QTest.qWait(10)
            assert not check_layout(sheet, scale=theme().scale), (dress, presenting, index)
        sheet.close()
        studio.until(lambda: studio.panel.motion.sheet is None)
    studio.window.set_presenting(False)


def test_a_beat_that_diverges_in_slow_motion_stops_the_run_as_any_does(studio: Person) -> None:
    """It says so everywhere, and the way out mends it."""
    studio.train_by(5)
    studio.type_knob("training", "learning_rate", "1e3")
    studio.until(lambda: bool(studio.recipe.edits))
    run, panel = studio.window.studio.run, studio.panel
    for _ in range(60):
        if run.state == FAILED:
            break
        panel.motion.start()
        told = studio.step
        # The step is told before the beat's pictures; until those have come another beat is not begun.
        studio.until(
            lambda told=told: run.state == FAILED or (studio.step > told and not panel.motion.waiting)  # type: ignore[misc]
        )
    assert run.state == FAILED
    studio.until(lambda: panel.motion.sheet is None)
    assert panel.banner.isVisible()
    assert "stopped by an error" in panel.transport.tracks["training"].note
    panel.banner.action.emit("back")
    studio.until(lambda: run.state == PAUSED)
    assert "stopped" not in panel.transport.tracks["training"].note
