"""A panel over the real studio and the real worker, with a tiny model that is trained in a blink."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from dgm_studio.core.recipe import Recipe
from dgm_studio.gui.panels.panel import Panel
from dgm_studio.gui.panels.trajectories.panel import TrajectoriesPanel
from dgm_studio.gui.settings import HOME_VARIABLE, Preferences
from dgm_studio.gui.status_board import StatusBoard
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.theme.theme import Theme
from dgm_studio.wake import wake
from tests.gui.panels.ending import end

PATIENCE = 20_000
Opened = Callable[..., Panel]


@pytest.fixture
def opened(qtbot: QtBot, look: Theme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    """Call it with a panel's class, a recipe and steps for the panel in front of that run."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    studios: list[Studio] = []
    panels: list[Panel] = []

    def make(kind: type[Panel], recipe: Recipe, steps: int = 3) -> Panel:
        studio = Studio(partial(wake, "cpu"), Preferences())
        studios.append(studio)
        panel = kind(studio, StatusBoard(studio))  # type: ignore[call-arg]
        panels.append(panel)
        if isinstance(panel, TrajectoriesPanel):
            panel.film_mode.player.set_speed(20.0)  # the first film plays by itself
        panel.resize(1200, 800)
        with qtbot.waitExposed(panel):
            panel.show()
        with qtbot.waitSignal(studio.awake, timeout=PATIENCE):
            studio.start()
        studio.run.train(recipe, steps=steps)
        qtbot.waitUntil(lambda: studio.run.recipe is not None and studio.run.step == steps, timeout=PATIENCE)
        panel.activate()
        return panel

    yield make
    end(zip(panels, studios, strict=True))
