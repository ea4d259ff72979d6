"""Small scenes as a person uses them, with the real worker: what is plotted is what the scene computes headless."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from dgm_studio.core.knobs import fill
from dgm_studio.core.sketch import Sketch
from dgm_studio.gui.panels.scenes.panel import ScenesPanel
from dgm_studio.gui.panels.studying import FIRST_ROUNDS
from dgm_studio.gui.widgets.plot_range import LOWEST
from dgm_studio.gui.widgets.slider_row import SliderRow
from dgm_studio.lab.scenes import scenes
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.driver import Person


@pytest.fixture
def panel(studio: Person) -> ScenesPanel:
    """In front, its first scene drawn."""
    studio.window.show_panel("scenes")
    found = studio.window.build("scenes")
    assert isinstance(found, ScenesPanel)
    studio.until(found.settled)
    return found


def headless(panel: ScenesPanel) -> Sketch:
    """The same scene with the same knobs after as many rounds, without a window."""
    made = scenes()[panel.current]
    scene = made(fill(made.declared, panel.values()))
    assert panel.lane.picture is not None
    for _ in range(panel.lane.picture.step):
        list(scene.round())
    return scene.sketch()


def assert_plotted(panel: ScenesPanel) -> None:
    """Every curve's and every bar's arrays are those of the scene."""
    for card, plot in zip(panel.plots, headless(panel).plots, strict=True):
        assert card.title.full_text() == plot.title
        assert len(card.items) == len(plot.lines)
        for items, line in zip(card.items, plot.lines, strict=True):
            x, y = items.curve
            np.testing.assert_allclose(x, np.log10(line.x) if plot.log_x else line.x)
            if not plot.log_y:
                np.testing.assert_allclose(y, line.y)
            else:
                shown = np.isfinite(y)
                np.testing.assert_array_equal(shown, line.y > 0)
                np.testing.assert_allclose(10 ** y[shown], np.maximum(line.y[shown], 10**LOWEST))
            if line.doubt is not None and not plot.log_y:
                assert items.bars is not None
                _, bars = items.bars
                np.testing.assert_allclose(bars[1::2] - bars[0::2], 2 * line.doubt, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("scene", [name for name, one in scenes().items() if one.panel == "scenes"])
def test_each_scene_shows_what_it_computes(studio: Person, panel: ScenesPanel, scene: str) -> None:
    studio.click(panel.choices.buttons[scene])
    studio.until(panel.settled)
    assert panel.current == scene
    assert_plotted(panel)
    known = headless(panel)
    assert panel.caption.text() == known.caption
    assert list(panel.readings.rows) == [one.name for one in known.readings]
    assert panel.formula.accessibleName() == scenes()[scene].card.formula
    assert [name for name, form in panel.knob_forms.items() if form.isVisible()] == [scene]


def test_dragging_a_knob_redraws_while_it_moves(studio: Person, panel: ScenesPanel) -> None:
    row = panel.knob_forms["evidence"].rows["samples"]
    assert isinstance(row, SliderRow)
    seen: list[int] = []
    panel.lane.sketched.connect(lambda picture: seen.append(picture.step))
    slider, middle = row.slider, row.slider.height() // 2
    before = panel.values()["samples"]
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() // 2, middle))
    for share in (0.5, 0.45, 0.4, 0.35, 0.3):
        QTest.mouseMove(slider, QPoint(round(share * slider.width()), middle))
        count = len(seen)
        studio.until(lambda count=count: len(seen) > count)  # type: ignore[misc]
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(round(0.3 * slider.width()), middle))
    assert panel.values()["samples"] != before
    studio.until(panel.settled)
    assert_plotted(panel)
    assert str(panel.values()["samples"]) in panel.caption.text()


def test_the_latest_of_many_changes_wins(studio: Person, panel: ScenesPanel) -> None:
    form = panel.knob_forms["evidence"]
    for value in range(5, 20):
        studio.type_into(form.rows["latent_dims"], str(value))
    studio.until(panel.settled)
    assert len(panel.plots[0].items[0].curve[0]) == 19
    assert_plotted(panel)


def test_play_goes_on_until_pause_and_bars_shrink(studio: Person, panel: ScenesPanel) -> None:
    def bars() -> float:
        bars = panel.plots[0].items[0].bars
        assert bars is not None
        _, ends = bars
        return float(ends[-1] - ends[-2])

    first, begun = bars(), panel.lane.picture
    assert begun is not None
    studio.press(Qt.Key.Key_Space)
    studio.until(lambda: panel.lane.picture is not None and panel.lane.picture.step > 3 * FIRST_ROUNDS)
    studio.press(Qt.Key.Key_Space)
    studio.until(lambda: not panel.lane.playing)
    assert bars() < 0.8 * first
    studio.until(lambda: panel.lane.picture is not None and panel.lane.picture.step >= 3 * FIRST_ROUNDS)
    before = panel.lane.picture
    assert before is not None
    studio.press(Qt.Key.Key_Right)
    studio.until(lambda: panel.lane.picture is not None and panel.lane.picture.step == before.step + 1)
    studio.press(Qt.Key.Key_R)
    studio.until(lambda: panel.settled() and panel.lane.picture.step == FIRST_ROUNDS)  # type: ignore[union-attr]
    assert_plotted(panel)


def test_leaving_stops_and_coming_back_keeps(studio: Person, panel: ScenesPanel) -> None:
    studio.press(Qt.Key.Key_Space)
    studio.until(lambda: panel.lane.playing)
    studio.window.show_panel("train")
    studio.until(lambda: not panel.lane.playing)
    before = panel.lane.picture
    studio.window.show_panel("scenes")
    assert panel.lane.picture is before
    assert not panel.lane.playing


def test_the_session_keeps_scene_and_knobs(new_window: MakeWindow) -> None:
    studio = new_window()
    panel = studio.window.build("scenes")
    assert isinstance(panel, ScenesPanel)
    studio.window.show_panel("scenes")
    studio.click(panel.choices.buttons["posterior"])
    studio.type_into(panel.knob_forms["posterior"].rows["count"], "12")
    held = panel.session()
    other = ScenesPanel(studio.window.studio, studio.window.board)
    other.restore(held)  # before the engine has told it anything
    assert other.session() == held
    assert studio.window.studio.catalogue is not None
    other._wake(studio.window.studio.catalogue)
    assert other.session() == held
    other.restore({"scene": "nothing", "knobs": {"posterior": {"count": -3}, "evidence": 7}})
    assert other.session() == held
    other.deleteLater()
