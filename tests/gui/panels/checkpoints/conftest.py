"""The Checkpoints panel over the real worker and the real reader, with tiny models of our own in files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from dgm_studio.gui.panels.checkpoints.panel import CheckpointsPanel
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
        if path:
            panel.open(path)
        panel.show_mode(mode)
        panel.mode.set_speed(100.0)  # what plays by itself soon stands
        qtbot.waitUntil(panel.settled, timeout=PATIENCE)
        return panel

    yield make
    end(made)
