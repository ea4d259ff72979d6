"""Bars, rail, banner, overlay, column: what is pressed is told, what is told is shown."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from dgm_studio.gui.theme.theme import Theme
from dgm_studio.gui.widgets.banner import Banner
from dgm_studio.gui.widgets.busy_overlay import BusyOverlay
from dgm_studio.gui.widgets.column import Column
from dgm_studio.gui.widgets.empty_state import EmptyState
from dgm_studio.gui.widgets.rail import Rail
from dgm_studio.gui.widgets.status_line import StatusLine
from dgm_studio.gui.widgets.transport_bar import TransportBar

LEFT = Qt.MouseButton.LeftButton
pytestmark = pytest.mark.usefixtures("look")


@pytest.fixture
def bar(qtbot: QtBot) -> TransportBar:
    made = TransportBar()
    made.add_track("training", "Training", "accent", read_only=True)
    made.add_track("sampling", "Sampling", "sample")
    made.set_track("sampling", "Sampling", "frame 1 / 41", 0, 41)
    made.resize(700, 104)
    qtbot.addWidget(made)
    made.show()
    return made


def test_play_asks_and_shows_only_what_it_is_told(bar: TransportBar, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bar.play_toggled) as told:
        QTest.mouseClick(bar.play, LEFT)
    assert told.args == [True]
    assert bar.play.accessibleName() == "Play"
    bar.set_playing(True)
    assert bar.play.accessibleName() == "Pause"
    with qtbot.waitSignal(bar.play_toggled) as told:
        QTest.mouseClick(bar.play, LEFT)
    assert told.args == [False]


def test_steps_restart_and_loop(bar: TransportBar, qtbot: QtBot) -> None:
    steps: list[int] = []
    bar.stepped.connect(steps.append)
    QTest.mouseClick(bar.back, LEFT)
    QTest.mouseClick(bar.forward, LEFT)
    assert steps == [-1, 1]
    with qtbot.waitSignal(bar.restarted):
        QTest.mouseClick(bar.restart, LEFT)
    with qtbot.waitSignal(bar.loop_toggled) as told:
        QTest.mouseClick(bar.loop, LEFT)
    assert told.args == [True]


def test_a_scrub_tells_the_frame(bar: TransportBar, qtbot: QtBot) -> None:
    track = bar.tracks["sampling"]
    with qtbot.waitSignals([bar.scrubbed, bar.track_activated]):
        QTest.mouseClick(track, LEFT, pos=QPoint(track.width() // 2, 28))
    assert bar.active == "sampling"
    told: list[tuple[str, float]] = []
    bar.scrubbed.connect(lambda key, frame: told.append((key, frame)))
    QTest.mouseClick(track, LEFT, pos=QPoint(track.width() - 2, 28))
    QTest.mouseClick(track, LEFT, pos=QPoint(track.width() // 2, 28))
    assert told == [("sampling", 40.0), ("sampling", 20.0)]


def test_a_read_only_track_cannot_be_dragged(bar: TransportBar, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(bar.scrubbed):
        QTest.mouseClick(bar.tracks["training"], LEFT, pos=QPoint(100, 28))


def test_position_is_shown_without_a_signal(bar: TransportBar, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(bar.scrubbed):
        bar.set_track("sampling", "Sampling", "frame 21 / 41", 20, 41)
        bar.set_track("training", "Training", "step 2,140", 0.25)
    assert bar.tracks["sampling"].fraction == pytest.approx(0.5)
    assert bar.tracks["training"].fraction == pytest.approx(0.25)


def test_a_greyed_track_says_why(bar: TransportBar) -> None:
    bar.set_track("sampling", "Sampling", "", 0, 0, False, "Train a model first; then its film is shot.")
    assert bar.tracks["sampling"].toolTip() == "Train a model first; then its film is shot."
    assert not bar.tracks["sampling"].isEnabled()


def test_up_and_down_switch_the_ringed_track(bar: TransportBar, qtbot: QtBot) -> None:
    assert bar.active == "training"
    with qtbot.waitSignal(bar.track_activated) as told:
        bar.activate_next(1)
    assert told.args == ["sampling"]
    assert bar.tracks["sampling"].active
    assert not bar.tracks["training"].active
    with qtbot.assertNotEmitted(bar.track_activated):
        bar.activate_next(1)


def test_arrows_on_a_track_are_left_to_the_window(bar: TransportBar, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(bar.scrubbed), qtbot.assertNotEmitted(bar.stepped):
        QTest.keyClick(bar.tracks["sampling"], Qt.Key.Key_Right)


def test_speed_menu(bar: TransportBar, qtbot: QtBot) -> None:
    QTest.mouseClick(bar.speed, LEFT)
    menu = bar.findChild(QMenu)
    assert menu is not None
    assert [action.text() for action in menu.actions()] == ["0.25×", "0.5×", "1×", "2×", "4×"]
    with qtbot.waitSignal(bar.speed_changed) as told:
        menu.actions()[3].trigger()
    menu.close()
    assert told.args == [2.0]
    assert bar.speed.text() == "2×"


def test_unusable_says_why(bar: TransportBar) -> None:
    bar.set_usable("The engine is waking up.")
    assert not bar.play.isEnabled()
    assert bar.play.toolTip() == "The engine is waking up."
    bar.set_usable(back="This is the first frame.")
    assert bar.play.isEnabled()
    assert not bar.back.isEnabled()
    assert bar.forward.isEnabled()


@pytest.mark.parametrize(("motion", "runs"), [("on", True), ("off", False)])
def test_the_pulse_stops_at_the_first_play_and_never_runs_with_reduced_motion(
    bar: TransportBar, look: Theme, motion: str, runs: bool
) -> None:
    look.motion = motion
    bar.set_pulsing(True)
    assert bar.play.pulsing is runs
    bar.set_playing(True)
    assert (bar.play.pulsing, bar.play.playing) == (False, True)


def test_rail(qtbot: QtBot) -> None:
    rail = Rail()
    qtbot.addWidget(rail)
    for key in ("train", "trajectories"):
        rail.add(key, key.title(), key, key)
    rail.show()
    assert rail.current() == "train"
    with qtbot.waitSignal(rail.picked) as told:
        QTest.mouseClick(rail.buttons["trajectories"], LEFT)
    assert told.args == ["trajectories"]
    with qtbot.assertNotEmitted(rail.picked):
        rail.set_current("train")
    assert rail.current() == "train"
    for button, signal in ((rail.settings, rail.settings_clicked), (rail.help, rail.help_clicked)):
        with qtbot.waitSignal(signal):
            QTest.mouseClick(button, LEFT)


def test_status_line(qtbot: QtBot) -> None:
    line = StatusLine()
    qtbot.addWidget(line)
    line.resize(900, 29)
    line.show()
    line.set_field("device", "CPU · 1 thread")
    line.set_state("training", "exact")
    assert (line.field("device"), line.field("state")) == ("CPU · 1 thread", "training")
    with qtbot.waitSignal(line.shortcuts_clicked):
        QTest.mouseClick(line.shortcuts, LEFT)


def test_a_failure_offers_its_ways_and_its_details(qtbot: QtBot) -> None:
    banner = Banner()
    qtbot.addWidget(banner)
    banner.resize(500, 60)
    assert not banner.isVisible()
    banner.fail("Training diverged.", (("halve", "Halve", "h"), ("back", "Back", "b"), ("no", "No", "n")), "Traceback")
    assert [button.text() for button in banner.buttons()] == ["Halve", "Back"]
    assert not banner.details.isVisible()
    QTest.mouseClick(banner.details_button, LEFT)
    assert banner.details.isVisible()
    QTest.mouseClick(banner.copy_button, LEFT)
    assert QGuiApplication.clipboard().text() == "Traceback"
    with qtbot.waitSignal(banner.action) as told:
        QTest.mouseClick(banner.buttons()[0], LEFT)
    assert told.args == ["halve"]
    with qtbot.waitSignal(banner.dismissed):
        QTest.mouseClick(banner.close_button, LEFT)
    assert not banner.isVisible()
    banner.tell("Restored.")
    assert not banner.details_button.isVisible()
    assert banner.buttons() == []


def test_empty_state_and_overlay(qtbot: QtBot) -> None:
    empty = EmptyState("No points yet.", "Paint points")
    qtbot.addWidget(empty)
    empty.resize(500, 400)
    empty.show()
    with qtbot.waitSignal(empty.clicked):
        QTest.mouseClick(empty.button, LEFT)
    busy = BusyOverlay(empty)
    busy.begin("Reading points.csv")
    busy.set_progress(0.4)
    assert busy.geometry() == empty.rect()
    assert busy.how_far.text() == "40 %"
    empty.resize(600, 420)
    qtbot.waitUntil(lambda: busy.geometry() == empty.rect())
    with qtbot.waitSignal(busy.cancelled):
        QTest.mouseClick(busy.cancel, LEFT)
    busy.end()
    assert not busy.isVisible()


@pytest.mark.parametrize("motion", ["on", "off"])
def test_a_column_folds_away_and_comes_back(look: Theme, qtbot: QtBot, motion: str) -> None:
    look.motion = motion
    window = QWidget()
    qtbot.addWidget(window)
    column = Column(296, parent=window)
    window.show()
    assert column.width() == 296
    column.set_folded(True)
    qtbot.waitUntil(lambda: not column.isVisible())
    look.set_presenter(True)
    assert column.folded
    column.set_folded(False)
    qtbot.waitUntil(lambda: column.isVisible() and column.minimumWidth() == 444)
