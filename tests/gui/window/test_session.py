"""The session: after a crash the run is there again, after a clean close the panel stands as it stood."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt

from dgm_studio.gui.settings import Preferences, session_file
from tests.gui.window.conftest import MakeWindow, forget, shut
from tests.gui.window.driver import Person


def crash(studio: Person) -> None:
    """The window is gone without a close; only what was written stays."""
    studio.window.studio.close()
    forget(studio.window)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def test_a_crash_loses_no_copied_step(new_window: MakeWindow) -> None:
    studio = new_window()
    studio.train_by(23)
    keeper = studio.window.keeper
    keeper.copy()
    studio.until(lambda: session_file().with_name("session.safetensors").exists())
    keeper.keep()
    crash(studio)
    again = new_window()
    assert again.step == 23
    assert again.window.isWindowModified(), "its steps are still unsaved"
    assert again.window.studio.run.path == ""
    assert "23" in again.panel.banner.sentence.text()
    assert again.panel.banner.isVisible()


def test_a_clean_close_brings_back_panel_and_recipe(new_window: MakeWindow) -> None:
    studio = new_window()
    studio.fresh(lambda: studio.pick_family("realnvp"))
    studio.fresh(lambda: studio.pick_data("moons"))
    studio.show_only("data", "grid")
    shut(studio.window)
    again = new_window()
    assert (again.recipe.family, again.recipe.data.name, again.step) == ("realnvp", "moons", 0)
    assert set(again.panel.stage.visible_ids()) == {"data", "grid"}
    assert not again.panel.banner.isVisible()


@pytest.mark.parametrize("text", ["", "{", '{"version": 1}', "[1, 2]", '{"version": 77, "panel": "train"}'])
def test_a_spoiled_session_is_begun_anew(home: Path, new_window: MakeWindow, text: str) -> None:
    session_file().write_text(text)
    studio = new_window()
    assert (studio.recipe.family, studio.step) == ("diffusion", 0)
    assert not studio.panel.banner.isVisible()


def test_the_session_is_left_alone_where_that_is_wished(new_window: MakeWindow) -> None:
    studio = new_window()
    studio.fresh(lambda: studio.pick_family("realnvp"))
    shut(studio.window)
    again = new_window(preferences=Preferences(theme="dark", reduced_motion=True, restore_session=False))
    assert again.recipe.family == "diffusion"


def test_closing_before_the_engine_is_awake_keeps_the_session(new_window: MakeWindow) -> None:
    studio = new_window()
    studio.fresh(lambda: studio.pick_family("realnvp"))
    shut(studio.window)
    before = session_file().read_text()
    early = new_window(wait=False)
    shut(early.window)
    assert session_file().read_text() == before


def test_space_is_play_in_a_restored_window(new_window: MakeWindow) -> None:
    shut(new_window().window)
    again = new_window()
    again.press(Qt.Key.Key_Space)
    again.until(lambda: again.step > 0)
