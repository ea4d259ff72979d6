"""The Checkpoints panel over the real worker and the real reader, with tiny models of our own in files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from dgm_studio.gui.panels.checkpoints.elsewhere import OPENING, Way, way_from
from dgm_studio.gui.panels.checkpoints.film_mode import FilmMode
from dgm_studio.gui.panels.checkpoints.panel import CheckpointsPanel
from dgm_studio.gui.panels.checkpoints.running import Running
from dgm_studio.gui.settings import HOME_VARIABLE, Preferences
from dgm_studio.gui.status_board import StatusBoard
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.theme.theme import Theme
from dgm_studio.wake import wake
from tests.gui.panels.ending import end
from tests.gui.panels.latents.conftest import PATIENCE, models

__all__ = ["models"]
OpenCheckpoint = Callable[..., CheckpointsPanel]


@pytest.fixture
def running(qtbot: QtBot, look: Theme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenCheckpoint]:
    """Call it with a checkpoint and a mode for the panel in front of it, all shown."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    made: list[tuple[CheckpointsPanel, Studio]] = []

    def make(path: str, mode: str) -> CheckpointsPanel:
        studio = Studio(partial(wake, "cpu"), Preferences())
        panel = CheckpointsPanel(studio, StatusBoard(studio))
        made.append((panel, studio))
        panel.resize(1200, 800)
        with qtbot.waitExposed(panel):
            panel.show()
        panel.activate()
        with qtbot.waitSignal(studio.awake, timeout=PATIENCE):
            studio.start()
        panel.show_mode(mode)
        panel.mode.set_speed(100.0)  # what plays by itself soon stands
        if isinstance(panel.mode, FilmMode):
            panel.mode.wish = replace(panel.mode.wish, count=1)
        if path:
            panel.open(path)
            running = Running.of(panel.subject, studio.link)
            qtbot.waitUntil(lambda: running.report is not None or way_from(running) != Way(OPENING), timeout=PATIENCE)
        qtbot.waitUntil(panel.settled, timeout=PATIENCE)
        return panel

    yield make
    end(made)
