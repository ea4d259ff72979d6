"""The Divergences panel as a person uses it, with the real worker: drag, pin, copy, export, nonsense."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from dgm_studio.core.knobs import fill
from dgm_studio.core.measured import Measured
from dgm_studio.core.sketch import Sketch
from dgm_studio.gui.dialogs.export_plots import ExportPlots
from dgm_studio.gui.link import QUICK, SNAPSHOTS
from dgm_studio.gui.panels.divergences.panel import DivergencesPanel
from dgm_studio.gui.widgets.grip_handle import GripHandle
from dgm_studio.lab.scenes import scenes
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.driver import Person

SCENES = [name for name, one in scenes().items() if one.panel == "divergences"]
FIRST = "two-distributions"


@pytest.fixture
def panel(studio: Person) -> DivergencesPanel:
    """In front, scene 1 seen once and stopped."""
    studio.window.show_panel("divergences")
    found = studio.window.build("divergences")
    assert isinstance(found, DivergencesPanel)
    studio.until(lambda: seen(found, FIRST))
    rest(studio, found)
    return found


def seen(panel: DivergencesPanel, scene: str) -> bool:
    """Whether its newest wish is on the screen."""
    picture = panel.lane.picture
    return picture is not None and not panel.lane.busy and picture.ask.view == scene


def rest(studio: Person, panel: DivergencesPanel) -> None:
    """Stop, and wait until nothing moves any more."""
    panel.lane.pause()
    studio.until(lambda: not panel.lane.playing)


def headless(panel: DivergencesPanel) -> Sketch:
    """The same scene with the same knobs after as many rounds, without a window."""
    made = scenes()[panel.current]
    scene = made(fill(made.declared, panel.values()))
    assert panel.lane.picture is not None
    for _ in range(panel.lane.picture.step):
        list(scene.round())
    return scene.sketch()


def handle_named(panel: DivergencesPanel, name: str) -> GripHandle:
    """A grip of the large plot."""
    return next(one for one in panel.plots[0].hand.handles if one.accessibleName() == name)


def value_of(panel: DivergencesPanel, measure: str) -> Measured:
    """The first number of a measure that is shown."""
    return next(row.shown for key, row in panel.measured.table.rows.items() if key[0] == measure and row.shown)


def test_dragging_a_grip_turns_its_knob_and_every_number_follows(studio: Person, panel: DivergencesPanel) -> None:
    before = {name: value_of(panel, name).value for name in ("kl", "jsd", "w1")}
    handle = handle_named(panel, "Middle of q")
    sketches: list[object] = []
    panel.lane.sketched.connect(sketches.append)
    middle = handle.rect().center()
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, pos=middle)
    for _ in range(5):
        count = len(sketches)
        QTest.mouseMove(handle, middle + QPoint(12, 0))
        studio.until(lambda count=count: len(sketches) > count)  # type: ignore[misc]
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=middle)
    assert float(panel.values()["q_mean"]) > 1.0
    row = panel.knob_forms[FIRST].rows["q_mean"]
    assert row.value() == panel.values()["q_mean"]
    studio.until(lambda: seen(panel, FIRST))
    rest(studio, panel)
    expected = {(one.measure, one.method): one.value for one in headless(panel).measured}
    shown = {key: one.shown.value for key, one in panel.measured.table.rows.items() if one.shown is not None}
    assert shown == pytest.approx(expected, nan_ok=True)
    assert all(value_of(panel, name).value > 1.2 * old for name, old in before.items())
    at = panel.plots[0].hand._pixels(float(panel.values()["q_mean"]), 0.0).x()
    assert abs(handle.geometry().center().x() - at) <= 1


def test_only_the_last_wish_goes_on_to_its_other_rounds(studio: Person, panel: DivergencesPanel) -> None:
    steps: list[int] = []
    panel.lane.sketched.connect(lambda picture: steps.append(picture.step))
    for value in np.linspace(-1, 1, 12):
        panel.turn({"q_mean": float(value)})
    assert panel.lane.playing  # its rounds are still to come
    studio.until(lambda: max(steps, default=0) >= 3)
    assert steps.count(1) <= 3  # of twelve wishes at once the first and the last are drawn
    assert panel.lane.picture is not None
    assert steps == sorted(steps, key=lambda step: step > 1)
    rest(studio, panel)


def test_the_link_is_quicker_while_no_training_plays(studio: Person, panel: DivergencesPanel) -> None:
    link = studio.window.studio.link
    link.set_frame_cap(120)
    assert link.frame_seconds == 1 / QUICK
    panel.lane.play()
    studio.until(lambda: panel.lane.state == "playing")
    assert link.frame_seconds == 1 / QUICK
    studio.window.studio.run.play()
    studio.until(lambda: studio.window.studio.run.playing)
    assert link.frame_seconds == 1 / SNAPSHOTS
    studio.window.studio.run.pause()
    studio.until(lambda: not studio.window.studio.run.playing)
    assert link.frame_seconds == 1 / QUICK
    link.set_frame_cap(30)
    assert link.frame_seconds == 1 / 60, "two drains a frame"
    rest(studio, panel)


def test_each_scene_shows_what_it_computes(studio: Person, panel: DivergencesPanel) -> None:
    panel.lane.failed.connect(lambda failure: pytest.fail(failure.sentence))
    for scene in SCENES:
        studio.click(panel.choices.buttons[scene])
        studio.until(lambda scene=scene: seen(panel, scene))  # type: ignore[misc]
        rest(studio, panel)
        assert_shown(panel)


def assert_shown(panel: DivergencesPanel) -> None:
    """Plots, grips, numbers and the form are those of the newest sketch."""
    picture, form = panel.lane.picture, panel.knob_forms[panel.current]
    assert picture is not None
    sketch = picture.sketch
    assert [card.title.full_text() for card in panel.plots] == [plot.title for plot in sketch.plots]
    for card, plot in zip(panel.plots, sketch.plots, strict=True):
        assert {grip.across for grip in plot.grips} | {grip.up for grip in plot.grips} <= {*form.rows, ""}
        assert sum(handle.isVisibleTo(card) for handle in card.hand.handles) == len(plot.grips)
        drawn = {bars.knob for bars in plot.bars if bars.knob}
        assert set(card.hand.drawable(plot)) == drawn | ({plot.pairing.knob} if plot.pairing is not None else set())
    assert {key[0] for key in panel.measured.table.rows} == {one.measure for one in sketch.measured}
    assert set(panel.measured.titles()) >= {one.measure for one in sketch.measured}
    for row in form.rows.values():
        text = row.knob.type is str and not row.knob.choices
        assert row.isVisibleTo(form) == (form.matters(row.knob) and not text)


def test_knobs_without_effect_are_not_in_the_form(studio: Person, panel: DivergencesPanel) -> None:
    form = panel.knob_forms[FIRST]

    def visible(name: str) -> bool:
        return form.rows[name].isVisibleTo(form)

    assert visible("p_gap")
    assert not visible("q_gap")
    assert not visible("p_set")
    panel.turn({"space": "plane"})
    assert visible("p_set")
    assert not visible("p_kind")
    assert not visible("p_gap")  # it depends on a knob that has no effect itself
    studio.until(lambda: seen(panel, FIRST))
    assert panel.plots[0].shown is not None
    assert len(panel.plots[0].shown.clouds) == 2
    rest(studio, panel)


def test_pin_compare_and_clear(studio: Person, panel: DivergencesPanel) -> None:
    old = value_of(panel, "kl").value
    studio.click(panel.measured.pin_button)
    panel.turn({"q_mean": 2.5})
    studio.until(lambda: seen(panel, FIRST) and value_of(panel, "kl").value != old)
    rest(studio, panel)
    row = next(row for key, row in panel.measured.table.rows.items() if key[0] == "kl")
    assert row.pinned is not None
    assert row.pinned.value == old
    assert row.shown is not None
    assert row.shown.value > old
    assert "defaults" in panel.measured.pin_words.text()
    studio.click(panel.measured.pin_button)
    assert "Middle of q 2.5" in panel.measured.pin_words.text()
    other = next(name for name in SCENES if name != FIRST)
    panel.show_scene(other)
    assert panel.measured.pin_card.isHidden()
    panel.show_scene(FIRST)
    assert not panel.measured.pin_card.isHidden()
    studio.until(lambda: seen(panel, FIRST))
    rest(studio, panel)
    studio.click(panel.measured.clear_button)
    assert panel.measured.pin_card.isHidden()
    assert all(row.pinned is None for row in panel.measured.table.rows.values())


def test_bits_are_nats_by_log_2_and_copy_says_so(studio: Person, panel: DivergencesPanel) -> None:
    studio.click(panel.measured.units.buttons["bits"])
    studio.click(panel.measured.copy_button)
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert lines[0][:3] == ["measure", "method", "value"]
    rows = {(line[0], line[1]): line for line in lines[1:]}
    assert len(rows) == len(panel.measured.found)
    for one in panel.measured.found:
        found = rows[panel.measured.titles()[one.measure], one.method]
        by = 1 / math.log(2) if one.unit == "nats" else 1.0
        assert found[6] == ("bits" if one.unit == "nats" else one.unit)
        if math.isfinite(one.value):
            assert float(found[2]) == pytest.approx(by * one.value, rel=1e-5)


def test_no_reading_contradicts_the_unit(studio: Person, panel: DivergencesPanel) -> None:
    """The critic's largest JSD stands beside a JSD; a scene without measures in nats has no switch and stays."""
    panel.show_scene("the-critic")
    panel.turn({"player": "discriminator"})
    studio.until(lambda: seen(panel, "the-critic") and "Largest a JSD can be" in panel.readings.rows)
    rest(studio, panel)
    most = panel.readings.rows["Largest a JSD can be"].alone
    assert most.full_text() == "0.6931 nats"
    studio.click(panel.measured.units.buttons["bits"])
    assert most.full_text() == "1 bits"
    panel.show_scene("likelihood")
    studio.until(lambda: seen(panel, "likelihood"))
    rest(studio, panel)
    assert not panel.measured.isVisible()
    assert panel.readings.rows["p₂ below p"].alone.full_text().endswith(" nats")


def test_export_writes_pictures_and_curves(studio: Person, panel: DivergencesPanel, tmp_path: Path) -> None:
    studio.press(Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    (dialog,) = studio.window.findChildren(ExportPlots)
    for kind in ("png", "svg", "csv"):
        studio.click(dialog.kinds.buttons[kind])
        dialog.begin(str(tmp_path / "plots"))
        assert dialog.words.text().startswith("Written to")
    assert (tmp_path / "plots.png").read_bytes().startswith(b"\x89PNG")
    vectors = (tmp_path / "plots.svg").read_bytes()
    assert vectors.count(b"<path") + vectors.count(b"<polyline") > 10
    rows = list(csv.DictReader((tmp_path / "plots.csv").read_text("utf-8").splitlines()))
    shown = panel.plots[0].shown
    assert shown is not None
    p = shown.lines[0]
    mine = [row for row in rows if (row["plot"], row["name"]) == (shown.title, p.name)]
    np.testing.assert_allclose([float(row["x"]) for row in mine], p.x, atol=1e-8)
    np.testing.assert_allclose([float(row["y"]) for row in mine], p.y, atol=1e-8)
    dialog.begin(str(tmp_path / "nowhere" / "plots"))
    assert "could not be saved" in dialog.words.text()
    dialog.close()


def test_scenes_that_refuse_say_so_and_nothing_else_breaks(studio: Person, panel: DivergencesPanel) -> None:
    shown = panel.lane.picture
    panel.turn({"p_kind": "drawn", "p_bars": "0, 0, 0"})
    studio.until(panel.banner.isVisible)
    assert "not all 0" in panel.banner.sentence.text()
    assert panel.lane.picture is shown
    assert not panel.lane.playing
    assert not panel.lane.busy
    panel.turn({"p_bars": "one, two"})
    assert "p_bars" in panel.banner.sentence.text()
    panel.turn({"p_bars": "1, 2, 1"})
    studio.until(lambda: seen(panel, FIRST) and panel.lane.picture is not shown)
    assert not panel.banner.isVisible()
    rest(studio, panel)


def test_drawing_a_bar_changes_the_law(studio: Person, panel: DivergencesPanel) -> None:
    panel.turn({"p_kind": "drawn"})
    studio.until(lambda: seen(panel, FIRST) and bool(panel.plots[0].shown and panel.plots[0].shown.bars))
    rest(studio, panel)
    card, before = panel.plots[0], panel.values()["p_bars"]
    at = card.hand._pixels(0.0, 0.3).toPoint()
    QTest.mousePress(card.plot.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseRelease(card.plot.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert panel.values()["p_bars"] != before
    studio.until(lambda: seen(panel, FIRST))
    rest(studio, panel)
    studio.click(card.reset)
    assert panel.values()["p_bars"] == before
    studio.until(lambda: seen(panel, FIRST))
    rest(studio, panel)


def test_the_session_keeps_scene_knobs_pins_and_unit(new_window: MakeWindow, tmp_path: Path) -> None:
    studio = new_window()
    studio.window.show_panel("divergences")
    panel = studio.window.build("divergences")
    assert isinstance(panel, DivergencesPanel)
    studio.until(lambda: seen(panel, FIRST))
    panel.turn({"p_kind": "uniform", "q_kind": "uniform", "p_mean": -3.0, "q_mean": 3.0})  # KL is infinite
    studio.until(lambda: seen(panel, FIRST))
    rest(studio, panel)
    studio.click(panel.measured.pin_button)
    studio.click(panel.measured.units.buttons["bits"])
    held = json.loads(json.dumps(panel.session()))
    other = DivergencesPanel(studio.window.studio, studio.window.board)
    other.restore(held)  # before the engine has told it anything
    assert other.session() == held
    assert studio.window.studio.catalogue is not None
    other._wake(studio.window.studio.catalogue)
    assert json.loads(json.dumps(other.session())) == held
    assert other.measured.bits
    pinned = other.pins[FIRST]
    assert any(one.measure == "kl" and one.value == math.inf for one in pinned.found)
    other.restore({"pins": {FIRST: {"found": 7}, "nothing": {}}, "knobs": {FIRST: {"q_mean": 99.0}}, "scene": "no"})
    assert json.loads(json.dumps(other.session())) == held
    other.deleteLater()
