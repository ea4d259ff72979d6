"""The Checkpoints panel over the real reader and an engine that is never woken, and files for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from pytestqt.qtbot import QtBot
from safetensors.numpy import save_file

from dgm_studio.core.arrays import Array
from dgm_studio.gui.panels.checkpoints.panel import CheckpointsPanel
from dgm_studio.gui.settings import HOME_VARIABLE, Preferences
from dgm_studio.gui.status_board import StatusBoard
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.theme.theme import Theme
from dgm_studio.wake import wake
from tests.gui.panels.ending import end

PATIENCE = 60_000
Asleep = Callable[..., CheckpointsPanel]


def arrays(seed: int = 0) -> dict[str, Array]:
    """Nine small tensors under three prefixes."""
    rng = np.random.default_rng(seed)
    found = {}
    for block in range(3):
        found[f"down.{block}.conv.weight"] = rng.normal(size=(6, 3, 3, 3)).astype(np.float32)
        found[f"down.{block}.conv.bias"] = np.zeros(6, dtype=np.float32)
    found["head.weight"] = rng.normal(size=(4, 6)).astype(np.float32)
    found["head.bias"] = np.arange(4, dtype=np.float32)
    found["steps"] = np.array([7, 8], dtype=np.int64)
    return found


def plain_file(folder: Path, name: str = "plain.safetensors", changed: Mapping[str, Array] | None = None) -> str:
    """`arrays` as safetensors, with words of its author."""
    save_file({**arrays(), **(changed or {})}, folder / name, {"note": "made by hand"})
    return str(folder / name)


def two_copies(folder: Path) -> str:
    """A PyTorch file with raw weights, their average, and a schedule that the average spoilt."""
    betas = torch.linspace(1e-4, 0.02, 100)
    raw = {name: torch.from_numpy(value) for name, value in arrays().items()}
    schedule = {"betas": betas, "alphas_cumprod": torch.cumprod(1 - betas, 0)}
    ema = {name: value * 1.5 if value.is_floating_point() else value for name, value in raw.items()}
    spoilt = {"betas": betas * 1.1, "alphas_cumprod": schedule["alphas_cumprod"]}
    held = {"step": 9, "model": {**raw, **schedule}, "ema": {**ema, **spoilt}, "hyper_parameters": {"dim": 6}}
    torch.save(held, folder / "two.pt")
    return str(folder / "two.pt")


@pytest.fixture
def asleep(qtbot: QtBot, look: Theme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Asleep]:
    """Call it with a file, or none, for the panel in front of it, all shown."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    made: list[tuple[CheckpointsPanel, Studio]] = []

    def make(path: str = "") -> CheckpointsPanel:
        studio = Studio(partial(wake, "cpu"), Preferences())
        panel = CheckpointsPanel(studio, StatusBoard(studio))
        made.append((panel, studio))
        panel.resize(1364, 900)
        with qtbot.waitExposed(panel):
            panel.show()
        panel.activate()
        if path:
            panel.open(path)
            qtbot.waitUntil(panel.settled, timeout=PATIENCE)
        return panel

    yield make
    end(made)
