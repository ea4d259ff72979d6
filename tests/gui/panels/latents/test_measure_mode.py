"""Figures and nearest training pictures over the real worker."""

from __future__ import annotations

import math

import numpy as np
from pytestqt.qtbot import QtBot

from dgm_studio.core.latents import Score
from dgm_studio.gui.panels.latents.measure_mode import COUNT, MeasureMode
from dgm_studio.gui.panels.latents.measure_views import NEAREST, bar_end, score_text
from tests.gui.panels.latents.conftest import PATIENCE, OpenLatents
from tests.gui.panels.latents.layout import faults
from tests.gui.panels.latents.test_codes_mode import panel_pictures


def test_nearest_training_pictures_and_figures(opened: OpenLatents, models: dict[str, str], qtbot: QtBot) -> None:
    panel = opened(models["vae"], "measure")
    mode = panel.mode
    assert isinstance(mode, MeasureMode)
    shown = mode.view.pictures
    groups = shown.pixels.reshape(COUNT, NEAREST + 1, -1)
    samples = groups[:, 0] / 255.0
    apart = np.sqrt(((samples[:, None] - panel_pictures()[None] / 255.0) ** 2).mean(axis=2))
    nearest = np.sort(apart, axis=1)
    assert shown.captions[1 :: NEAREST + 1] == tuple(f"{one:.3f}" for one in nearest[:, 0])
    assert (groups[:, 1] == panel_pictures()[apart.argmin(axis=1)]).all()

    panel.toggle_play()
    assert mode.form.measure.text() == "Stop"
    qtbot.waitUntil(lambda: "reconstruction" in " ".join(mode.view.scores), timeout=PATIENCE)
    panel.toggle_play()
    assert not mode.running
    for score in mode.view.scores.values():
        assert mode.view.readouts[score.id].text == score_text(score)
    assert not faults(panel)
    before = shown.pixels[0].copy()
    mode.form.copies.click()
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)
    assert (shown.pixels[0] != before).any()


def score(value: float, low: float = math.nan, high: float = math.nan, unit: str = "") -> Score:
    return Score("one", "One", value, low, high, math.nan, unit, "What it is.", 100, 1, 2)


def test_a_figure_is_said_with_its_doubt() -> None:
    assert score_text(score(0.041, 0.038, 0.044, "nats")) == "0.041 ± 0.003 nats"
    assert score_text(score(0.5, unit="bits")) == "0.5 bits"
    assert score_text(score(math.nan)) == "–"
    assert bar_end(score(0.3, 0.2, 0.4)) == 1.0
    assert bar_end(score(10.0, 8.0, 12.0)) == 18.0
