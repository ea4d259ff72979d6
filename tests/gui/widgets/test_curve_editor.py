"""The editor of drawn curves by mouse and keys: what is drawn is what the knobs hold, and what will not do is not."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from dgm_studio.core.knobs import DRAWN_PATH, Choice, knob, knobs_of
from dgm_studio.gui.theme.theme import Theme
from dgm_studio.gui.widgets.curve_editor import CurveEditor
from dgm_studio.gui.widgets.field_row import FieldRow
from dgm_studio.gui.widgets.knob_form import KnobForm

PATHS = (Choice("straight", "Straight"), Choice("custom", "Drawn by hand"))


@dataclass(frozen=True)
class Design:
    path: str = knob("custom", "Path", "Which path.", choices=PATHS)
    a_points: str = knob(
        "0, 0.3, 0.75, 1", "a(t)", "Weight of the datum.", numbers=(3, 9), when=("path", ("custom",)), curve=DRAWN_PATH
    )
    s_points: str = knob(
        "1, 0.95, 0.7, 0", "s(t)", "Weight of the noise.", numbers=(3, 9), when=("path", ("custom",)), curve=DRAWN_PATH
    )
    width: int = knob(16, "Width", "Units.", low=1, high=64)


Told = list[tuple[str, object]]


@pytest.fixture
def told() -> Told:
    return []


@pytest.fixture
def form(look: Theme, qtbot: QtBot, told: Told) -> KnobForm:
    made = KnobForm("Design", "rebuilds the model", knobs_of(Design))
    made.edited.connect(lambda name, value: told.append((name, value)))
    made.resize(280, 640)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def editor(form: KnobForm) -> CurveEditor:
    return form.editors[0]


def drag(editor: CurveEditor, curve: int, knot: int, by: int, *, drop: bool = True) -> None:
    """From the knot's middle, so many pixels down."""
    at = editor.plot.place(curve, knot).toPoint()
    QTest.mousePress(editor.plot, Qt.MouseButton.LeftButton, pos=at)
    at.setY(at.y() + by)
    button = Qt.MouseButton.LeftButton
    where = editor.plot.mapToGlobal(QPointF(at))
    none = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(editor.plot, QMouseEvent(QEvent.Type.MouseMove, QPointF(at), where, button, button, none))
    if drop:
        QTest.mouseRelease(editor.plot, button, pos=at)


def test_one_editor_draws_both_knobs_after_their_fields(form: KnobForm, editor: CurveEditor) -> None:
    assert len(form.editors) == 1
    assert [row.knob.name for row in editor.rows] == ["a_points", "s_points"]
    assert editor.plot.curves == ((0.0, 0.3, 0.75, 1.0), (1.0, 0.95, 0.7, 0.0))
    assert editor.y() > form.rows["s_points"].y()
    assert editor.y() < form.rows["width"].y()
    assert dict(editor.facts.items())["Signal to noise a/s"] == "rises all the time"


def test_a_dragged_knot_writes_its_knob(editor: CurveEditor, told: Told) -> None:
    before = editor.plot.place(0, 1).y()
    drag(editor, 0, 1, -12)
    ((name, value),) = told
    assert name == "a_points"
    numbers = [float(part) for part in str(value).split(",")]
    assert numbers[0] == 0
    assert numbers[2:] == [0.75, 1.0]
    assert numbers[1] > 0.33
    assert editor.plot.place(0, 1).y() == pytest.approx(before - 12, abs=1.5)
    field = editor.rows[0]
    assert isinstance(field, FieldRow)
    assert field.field.text() == value


def test_what_is_no_path_is_drawn_with_its_sentence_and_let_go_again(editor: CurveEditor, told: Told) -> None:
    good = editor.plot.curves
    drag(editor, 0, 2, 70, drop=False)
    assert editor.plot.curves != good
    assert editor.plot.kept == good
    assert len(editor.plot.losing)
    assert "gain signal over noise" in editor.refusal.text()
    assert editor.refusal.isVisible()
    QTest.mouseRelease(editor.plot, Qt.MouseButton.LeftButton)
    assert editor.plot.curves == good
    assert editor.refusal.isVisible()
    assert told == []
    drag(editor, 0, 1, -12)
    assert not editor.refusal.isVisible()


def test_the_keys_walk_along_the_knots_and_move_them(editor: CurveEditor, told: Told) -> None:
    plot = editor.plot
    plot.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(plot, Qt.Key.Key_Right)
    assert plot.knot == (0, 1)
    assert plot.accessibleDescription() == "a(t) at t = 0.33 is 0.3."
    QTest.keyClick(plot, Qt.Key.Key_Up)
    QTest.keyClick(plot, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert told == [("a_points", "0, 0.31, 0.75, 1"), ("a_points", "0, 0.21, 0.75, 1")]
    QTest.keyClick(plot, Qt.Key.Key_PageDown)
    assert plot.knot == (1, 1)
    QTest.keyClick(plot, Qt.Key.Key_End)
    assert plot.knot == (1, 3)
    QTest.keyClick(plot, Qt.Key.Key_Right)
    assert plot.knot == (0, 0)
    QTest.keyClick(plot, Qt.Key.Key_Left)
    assert plot.knot == (1, 3)


def test_a_key_that_would_spoil_the_path_changes_nothing(editor: CurveEditor, told: Told) -> None:
    plot = editor.plot
    plot.setFocus()
    QTest.keyClick(plot, Qt.Key.Key_End)
    QTest.keyClick(plot, Qt.Key.Key_Down)  # a(1) must be 1
    assert "end at 1" in editor.refusal.text()
    assert editor.plot.curves[0][-1] == 1
    assert told == []


def test_more_and_fewer_knots_keep_the_shape(editor: CurveEditor, told: Told) -> None:
    editor.plot.setFocus()
    QTest.keyClick(editor.plot, Qt.Key.Key_Plus)
    counts = [len(editor.plot.curves[0])]
    assert editor.plot.curves[1] == (1.0, 0.95, 0.7, 0.0)
    for _ in range(3):
        editor.fewer.click()
        counts.append(len(editor.plot.curves[0]))
    assert counts == [5, 4, 3, 3]  # a curve has three values at least
    assert [name for name, _ in told] == ["a_points"] * 3


def test_typed_values_are_judged_together_with_the_other_curve(form: KnobForm, told: Told) -> None:
    row = form.rows["a_points"]
    assert not row.take("0, 0.9, 0.2, 1")
    assert "gain signal over noise" in row.refusal.text()
    assert not row.take("0, 1")
    assert "3 to 9 numbers" in row.refusal.text()
    assert told == []
    assert row.take("0, 0.5, 1")
    assert told == [("a_points", "0, 0.5, 1")]
    assert form.editors[0].plot.curves[0] == (0.0, 0.5, 1.0)


def test_values_read_back_are_drawn_and_told_to_nobody(form: KnobForm, editor: CurveEditor, told: Told) -> None:
    form.set_values({"a_points": "0, 0.5, 1", "s_points": "1, 0.5, 0"})
    assert editor.plot.curves == ((0.0, 0.5, 1.0), (1.0, 0.5, 0.0))
    assert told == []


def test_it_is_there_only_where_the_curves_have_an_effect(form: KnobForm, editor: CurveEditor) -> None:
    assert editor.isVisible()
    form.set_values({"path": "straight"})
    assert not editor.isVisible()
    form.set_values({"path": "custom"})
    assert editor.isVisible()
