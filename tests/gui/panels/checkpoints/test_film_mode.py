"""The film of a file that others wrote: settings with their sources, what a person chooses, previews, newer files."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from dgm_studio.gui.panels.checkpoints.film_mode import FilmMode
from dgm_studio.gui.panels.checkpoints.gallery_mode import GalleryMode
from dgm_studio.gui.panels.checkpoints.panel import CheckpointsPanel
from dgm_studio.gui.panels.checkpoints.previews import PREDICTION, SEEDS
from dgm_studio.gui.panels.checkpoints.running import YOURS
from tests.checkpoints.fixtures import made
from tests.gui.layout_contract import check_layout
from tests.gui.panels.checkpoints.conftest import OpenCheckpoint
from tests.gui.panels.latents.conftest import PATIENCE


def film(panel: CheckpointsPanel) -> FilmMode:
    mode = panel.mode
    assert isinstance(mode, FilmMode)
    return mode


def last(mode: FilmMode) -> np.ndarray:
    assert mode.film is not None
    return np.asarray(mode.film.frames[-1].x1_hat)


def test_what_was_concluded_is_shown_and_may_be_chosen_otherwise(running: OpenCheckpoint, qtbot: QtBot) -> None:
    panel = running(str(made("diffusers-ddpm")), "film")
    mode = film(panel)
    assert mode.film is not None
    assert mode.previews.isHidden(), "scheduler_config.json says what is predicted"
    card = mode.settings
    row = card.rows[PREDICTION]
    assert row.combo is not None
    assert (row.combo.currentData(), row.badge.full_text()) == ("v_prediction", "from scheduler_config.json")
    assert not row.reset.isEnabled()
    before = last(mode)

    shown = mode.film
    row.chosen.emit("epsilon")
    qtbot.waitUntil(lambda: mode.film is not shown and panel.settled(), timeout=PATIENCE)
    row = card.rows[PREDICTION]
    assert row.combo is not None
    assert (row.combo.currentData(), row.badge.full_text()) == ("epsilon", YOURS)
    assert panel.subject.choice == {PREDICTION: "epsilon"}
    assert not np.array_equal(last(mode), before)

    shown = mode.film
    assert row.reset.isEnabled()
    row.reset.click()
    qtbot.waitUntil(lambda: mode.film is not shown and panel.settled(), timeout=PATIENCE)
    assert panel.subject.choice == {}
    assert np.array_equal(last(mode), before), "what was found makes the same film"
    mode.running.choose("size", "nine by nine")
    qtbot.waitUntil(lambda: panel.banner.isVisible() and panel.subject.choice == {}, timeout=PATIENCE)
    assert np.array_equal(last(mode), before), "a choice that cannot be built leaves all as it was"

    for size in ((1364, 900), (1204, 720)):
        panel.resize(*size)
        QTest.qWait(30)
        assert not check_layout(panel)
    with qtbot.waitSignal(panel.look_wanted, timeout=1_000) as wanted:
        card.latents.click()
    assert wanted.args == ["latents", panel.subject.path, {}]


def test_an_unsure_prediction_is_seen_side_by_side(running: OpenCheckpoint, qtbot: QtBot) -> None:
    panel = running(str(made("diffusers-unet")), "film")
    mode = film(panel)
    previews = mode.previews
    assert previews.isVisible()
    qtbot.waitUntil(lambda: not previews.lane.making and len(previews.grid.cells) == 3, timeout=PATIENCE)
    cells = previews.grid.cells
    assert all(len(row) == len(SEEDS) and all(cell.pixels is not None for cell in row) for row in cells)
    assert not np.array_equal(cells[0][0].pixels, cells[1][0].pixels)  # type: ignore[arg-type]
    assert mode.film is None, "none before it is known what is predicted"
    assert not check_layout(panel)
    assert mode.settings.rows[PREDICTION].badge.full_text().startswith("assumed")
    previews.grid.pressed.emit(0, 0)
    assert panel.subject.choice == {PREDICTION: previews.options[0]}, "what was assumed is confirmed"
    qtbot.waitUntil(lambda: mode.film is not None and panel.settled(), timeout=PATIENCE)
    assert previews.isHidden()
    assert mode.view.chips.isVisible()


@pytest.mark.parametrize(
    ("kind", "words", "panel_id"), [("transformers-bert", "Text panel", "text"), ("dcgan", "in one go", "")]
)
def test_where_else_a_model_is_seen(
    kind: str, words: str, panel_id: str, running: OpenCheckpoint, qtbot: QtBot
) -> None:
    panel = running(str(made(kind)), "film")
    mode = film(panel)
    qtbot.waitUntil(lambda: words in mode.empty.sentence.text(), timeout=PATIENCE)
    assert mode.empty.isVisible()
    assert mode.form.guidance.isHidden()
    if panel_id:
        with qtbot.waitSignal(panel.look_wanted, timeout=1_000) as wanted:
            mode.empty.button.click()
        assert wanted.args == [panel_id, panel.subject.path, {}]
    else:
        mode.empty.button.click()
        assert isinstance(panel.mode, GalleryMode)
        qtbot.waitUntil(panel.settled, timeout=PATIENCE)
        assert all(cell.pixels is not None for cell in panel.mode.view.grid.cells[0])


def test_what_can_only_be_looked_into_is_said_without_an_error(running: OpenCheckpoint, qtbot: QtBot) -> None:
    panel = running(str(made("gguf")), "film")
    mode = film(panel)
    qtbot.waitUntil(lambda: "looked into, not run" in mode.empty.sentence.text(), timeout=PATIENCE)
    assert panel.banner.isHidden()
    panel.show_mode("gallery")
    assert isinstance(panel.mode, GalleryMode)
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)
    assert "looked into, not run" in panel.mode.empty.sentence.text()
    assert panel.mode.form.seeds.isHidden(), "no seeds where nothing is sampled"
    assert not panel.transport.play.isEnabled()
    assert panel.banner.isHidden(), "nobody asked the worker for what the reader had said already"
    mode.empty.button.click()
    assert panel.mode.id == panel.inspect_mode.id


def test_a_newer_checkpoint_of_the_folder_is_followed_with_the_same_seeds(
    running: OpenCheckpoint, models: dict[str, str], qtbot: QtBot, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    own, coming = folder / "step-1.safetensors", folder / "step-2.safetensors"
    shutil.copy(models["diffusion"], own)
    panel = running(str(own), "gallery")
    mode = panel.mode
    assert isinstance(mode, GalleryMode)
    run = mode.running
    run.watch.set_on(False)  # the test looks by itself

    whole = own.read_bytes()
    coming.write_bytes(whole[: len(whole) // 2])
    for _ in range(2):
        run.watch.look()
    coming.write_bytes(whole)
    for _ in range(2):
        run.watch.look()
    assert not panel.banner.isVisible(), "it was still being written"
    run.watch.look()
    assert "step-2.safetensors has just been written" in panel.banner.sentence.text()
    assert panel.subject.path == str(own)

    mode.form.settings_card.follow.switch.click()
    assert run.following
    shutil.copy(models["latent-diffusion"], coming)
    os.utime(coming, ns=(1, 2**62))
    first = [one.seed for one in mode.state.rows[0]]
    for _ in range(3):
        run.watch.look()
    assert panel.subject.path == str(coming)
    run.watch.set_on(False)
    qtbot.waitUntil(lambda: run.report is not None and "latent" in run.report.family, timeout=PATIENCE)
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)
    assert [one.path for one in mode.wish.sources] == [str(coming)]
    assert [one.seed for one in mode.state.rows[0]] == first
    assert all(cell.pixels is not None for cell in mode.view.grid.cells[0])
