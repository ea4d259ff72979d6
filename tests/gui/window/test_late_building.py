"""Panels nobody has gone to are built after the engine is awake, each as if it had been there all along."""

from __future__ import annotations

import pytest

from dgm_studio.gui import late_building
from dgm_studio.gui.panels import signs
from tests.gui.window.conftest import MakeWindow


def test_all_panels_come_by_themselves_and_know_the_run(
    new_window: MakeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(late_building, "REST_MS", 1)
    person = new_window()
    window = person.window
    person.until(lambda: set(window.panels) == set(signs()))
    person.until(lambda: all(not panel.grow() for panel in window.panels.values()))
    assert window.panel is window.train, "they came without a person noticing"
    assert all(panel.woken for panel in window.panels.values())
    assert list(window.panels) != list(signs()) or window.stack.count() == len(signs())


def test_a_panel_that_nobody_went_to_keeps_what_the_last_session_held(new_window: MakeWindow) -> None:
    person = new_window()
    assert "divergences" not in person.window.panels
    person.window.keeper.last.panels["divergences"] = {"scene": "parallel-lines"}
    person.window.keeper.keep()
    from dgm_studio.gui import session

    assert session.read().panels["divergences"] == {"scene": "parallel-lines"}
