"""A real, tiny model of text in a file, and the Text panel over the real worker with it open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from dgm_studio.core.dataspec import DataSpec, TextSet
from dgm_studio.core.knobs import Value
from dgm_studio.core.recipe import Recipe
from dgm_studio.gui.panels.text.panel import TextPanel
from dgm_studio.gui.settings import HOME_VARIABLE, Preferences
from dgm_studio.gui.status_board import StatusBoard
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.theme.theme import Theme
from dgm_studio.wake import wake
from tests.gui.panels.ending import end

PATIENCE = 30_000
LENGTH = 12
WORDS = ("the", "king", "spake", "unto", "people", "and", "they", "went", "forth", "into", "land", "of", "Egypt")
TEXT = "\n".join(" ".join(WORDS[(3 * line + k) % len(WORDS)] for k in range(11)) + "." for line in range(200))
"""A language of thirteen words and a full stop, whose lines are all stretches of one cycle."""
DESIGN = {"vocabulary": 24, "length": LENGTH, "width": 16, "layers": 2}
OpenText = Callable[..., TextPanel]


def recipe(family: str = "masked-text") -> Recipe:
    return Recipe(
        family, "", dict(DESIGN), {}, {}, DataSpec("cycle.txt", text=TextSet(TEXT, "cycle.txt", "cycle.txt")), 3
    )


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A checkpoint of each family of text after a few steps, by family."""
    from dgm_studio.lab.native import save
    from dgm_studio.lab.run import Run

    found = {}
    for family in ("masked-text", "uniform-text", "autoregressive-text"):
        run = Run(recipe(family), "cpu")
        beats = run.beats()
        for _ in range(40):
            next(beats)
        found[family] = str(save(run, tmp_path_factory.mktemp("models") / f"{family}.safetensors"))
    return found


@pytest.fixture
def opened(qtbot: QtBot, look: Theme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenText]:
    """Call it with a checkpoint for the panel in front of its first film, whole and standing, or in another mode."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    made: list[tuple[TextPanel, Studio]] = []

    def make(source: str, prompt: str = "", first: str = "film", **settings: Value) -> TextPanel:
        studio = Studio(partial(wake, "cpu"), Preferences())
        panel = TextPanel(studio, StatusBoard(studio))
        made.append((panel, studio))
        mode = panel.film_mode
        mode.wish = replace(mode.wish, source=source, prompt=prompt, settings={**mode.wish.settings, **settings})
        mode._own_prompt = True
        mode.set_speed(100.0)  # the first film plays by itself
        panel.resize(1200, 800)
        with qtbot.waitExposed(panel):
            panel.show()
        panel.activate()
        panel.show_mode(first)
        with qtbot.waitSignal(studio.awake, timeout=PATIENCE):
            studio.start()
        if source and first == "film":
            qtbot.waitUntil(lambda: mode.film is not None, timeout=PATIENCE)
        qtbot.waitUntil(panel.settled, timeout=PATIENCE)
        return panel

    yield make
    end(made)


@pytest.fixture
def panel(opened: OpenText, models: dict[str, str]) -> TextPanel:
    """The film of a masked model, with two words locked."""
    return opened(models["masked-text"], "the king ___ × 8 Egypt")
