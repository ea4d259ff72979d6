"""Pickers: every entry is reachable by mouse and by keyboard, refused ones are not, chips tell and obey."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from dgm_studio.gui.widgets.chip import ChipRow
from dgm_studio.gui.widgets.data_picker import OWN, DataPicker
from dgm_studio.gui.widgets.family_picker import FamilyPicker
from tests.gui.widgets.gallery import data_entries, family_entries, ring

pytestmark = pytest.mark.usefixtures("look")


@pytest.fixture
def data(qtbot: QtBot) -> DataPicker:
    picker = DataPicker()
    picker.set_entries(data_entries())
    picker.set_current("eight-gaussians")
    picker.resize(256, 150)
    qtbot.addWidget(picker)
    picker.show()
    return picker


def test_a_thumbnail_picks(data: DataPicker, qtbot: QtBot) -> None:
    with qtbot.waitSignal(data.picked) as told:
        QTest.mouseClick(data.thumbnails()["spirals"], Qt.MouseButton.LeftButton)
    assert told.args == ["spirals"]
    assert data.current() == "spirals"
    assert data.thumbnails()["spirals"].isChecked()
    assert data.name.full_text() == "Spirals"
    assert data.note.text() == "samples only"


def test_the_exact_density_is_said(data: DataPicker) -> None:
    assert data.note.text() == "exact density known"


def test_the_list_reaches_every_data_set_by_typing(data: DataPicker, qtbot: QtBot) -> None:
    assert "pinwheel" not in data.thumbnails()
    QTest.mouseClick(data.header.links["all"], Qt.MouseButton.LeftButton)
    assert data.popup.isVisible()
    QTest.keyClicks(data.popup.search, "pinw")
    with qtbot.waitSignal(data.picked) as told:
        QTest.keyClick(data.popup.search, Qt.Key.Key_Return)
    assert told.args == ["pinwheel"]
    assert not data.popup.isVisible()
    assert data.thumbnails()["pinwheel"].isChecked()


def test_a_search_without_a_match_says_so(data: DataPicker, qtbot: QtBot) -> None:
    QTest.mouseClick(data.header.links["all"], Qt.MouseButton.LeftButton)
    QTest.keyClicks(data.popup.search, "zzz")
    assert data.popup.nothing.isVisible()
    QTest.keyClick(data.popup.search, Qt.Key.Key_Return)
    assert data.popup.isVisible()
    data.popup.hide()


def test_paint_and_import_are_told(data: DataPicker, qtbot: QtBot) -> None:
    with qtbot.waitSignal(data.paint_clicked):
        QTest.mouseClick(data.header.links["paint"], Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(data.import_clicked):
        QTest.mouseClick(data.header.links["import"], Qt.MouseButton.LeftButton)


def test_own_points_come_first_and_can_be_picked(data: DataPicker, qtbot: QtBot) -> None:
    data.show_own("my-points.csv", "imported, 300 points", ring())
    assert list(data.thumbnails()) == [OWN, "eight-gaussians", "spirals", "two-gaussians"]
    with qtbot.waitSignal(data.picked) as told:
        QTest.mouseClick(data.thumbnails()[OWN], Qt.MouseButton.LeftButton)
    assert told.args == [OWN]
    assert (data.name.full_text(), data.note.text()) == ("my-points.csv", "imported, 300 points")


@pytest.fixture
def family(qtbot: QtBot) -> FamilyPicker:
    picker = FamilyPicker()
    picker.set_families(family_entries())
    qtbot.addWidget(picker)
    picker.show()
    return picker


def test_the_first_preset_is_shown_with_its_source(family: FamilyPicker) -> None:
    assert family.current() == ("diffusion", "flow-matching")
    assert family.button.text() == "Flow matching"
    assert family.button.accessibleDescription() == "lecture 12 · Lipman et al., 2023"


def test_arrows_pass_heads_and_pick(family: FamilyPicker, qtbot: QtBot) -> None:
    QTest.mouseClick(family.button, Qt.MouseButton.LeftButton)
    for _ in range(2):  # DDPM, then over the head "Adversarial" to the GAN
        QTest.keyClick(family.popup.search, Qt.Key.Key_Down)
    with qtbot.waitSignal(family.picked) as told:
        QTest.keyClick(family.popup.search, Qt.Key.Key_Return)
    assert told.args == ["gan", "non-saturating"]
    assert family.button.accessibleDescription() == "lecture 7 · Goodfellow et al., 2014"


def test_search_by_author_and_a_refused_family(family: FamilyPicker, qtbot: QtBot) -> None:
    family.set_reasons({"gan": "A GAN needs at least 64 points; this cloud has 12."})
    family.open()
    QTest.keyClicks(family.popup.search, "goodfellow")
    with qtbot.assertNotEmitted(family.picked):
        QTest.keyClick(family.popup.search, Qt.Key.Key_Return)
    entry = next(one for one in family.entries() if one.id[0] == "gan")
    assert "64 points" in entry.reason
    family.popup.hide()


def test_picking_the_present_one_is_not_a_change(family: FamilyPicker, qtbot: QtBot) -> None:
    family.open()
    with qtbot.assertNotEmitted(family.picked):
        QTest.keyClick(family.popup.search, Qt.Key.Key_Return)


def test_chips_tell_obey_and_refuse(qtbot: QtBot) -> None:
    row = ChipRow()
    qtbot.addWidget(row)
    for key in ("data", "samples", "paths"):
        row.add(key, key.title(), "data", "1")
    row.show()
    with qtbot.waitSignal(row.toggled) as told:
        QTest.mouseClick(row.chips["samples"], Qt.MouseButton.LeftButton)
    assert told.args == ["samples", True]
    row.set_reason("paths", "This solver adds noise.")
    assert row.chips["paths"].toolTip() == "This solver adds noise."
    with qtbot.assertNotEmitted(row.toggled):
        QTest.mouseClick(row.chips["paths"], Qt.MouseButton.LeftButton)
        row.press(2)
        row.press(9)
    with qtbot.assertNotEmitted(row.toggled):
        row.set_on(["data", "paths"])
    assert row.on() == ("data",)
    row.press(0)
    assert row.on() == ()


def test_chips_wrap_in_a_narrow_room(qtbot: QtBot) -> None:
    row = ChipRow()
    qtbot.addWidget(row)
    for i in range(8):
        row.add(str(i), "Velocity", "accent", str(i))
    assert row.heightForWidth(200) >= 4 * 26
    assert row.heightForWidth(2000) < 2 * 26
