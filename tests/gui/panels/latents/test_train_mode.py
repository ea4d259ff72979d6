"""Training a model of pictures in the panel, over the real worker."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from pytestqt.qtbot import QtBot

from dgm_studio.gui.panels.latents.lane import TRAIN_LANE
from dgm_studio.gui.panels.latents.panel import LatentsPanel
from dgm_studio.gui.panels.latents.train_mode import SAMPLES, TrainMode
from dgm_studio.gui.panels.latents.train_views import PAIRS
from dgm_studio.gui.panels.model_picker import LIVE
from tests.gui.panels.latents.conftest import PATIENCE, SIDE, OpenLatents, recipe
from tests.gui.panels.latents.layout import faults


def train(panel: LatentsPanel, family: str, qtbot: QtBot) -> TrainMode:
    mode = panel.train_mode
    mode.train(recipe(family))
    qtbot.waitUntil(lambda: mode.run.recipe is not None and mode.run.coming is None, timeout=PATIENCE)
    return mode


def test_it_learns_shows_and_is_looked_into(
    opened: OpenLatents, models: dict[str, str], qtbot: QtBot, tmp_path: Path
) -> None:
    panel = opened(models["vae"])
    mode = train(panel, "vae", qtbot)
    panel.show_mode("train")
    panel.step(4)
    qtbot.waitUntil(lambda: mode.run.step == 4 and not mode.run.playing, timeout=PATIENCE)
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)
    assert "step 4" in mode.picture.header.note.full_text()
    assert "step 4" in mode.readouts.held_out.note.full_text()
    assert mode.picture.losses.curves["loss"].size == 4
    assert mode.picture.samples.pixels.shape == (SAMPLES.count, 1, SIDE, SIDE)
    real, made = np.split(mode.picture.pairs.pixels, 2)
    assert 1 <= len(real) <= PAIRS
    error = float(np.sqrt(np.mean((real / 255.0 - made / 255.0) ** 2)))
    assert mode.readouts.error.text == f"{error:.3f}"
    assert "tiny pictures, step 4" in panel.subtitle.full_text()

    own = mode.readouts.own
    qtbot.waitUntil(lambda: len(own.chart.values) > 0 and bool(own.facts.items()), timeout=PATIENCE)
    assert "Active latent coordinates" in own.facts.items(), "what only a VAE has"
    assert not faults(panel)
    assert not mode.picture.losses.isHidden()
    panel.resize(1204, 480)
    qtbot.waitUntil(mode.picture.losses.isHidden, timeout=PATIENCE)  # pictures first, where there is little room
    mode.form.forms["training"].rows["learning_rate"].take("0.0005")
    qtbot.waitUntil(lambda: mode.run.recipe.training_now()["learning_rate"] == 0.0005, timeout=PATIENCE)  # type: ignore[union-attr]
    assert mode.run.step == 4, "a rate is live"
    mode.form.forms["design"].rows["latent"].take("6")
    qtbot.waitUntil(lambda: mode.run.recipe.design["latent"] == 6, timeout=PATIENCE)  # type: ignore[union-attr]
    assert mode.run.step == 0, "the latent rebuilds"

    with qtbot.waitSignal(mode.run.saved, timeout=PATIENCE):
        mode.run.save(str(tmp_path / "mine.safetensors"))
    mode.readouts.look.click()
    assert (panel.source, panel.mode.id) == (LIVE, "scrub")
    qtbot.waitUntil(lambda: panel.lane.report is not None and panel.lane.report.source == TRAIN_LANE, timeout=PATIENCE)
    assert panel.lane.report is not None
    assert panel.lane.report.latent == 6


def test_own_pictures_and_a_model_without_an_encoder(
    opened: OpenLatents, models: dict[str, str], qtbot: QtBot, tmp_path: Path
) -> None:
    panel = opened(models["vae"])
    mode = train(panel, "gan", qtbot)
    panel.show_mode("train")
    qtbot.waitUntil(lambda: mode.picture.why.isVisible(), timeout=PATIENCE)
    assert "encoder" in mode.picture.why.text()
    assert not mode.picture.again.isVisible()
    folder = tmp_path / "mine"
    folder.mkdir()
    rng = np.random.default_rng(1)
    for name in range(4):
        Image.fromarray(rng.integers(0, 255, (40, 30), dtype=np.uint8)).save(folder / f"{name}.png")
    assert panel.drop(str(folder))
    qtbot.waitUntil(lambda: mode.run.recipe.data.pictures.title != "tiny pictures", timeout=PATIENCE)  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: mode.run.coming is None, timeout=PATIENCE)
    assert mode.form.sets is not None
    assert mode.form.sets.current() == "own"
    assert "4 pictures, 28 × 28, grey" in mode.form.about.text()
    (tmp_path / "empty").mkdir()
    assert panel.drop(str(tmp_path / "empty"))
    qtbot.waitUntil(lambda: panel.banner.isVisible() and "empty" in panel.banner.sentence.text(), timeout=PATIENCE)
    assert mode.form.sets.current() == "own", "what was refused changes nothing"
