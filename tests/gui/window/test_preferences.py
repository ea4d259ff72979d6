"""Preferences hold at once, presenter mode comes and goes by keys, sheets say what is true."""

from __future__ import annotations

import sys

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLabel

from dgm_studio.gui import settings
from dgm_studio.gui.dialogs.preferences import PreferencesDialog
from dgm_studio.gui.keys import KEYS
from dgm_studio.gui.theme.theme import theme
from tests.gui.window.driver import Person

CTRL = Qt.KeyboardModifier.ControlModifier


def opened(studio: Person) -> QDialog:
    """The dialog in front."""
    studio.until(lambda: any(one.isVisible() for one in studio.window.findChildren(QDialog)))
    return next(one for one in studio.window.findChildren(QDialog) if one.isVisible())


def preferences(studio: Person) -> PreferencesDialog:
    """By their key."""
    studio.press(Qt.Key.Key_Comma, CTRL)
    dialog = opened(studio)
    assert isinstance(dialog, PreferencesDialog)
    return dialog


def close(studio: Person, dialog: QDialog) -> None:
    """By Escape."""
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    studio.until(lambda: not [one for one in studio.window.findChildren(QDialog) if one.isVisible()])


def words(dialog: QDialog) -> str:
    """All it says."""
    return " ".join(label.text() for label in dialog.findChildren(QLabel))


def test_theme_frame_limit_and_threads_hold_at_once(studio: Person) -> None:
    dialog = preferences(studio)
    look, computing = dialog.forms[0].rows, dialog.forms[1].rows
    assert theme().dark
    studio.click(look["theme"].segments.buttons["light"])  # type: ignore[attr-defined]
    assert not theme().dark
    studio.click(look["frame_cap"].segments.buttons["30"])  # type: ignore[attr-defined]
    assert studio.panel.player._timer.interval() == 1000 // 30
    studio.type_into(computing["threads"], "2")
    studio.until(lambda: "2 threads" in studio.panel.board.fields["device"])
    close(studio, dialog)
    kept = settings.load()
    assert (kept.theme, kept.frame_cap, kept.threads) == ("light", "30", 2)
    studio.train_by(2)
    assert studio.step == 2


def test_presenter_mode_comes_by_f11_and_goes_by_escape(studio: Person) -> None:
    stage = studio.panel.stage.width()
    studio.press(Qt.Key.Key_F11)
    assert theme().presenter
    assert not studio.window.rail.isVisible()
    studio.until(lambda: studio.panel.stage.width() > stage)
    studio.press(Qt.Key.Key_Space)
    studio.until(lambda: studio.step > 3)
    studio.press(Qt.Key.Key_Space)
    studio.press(Qt.Key.Key_Escape)
    assert not theme().presenter
    assert studio.window.rail.isVisible()
    studio.until(lambda: studio.panel.stage.width() == stage)


def test_the_sheet_names_every_key(studio: Person) -> None:
    studio.press(Qt.Key.Key_F1)
    sheet = opened(studio)
    said = words(sheet)
    for key in KEYS:
        assert key.does in said
    close(studio, sheet)


def test_about_tells_the_versions(studio: Person) -> None:
    studio.window.show_about()
    sheet = opened(studio)
    said = words(sheet)
    for name in ("torch", "PySide6", "Python"):
        assert name.lower() in said.lower()
    assert f"{sys.version_info.major}.{sys.version_info.minor}" in said
    close(studio, sheet)
