"""The dialogs, driven by mouse and keys: what each shows and what it hands back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from dgm_studio.core.table import ImportChoice, Table
from dgm_studio.gui.dialogs.about import AboutDialog
from dgm_studio.gui.dialogs.import_table import ImportDialog, explain
from dgm_studio.gui.dialogs.long_text import LongTextDialog
from dgm_studio.gui.dialogs.preferences import PreferencesDialog
from dgm_studio.gui.dialogs.sheet import Sheet
from dgm_studio.gui.dialogs.shortcuts import Shortcut, ShortcutGroup, ShortcutSheet
from dgm_studio.gui.dialogs.unsaved import Decision, UnsavedDialog, run_text
from dgm_studio.gui.settings import AUTO, Preferences
from dgm_studio.gui.theme.theme import Theme
from dgm_studio.gui.widgets.switch_row import SwitchRow
from tests.gui.layout_contract import check_layout

pytestmark = pytest.mark.usefixtures("look")
LEFT = Qt.MouseButton.LeftButton
TABLE = Table(
    "/data/flowers.csv",
    "csv",
    "comma",
    ("name", "width", "height", "kind"),
    (False, True, True, False),
    150,
    (("a", "1", "2", "k"),) * 8,
)
GROUPS = (
    ShortcutGroup("Transport", (Shortcut(("Space",), "Play or pause"), Shortcut(("Shift+Left",), "Ten frames back"))),
    ShortcutGroup("Window", (Shortcut(("F11",), "Presenter mode"), Shortcut(("Ctrl+S",), "Save"))),
)


def shown(qtbot: QtBot, sheet: Sheet) -> Sheet:
    qtbot.addWidget(sheet)
    with qtbot.waitExposed(sheet):
        sheet.show()
    return sheet


def test_import_hands_over_what_was_chosen(qtbot: QtBot) -> None:
    dialog = ImportDialog(TABLE)
    shown(qtbot, dialog)
    assert dialog.subtitle.full_text() == "flowers.csv: 150 rows, 4 columns, comma-separated"
    assert [dialog.x_column.itemText(i) for i in range(dialog.x_column.count())] == ["width", "height"]
    assert dialog.choice() == ImportChoice(("width", "height"))
    assert not dialog.drop.isVisible()
    QTest.keyClick(dialog.label, Qt.Key.Key_End)
    QTest.mouseClick(dialog.ways.buttons["standardise"], LEFT)
    with qtbot.waitSignal(dialog.chosen) as told:
        QTest.mouseClick(dialog.go, LEFT)
    assert told.args[0] == ImportChoice(("width", "height"), "kind", "standardise")


def test_import_refuses_one_column_twice(qtbot: QtBot) -> None:
    dialog = ImportDialog(TABLE)
    shown(qtbot, dialog)
    QTest.keyClick(dialog.x_column, Qt.Key.Key_Down)
    assert dialog.choice().columns == ("height", "height")
    assert not dialog.go.isEnabled()
    assert "two different columns" in dialog.go.toolTip()
    QTest.keyClick(dialog.y_column, Qt.Key.Key_Up)
    assert dialog.choice().columns == ("height", "width")
    assert dialog.go.isEnabled()
    header = [dialog.preview.model().headerData(j, Qt.Orientation.Horizontal) for j in range(4)]
    assert header == ["name", "width → y", "height → x", "kind"]


@pytest.mark.parametrize(
    ("table", "word"),
    [
        (replace(TABLE, numeric=(False,) * 4), "column of numbers"),
        (replace(TABLE, rows=1), "2 rows"),
    ],
)
def test_import_is_greyed_where_nothing_can_be_read(qtbot: QtBot, table: Table, word: str) -> None:
    dialog = ImportDialog(table)
    shown(qtbot, dialog)
    assert not dialog.go.isEnabled()
    assert word in dialog.go.toolTip()


def test_one_column_of_numbers_is_imported_as_points_of_a_line(qtbot: QtBot) -> None:
    dialog = ImportDialog(replace(TABLE, numeric=(False, True, False, False)))
    shown(qtbot, dialog)
    assert dialog.choice().columns == ("width",)
    assert dialog.y_column.currentText() == "None: points of a line"
    assert "points of a line" in dialog.explanation.full_text()
    assert dialog.go.isEnabled()


def test_no_second_column_is_a_choice(qtbot: QtBot) -> None:
    dialog = ImportDialog(TABLE)
    shown(qtbot, dialog)
    QTest.keyClick(dialog.y_column, Qt.Key.Key_End)
    assert dialog.choice().columns == ("width",)
    assert dialog.go.isEnabled()
    header = [dialog.preview.model().headerData(j, Qt.Orientation.Horizontal) for j in range(4)]
    assert header == ["name", "width → x", "height", "kind"]


def test_import_offers_ways_out_of_problems(qtbot: QtBot) -> None:
    dialog = ImportDialog(replace(TABLE, rows=-1, problems=("Too many rows.", "Line 3 holds text.")))
    shown(qtbot, dialog)
    assert dialog.problem.full_text() == "Too many rows.\nLine 3 holds text."
    for row in (dialog.drop, dialog.thin):
        QTest.mouseClick(row.switch, LEFT)
    assert dialog.choice() == ImportChoice(("width", "height"), drop_bad_rows=True, thin=True)


def test_import_comes_back_with_the_reason_and_the_choice(qtbot: QtBot) -> None:
    dialog = ImportDialog(TABLE)
    shown(qtbot, dialog)
    QTest.mouseClick(dialog.ways.buttons["none"], LEFT)
    QTest.mouseClick(dialog.go, LEFT)
    assert not dialog.isVisible()
    dialog.refuse("flowers.csv has 2 bad rows of 150.")
    assert dialog.isVisible()
    assert dialog.problem.full_text() == "flowers.csv has 2 bad rows of 150."
    assert dialog.drop.isVisible()
    assert dialog.choice().normalisation == "none"


def test_explanations_name_the_columns() -> None:
    told = {way: explain(ImportChoice(("u", "v"), normalisation=way)) for way in ("centre", "standardise", "none")}
    assert "u becomes (u − mean of u) / s" in told["centre"]
    assert "one s for both" in told["centre"]
    assert "standard deviation of u" in told["standardise"]
    assert "u and v stay as they are" in told["none"]


def test_preferences_tell_every_change_at_once(qtbot: QtBot) -> None:
    dialog = PreferencesDialog(Preferences(), ("cpu", "cuda"))
    shown(qtbot, dialog)
    told: list[Preferences] = []
    dialog.changed.connect(told.append)
    look, computing, starting = dialog.forms
    for form, name, choice in (
        (look, "theme", "Light"),
        (look, "frame_cap", "120"),
        (computing, "device", "CUDA"),
    ):
        button = next(b for b in form.rows[name].findChildren(type(dialog.reset)) if b.text() == choice)
        QTest.mouseClick(button, LEFT)
    for form, name in ((look, "reduced_motion"), (starting, "restore_session")):
        row = form.rows[name]
        assert isinstance(row, SwitchRow)
        QTest.mouseClick(row.switch, LEFT)
    assert told[-1] == Preferences(
        theme="light", frame_cap="120", device="cuda", reduced_motion=True, restore_session=False
    )
    assert len(told) == 5
    QTest.mouseClick(dialog.reset, LEFT)
    assert told[-1] == dialog.preferences == Preferences()
    assert look.rows["theme"].value() == "system"


def test_preferences_with_a_device_that_is_not_here(qtbot: QtBot) -> None:
    dialog = PreferencesDialog(Preferences(device="cuda"), ("cpu",))
    shown(qtbot, dialog)
    assert dialog.forms[1].rows["device"].value() == AUTO
    row = dialog.forms[2].rows["restore_session"]
    assert isinstance(row, SwitchRow)
    with qtbot.waitSignal(dialog.changed):
        QTest.mouseClick(row.switch, LEFT)
    assert dialog.preferences.device == "cuda"


def test_preferences_before_the_engine_is_awake(qtbot: QtBot) -> None:
    dialog = PreferencesDialog(Preferences())
    shown(qtbot, dialog)
    row = dialog.forms[1].rows["device"]
    assert not row.isEnabled()
    assert "waking" in row.toolTip()


def test_shortcuts_are_all_there_and_narrow_by_typing(qtbot: QtBot) -> None:
    sheet = ShortcutSheet(GROUPS)
    shown(qtbot, sheet)
    assert len(sheet.shown()) == 4
    QTest.keyClicks(sheet.search, "FRAMES")
    assert [one.does for one in sheet.shown()] == ["Ten frames back"]
    sheet.search.clear()
    QTest.keyClicks(sheet.search, "ctrl+s")
    assert [one.does for one in sheet.shown()] == ["Save"]
    assert not sheet.nothing.isVisible()
    QTest.keyClicks(sheet.search, "zzz")
    assert sheet.shown() == ()
    assert "ctrl+szzz" in sheet.nothing.full_text()
    assert sheet.nothing.isVisible()


def test_about_copies_versions_and_shows_the_licence(qtbot: QtBot) -> None:
    dialog = AboutDialog({"DGM Studio": "1.2", "torch": "2.13"})
    shown(qtbot, dialog)
    words = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert "2.13" in words
    assert "Open Font Licence" in words
    QTest.mouseClick(dialog.copy, LEFT)
    assert QGuiApplication.clipboard().text() == "DGM Studio 1.2\ntorch 2.13"
    QTest.mouseClick(dialog.licence, LEFT)
    licence = dialog.findChild(LongTextDialog)
    assert licence is not None
    assert "SIL OPEN FONT LICENSE" in licence.text.toPlainText().upper()
    licence.close()


def test_unsaved_says_what_would_be_lost(qtbot: QtBot) -> None:
    assert run_text(2140, "Flow matching", "Eight Gaussians") == "2,140 steps of Flow matching on Eight Gaussians"
    assert run_text(1, "GAN", "Moons") == "1 step of GAN on Moons"
    for act, decision in (
        ("discard", Decision.DISCARD),
        ("cancel", Decision.CANCEL),
        ("save", Decision.SAVE),
    ):
        dialog = UnsavedDialog(run_text(7, "GAN", "Moons"))
        shown(qtbot, dialog)
        assert "7 steps of GAN on Moons would be lost" in dialog.subtitle.full_text()
        QTest.mouseClick(getattr(dialog, act), LEFT)
        assert dialog.decision is decision
        assert not dialog.isVisible()


def test_unsaved_enter_saves_and_escape_stays(qtbot: QtBot) -> None:
    for pressed, decision in ((Qt.Key.Key_Return, Decision.SAVE), (Qt.Key.Key_Escape, Decision.CANCEL)):
        dialog = UnsavedDialog("7 steps")
        shown(qtbot, dialog)
        QTest.keyClick(dialog, pressed)
        assert dialog.decision is decision


def test_a_long_text_can_be_copied(qtbot: QtBot) -> None:
    dialog = LongTextDialog("What happened", "Traceback\n  line 1", "It broke. The run is kept.")
    shown(qtbot, dialog)
    assert dialog.subtitle.full_text() == "It broke. The run is kept."
    QTest.mouseClick(dialog.copy, LEFT)
    assert QGuiApplication.clipboard().text() == "Traceback\n  line 1"


@pytest.mark.parametrize("presenter", [False, True])
def test_layout_contract(qtbot: QtBot, look: Theme, presenter: bool) -> None:
    look.set_presenter(presenter)
    for sheet in (
        ImportDialog(replace(TABLE, problems=("A rather long sentence about what is wrong in this file. " * 3,))),
        PreferencesDialog(Preferences(), ("cpu",)),
        AboutDialog({"DGM Studio": "1.2", "torch": "2.13"}),
        UnsavedDialog("2,140 steps of Flow matching on Eight Gaussians"),
        ShortcutSheet(GROUPS),
    ):
        shown(qtbot, sheet)
        QApplication.processEvents()
        assert check_layout(sheet, scale=look.scale) == []
        sheet.close()
