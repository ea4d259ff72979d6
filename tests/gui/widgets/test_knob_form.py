"""Forms driven by keyboard and mouse: what is typed is what is told, what is read back is what is shown."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from dgm_studio.core.knobs import Choice, Knob
from dgm_studio.gui.theme.theme import Theme
from dgm_studio.gui.widgets.choice_row import ChoiceRow
from dgm_studio.gui.widgets.field_row import FieldRow
from dgm_studio.gui.widgets.knob_form import KnobForm
from dgm_studio.gui.widgets.slider_row import SliderRow
from dgm_studio.gui.widgets.switch_row import SwitchRow
from tests.gui.widgets.gallery import DESIGN, LAYERS, PATH, RATE, TRAINING


@pytest.fixture
def told() -> list[tuple[str, object]]:
    return []


@pytest.fixture
def form(look: Theme, qtbot: QtBot, told: list[tuple[str, object]]) -> KnobForm:
    made = KnobForm("Training", "takes effect at the next step", TRAINING)
    made.edited.connect(lambda name, value: told.append((name, value)))
    made.resize(256, 400)
    qtbot.addWidget(made)
    made.show()
    return made


def rate(form: KnobForm) -> SliderRow:
    row = form.rows["learning_rate"]
    assert isinstance(row, SliderRow)
    return row


def test_it_starts_at_the_defaults(form: KnobForm) -> None:
    assert form.values() == {"learning_rate": 2e-3, "times": "uniform", "spread": 1.0, "clip": 1.0}


def test_values_read_back_are_shown_and_told_to_nobody(form: KnobForm, told: list[object]) -> None:
    form.set_values({"learning_rate": 0.05, "times": "logit-normal", "unknown": 3})
    assert form.values()["learning_rate"] == 0.05
    assert rate(form).value_text == "0.05"
    assert rate(form).slider.fraction == pytest.approx(0.7398, abs=1e-3)  # log10(0.05 / 1e-5) / 5
    assert told == []


def test_a_typed_value_is_taken(form: KnobForm, told: list[object], qtbot: QtBot) -> None:
    row = rate(form)
    QTest.mouseClick(row.slider.number, Qt.MouseButton.LeftButton)
    editor = row.slider.editor
    assert editor.isVisible()
    assert editor.text() == "0.002"
    QTest.keyClicks(editor, "3e-4")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert told == [("learning_rate", 3e-4)]
    assert not editor.isVisible()
    assert row.value_text == "3.0e-4"


@pytest.mark.parametrize(("typed", "word"), [("1e3", "between"), ("fast", "needs a number"), ("nan", "needs")])
def test_what_is_refused_says_why_and_changes_nothing(
    form: KnobForm, told: list[object], qtbot: QtBot, typed: str, word: str
) -> None:
    row = rate(form)
    row.begin_edit()
    QTest.keyClicks(row.slider.editor, typed)
    QTest.keyClick(row.slider.editor, Qt.Key.Key_Return)
    assert row.refusal.isVisible()
    assert word in row.refusal.text()
    assert row.slider.editor.text() == typed
    assert told == []
    QTest.keyClick(row.slider.editor, Qt.Key.Key_Escape)
    assert not row.refusal.isVisible()
    assert row.value() == 2e-3


def test_arrows_home_end_and_reset(form: KnobForm, told: list[tuple[str, object]], qtbot: QtBot) -> None:
    row = rate(form)
    assert not row.reset.isEnabled()
    QTest.keyClick(row.slider, Qt.Key.Key_Right)
    assert told[-1] == ("learning_rate", 2.2e-3)
    QTest.keyClick(row.slider, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert told[-1][1] == pytest.approx(2.2e-3 / 10**0.5, rel=0.05)
    QTest.keyClick(row.slider, Qt.Key.Key_End)
    assert told[-1] == ("learning_rate", 1.0)
    QTest.keyClick(row.slider, Qt.Key.Key_Home)
    assert told[-1] == ("learning_rate", 1e-5)
    assert row.reset.isEnabled()
    QTest.mouseClick(row.reset, Qt.MouseButton.LeftButton)
    assert told[-1] == ("learning_rate", 2e-3)
    assert not row.reset.isEnabled()


def test_a_drag_moves_the_value_to_the_pointer(form: KnobForm, told: list[tuple[str, object]], qtbot: QtBot) -> None:
    slider = rate(form).slider
    y = slider.height() - 12
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() // 2, y))
    assert told[-1][1] == pytest.approx(1e-5 * 10**2.5, rel=0.1)
    QTest.mouseMove(slider, QPoint(slider.width() + 50, y))
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() + 50, y))
    assert told[-1] == ("learning_rate", 1.0)


def wheel(target: SliderRow) -> bool:
    at = QPointF(target.slider.rect().center())
    event = QWheelEvent(
        at, QPointF(target.slider.mapToGlobal(at)), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(target.slider, event)
    return event.isAccepted()


def test_the_wheel_scrolls_the_form_unless_the_slider_has_focus(
    form: KnobForm, told: list[object], qtbot: QtBot
) -> None:
    row = rate(form)
    form.rows["clip"].setFocus()
    row.slider.clearFocus()
    assert not wheel(row)
    assert told == []
    form.activateWindow()
    row.slider.setFocus()
    qtbot.waitUntil(row.slider.hasFocus)
    assert wheel(row)
    assert told == [("learning_rate", 2.2e-3)]


def test_a_row_without_effect_is_greyed_and_says_when_it_has_one(form: KnobForm, qtbot: QtBot) -> None:
    spread, times = form.rows["spread"], form.rows["times"]
    assert isinstance(times, ChoiceRow)
    assert times.segments is not None
    assert not spread.isEnabled()
    assert "only when Time sampling is logit-normal" in spread.toolTip()
    QTest.mouseClick(times.segments.buttons["logit-normal"], Qt.MouseButton.LeftButton)
    assert form.values()["times"] == "logit-normal"
    assert spread.isEnabled()
    assert spread.toolTip().startswith("Standard deviation")
    form.set_values({"times": "uniform"})
    assert not spread.isEnabled()


def test_a_whole_form_can_be_greyed_with_a_reason(form: KnobForm) -> None:
    form.set_enabled_reason("Training runs; pause it first.")
    assert not any(row.isEnabled() for row in form.rows.values())
    assert form.rows["clip"].toolTip() == "Training runs; pause it first."
    form.set_enabled_reason("")
    assert form.rows["clip"].isEnabled()
    assert not form.rows["spread"].isEnabled()


def test_an_unbounded_knob_is_a_field(form: KnobForm, told: list[object], qtbot: QtBot) -> None:
    row = form.rows["clip"]
    assert isinstance(row, FieldRow)
    row.field.selectAll()
    QTest.keyClicks(row.field, "-1")
    QTest.keyClick(row.field, Qt.Key.Key_Return)
    assert "at least 0" in row.refusal.text()
    assert told == []
    row.field.selectAll()
    QTest.keyClicks(row.field, "2.5")
    QTest.keyClick(row.field, Qt.Key.Key_Return)
    assert told == [("clip", 2.5)]
    assert row.refusal.text() == ""


def test_switch_and_combo(look: Theme, qtbot: QtBot, told: list[object]) -> None:
    form = KnobForm("Design", "rebuilds the model", DESIGN)
    form.edited.connect(lambda name, value: told.append((name, value)))
    qtbot.addWidget(form)
    form.show()
    switch, target = form.rows["conditional"], form.rows["target"]
    assert isinstance(switch, SwitchRow)
    assert isinstance(target, ChoiceRow)
    assert target.combo is not None
    QTest.mouseClick(switch.switch, Qt.MouseButton.LeftButton)
    QTest.keyClick(switch.switch, Qt.Key.Key_Space)
    QTest.keyClick(target.combo, Qt.Key.Key_Home)
    assert told == [("conditional", True), ("conditional", False), ("target", "x")]


def test_every_row_carries_its_help_and_range(look: Theme, qtbot: QtBot) -> None:
    for knob in (RATE, LAYERS):
        row = SliderRow(knob)
        qtbot.addWidget(row)
        assert knob.help in row.slider.toolTip()
        assert f"{knob.high:g}" in row.slider.toolTip()
        assert row.slider.accessibleName() == knob.label


MANY = Knob(
    "solver", str, "s0", "Solver", "The stepper.",
    choices=tuple(Choice(f"s{k}", f"Solver {k}", f"Steps by rule {k}.") for k in range(9)),
)  # fmt: skip
OF_ONE = Knob("eta", float, 0.0, "Eta", "Fresh noise.", 0.0, 1.0, when=("solver", ("s3",)))


def test_of_many_choices_those_that_do_not_fit_are_greyed_with_the_reason(look: Theme, qtbot: QtBot) -> None:
    form = KnobForm("Sampling", "resamples only", (MANY, PATH))
    qtbot.addWidget(form)
    form.show()
    form.set_unfit("solver", {"s1": "It needs a density."})
    form.set_unfit("path", {"ve": "It has no end."})
    form.set_unfit("nowhere", {"a": "b"})
    solver, path = form.rows["solver"], form.rows["path"]
    assert isinstance(solver, ChoiceRow)
    assert isinstance(path, ChoiceRow)
    combo, segments = solver.combo, path.segments
    assert combo is not None
    assert segments is not None
    tip = [combo.itemData(row, Qt.ItemDataRole.ToolTipRole) for row in range(3)]
    assert tip == ["Steps by rule 0.", "It needs a density.", "Steps by rule 2."]
    QTest.keyClick(combo, Qt.Key.Key_Down)
    assert form.values()["solver"] == "s2", "the arrow passes over what is greyed"
    assert not segments.buttons["ve"].isEnabled()
    assert segments.buttons["ve"].toolTip() == "It has no end."
    form.set_unfit("solver", {})
    form.set_unfit("path", {})
    QTest.keyClick(combo, Qt.Key.Key_Up)
    assert form.values()["solver"] == "s1"
    assert segments.buttons["ve"].isEnabled()


def test_a_setting_of_one_of_many_is_in_sight_only_with_it(look: Theme, qtbot: QtBot) -> None:
    form = KnobForm("Sampling", "resamples only", (MANY, OF_ONE))
    qtbot.addWidget(form)
    form.show()
    assert not form.rows["eta"].isVisible()
    form.set_values({"solver": "s3"})
    assert form.rows["eta"].isVisible()
    assert form.rows["eta"].isEnabled()
    form.set_values({"solver": "s4"})
    assert not form.rows["eta"].isVisible()
