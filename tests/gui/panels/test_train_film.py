"""The Train panel's film for export: in data units, the model standing still while it is written."""

from __future__ import annotations

import numpy as np
from pytestqt.qtbot import QtBot

from dgm_studio.gui.layers.samples import SamplesLayer
from dgm_studio.gui.panels.train.panel import TrainPanel
from tests.gui.panels.conftest import PATIENCE, Opened
from tests.lab.recipes import painted, small


def test_the_sampling_film_can_be_exported(opened: Opened, qtbot: QtBot) -> None:
    data = painted()
    panel = opened(TrainPanel, small("diffusion", data))
    assert isinstance(panel, TrainPanel)
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)
    source = panel.film()
    assert source is not None
    film, units = source.film(), data.points.normalisation  # type: ignore[union-attr]
    samples = panel.stage.layer("samples")
    assert isinstance(samples, SamplesLayer)
    assert source.frames == len(samples.frames) == 7
    assert np.allclose(film.x, units.to_data(np.stack(samples.frames)))
    assert film.evaluations.tolist() == [1, 2, 3, 4, 5, 6, 6]
    panel.run.play()
    qtbot.waitUntil(lambda: panel.run.playing, timeout=PATIENCE)
    source.show(2)
    qtbot.waitUntil(lambda: source.ready() and not panel.run.playing, timeout=PATIENCE)
    assert panel.player.index == 2
