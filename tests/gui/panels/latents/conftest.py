"""Real, tiny models of pictures in files, and the Latents panel over the real worker with one of them open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from dgm_studio.core.dataspec import DataSpec, PictureSet
from dgm_studio.core.recipe import Recipe
from dgm_studio.gui.panels.latents.panel import LatentsPanel
from dgm_studio.gui.settings import HOME_VARIABLE, Preferences
from dgm_studio.gui.status_board import StatusBoard
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.theme.theme import Theme
from dgm_studio.wake import wake
from tests.gui.panels.ending import end

PATIENCE = 30_000
SIDE, COUNT = 8, 60
NAMES = ("bars", "dots", "noise")
DESIGNS: dict[str, dict[str, Any]] = {
    "vae": {"latent": 4, "width": 8, "blocks": 1, "prior": "standard"},
    "vqvae": {"codes": 16, "code_dim": 4, "width": 8, "blocks": 1},
    "gan": {"latent": 8, "width": 8, "styles": True},
    "diffusion": {"width": 8},
    "latent-diffusion": {"latent": 4, "width": 8, "blocks": 1, "prior": "standard", "flow_width": 16, "flow_layers": 1},
}
OpenLatents = Callable[..., LatentsPanel]


def pictures() -> PictureSet:
    """Sixty grey pictures of 8 x 8 in three classes."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 60, (COUNT, 1, SIDE, SIDE), dtype=np.uint8)
    labels = np.arange(COUNT) % 3
    pixels[labels == 0, :, ::2] += 180
    pixels[labels == 1, :, 2:6, 2:6] += 180
    return PictureSet(pixels, labels, NAMES, "tiny pictures", "made by hand")


def recipe(family: str = "vae") -> Recipe:
    """A tiny model of the tiny pictures."""
    sampling = {"steps": 3} if "diffusion" in family else {}
    data = DataSpec("tiny pictures", pictures=pictures())
    return Recipe(family, "", dict(DESIGNS[family]), {"batch": 8}, sampling, data, 3)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A checkpoint of each family after a few beats, by family."""
    from dgm_studio.lab.native import save
    from dgm_studio.lab.run import Run

    found = {}
    for family in DESIGNS:
        run = Run(recipe(family), "cpu")
        beats = run.beats()
        for _ in range(4):
            next(beats)
        found[family] = str(save(run, tmp_path_factory.mktemp("pictures") / f"{family}.safetensors"))
    return found


@pytest.fixture
def opened(qtbot: QtBot, look: Theme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenLatents]:
    """Call it with a checkpoint and a mode for the panel in front of it, all shown."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    made: list[tuple[LatentsPanel, Studio]] = []

    def make(source: str, mode: str = "scrub") -> LatentsPanel:
        studio = Studio(partial(wake, "cpu"), Preferences())
        panel = LatentsPanel(studio, StatusBoard(studio))
        made.append((panel, studio))
        panel.source = source
        panel.resize(1200, 800)
        with qtbot.waitExposed(panel):
            panel.show()
        panel.activate()
        panel.show_mode(mode)
        panel.mode.set_speed(100.0)  # what plays by itself soon stands
        with qtbot.waitSignal(studio.awake, timeout=PATIENCE):
            studio.start()
        if mode != "train":
            qtbot.waitUntil(lambda: panel.lane.report is not None, timeout=PATIENCE)
        qtbot.waitUntil(panel.settled, timeout=PATIENCE)
        return panel

    yield make
    end(made)
