"""The gallery over the real worker: tiles arrive, rows compare, a setting is swept, favourites stay, a tile films."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from dgm_studio.core.gallery import EMA, RAW, WEIGHTS, Making
from dgm_studio.core.latents import GUIDED
from dgm_studio.gui.panels.checkpoints.film_mode import FilmMode
from dgm_studio.gui.panels.checkpoints.gallery_export import NUMBERS, SCALE, SHEET, ExportGallery
from dgm_studio.gui.panels.checkpoints.gallery_mode import GalleryMode
from dgm_studio.gui.panels.checkpoints.panel import CheckpointsPanel
from tests.gui.layout_contract import check_layout
from tests.gui.panels.checkpoints.conftest import OpenCheckpoint
from tests.gui.panels.latents.conftest import PATIENCE


def gallery(panel: CheckpointsPanel) -> GalleryMode:
    mode = panel.mode
    assert isinstance(mode, GalleryMode)
    return mode


def shown(mode: GalleryMode) -> np.ndarray:
    """All pictures that the grid shows (rows, columns, c, h, w)."""
    return np.stack([[cell.pixels for cell in row] for row in mode.view.grid.cells])


def again(panel: CheckpointsPanel, qtbot: QtBot) -> GalleryMode:
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)
    return gallery(panel)


def test_seeds_a_sweep_favourites_and_the_film_of_a_tile(
    running: OpenCheckpoint, models: dict[str, str], qtbot: QtBot
) -> None:
    panel = running(models["diffusion"], "gallery")
    mode = gallery(panel)
    first = shown(mode)
    assert first.shape == (1, 16, 1, 8, 8)
    assert [one.caption for one in mode.view.grid.cells[0]] == [f"seed {seed}" for seed in range(16)]
    assert [one.label for one in mode.state.rows[0][:4]] == [0, 1, 2, 0], "classes in turn"
    assert "16 of 16" in panel.transport.tracks["pictures"].note

    box = mode.view.grid.layout_now().box(0, 3)
    QTest.mouseMove(mode.view.grid, box.center().toPoint())
    QTest.mouseClick(mode.view.grid, Qt.MouseButton.LeftButton, pos=(box.topRight() + QPointF(-3, 3)).toPoint())
    assert [one.making.seed for one in mode.state.pins.held] == [3]
    assert mode.readouts.pin.text() == "Unpin"
    assert np.array_equal(mode.readouts.tile.pixels, first[0, 3])  # type: ignore[arg-type]
    assert mode.view.pins_card.isVisible()

    mode.form.knob_wanted.emit("sweep", "steps")
    again(panel, qtbot)
    assert [one.caption for one in mode.view.grid.cells[0]] == [str(one) for one in mode.wish.values]
    assert {one.seed for one in mode.state.rows[0]} == {0}
    mode.form.knob_wanted.emit("values", "3, 5")
    assert shown(again(panel, qtbot)).shape[:2] == (1, 2)
    assert np.array_equal(shown(mode)[0, 0], first[0, 0]), "three steps are the model's own"
    mode.form.knob_wanted.emit("values", "3, many")
    assert "many" in panel.banner.sentence.text()
    assert mode.wish.values == (3, 5)
    mode.form.knob_wanted.emit("sweep", "seeds")
    assert np.array_equal(shown(again(panel, qtbot)), first)

    held = json.loads(json.dumps(mode.session()))
    mode.state.pins.held.clear()
    mode.restore({**held, "first": 20, "pins": [*held["pins"], {"making": 3}]})
    assert np.array_equal(mode.state.pins.held[0].pixels, first[0, 3])  # type: ignore[arg-type]
    assert mode.wish.first == 20

    mode.restore(held)
    row, column = 0, 3
    mode.view.grid.pressed.emit(row, column)
    film = panel.mode
    assert isinstance(film, FilmMode)
    qtbot.waitUntil(lambda: film.film is not None and film.film.report.count == 1 and panel.settled(), timeout=PATIENCE)
    assert film.film is not None
    assert (film.wish.seed, film.wish.label, film.film.report.columns) == (3, 0, (GUIDED,))
    assert np.array_equal(film.film.frames[-1].x_t[0, 0], first[0, 3]), "the film ends in the tile"


def test_two_checkpoints_and_two_copies_stand_on_the_same_noise(
    running: OpenCheckpoint, models: dict[str, str], qtbot: QtBot, tmp_path: Path
) -> None:
    panel = running(models["diffusion"], "gallery")
    mode = gallery(panel)
    mode.form.knob_wanted.emit("count", 4)
    mode.add(models["vae"])
    again(panel, qtbot)
    grid = mode.view.grid
    assert [head[0] for head in grid.heads] == ["diffusion", "vae"]
    assert grid.columns == ("0", "1", "2", "3")
    assert shown(mode).shape[:2] == (2, 4)
    assert all(one.label == -1 for one in mode.state.rows[1]), "the VAE is told no class"
    lines = mode.readouts.apart.items()
    both = shown(mode).astype(float) / 255
    assert f"{np.sqrt(((both[0] - both[1]) ** 2).mean()):.3f} (n = 4)" in lines.values()

    mode.view.grid.setFocus()
    QTest.keyClick(grid, Qt.Key.Key_Right)
    QTest.keyClick(grid, Qt.Key.Key_Down)
    assert grid.current == (1, 1) or grid.current == (1, 0)
    QTest.keyClick(grid, Qt.Key.Key_P)
    assert mode.state.pins.held[0].making.source == models["vae"]
    grid.pressed.emit(1, 1)
    assert panel.mode is mode, "a VAE has no film"
    assert not mode.readouts.film.isEnabled()

    assert mode.form.sources.removers[0].isHidden()
    mode.form.sources.removers[1].click()
    again(panel, qtbot)
    assert [one.path for one in mode.wish.sources] == [models["diffusion"]]
    assert mode.state.copies() == (EMA, RAW)
    mode.form.sources.copies.click()
    again(panel, qtbot)
    assert [one.choice for one in mode.wish.sources] == [{WEIGHTS: EMA}, {WEIGHTS: RAW}]
    assert shown(mode).shape[:2] == (2, 4)

    for size in ((1364, 900), (1204, 720)):
        panel.resize(*size)
        QTest.qWait(30)
        assert not check_layout(panel)
    dialog = mode.export_dialog(panel)
    assert isinstance(dialog, ExportGallery)
    dialog.choose(SHEET)
    dialog.begin(str(tmp_path / "sheet"))
    with Image.open(tmp_path / "sheet.png") as picture:
        assert picture.size == (SCALE * (4 * 9 - 1), SCALE * (2 * 9 - 1))
    dialog.choose(NUMBERS)
    dialog.begin(str(tmp_path / "numbers.npz"))
    with np.load(tmp_path / "numbers.npz") as held:
        assert np.array_equal(held["pictures"], shown(mode).reshape(8, 1, 8, 8))
        assert Making.from_json(json.loads(str(held["making"][5]))) == mode.state.rows[1][1]
    dialog.close()


def test_a_row_that_cannot_be_opened_says_why_and_the_others_stay(
    running: OpenCheckpoint, models: dict[str, str], qtbot: QtBot
) -> None:
    panel = running(models["vae"], "gallery")
    mode = gallery(panel)
    mode.add("kjv-masked-word")
    qtbot.waitUntil(lambda: not mode.lane.making and mode.view.grid.cells[1][0].refusal != "", timeout=PATIENCE)
    assert "the Text panel" in mode.view.grid.cells[1][0].refusal
    assert all(cell.pixels is not None for cell in mode.view.grid.cells[0])
    assert mode.view.grid.heads[1] == ("kjv-masked-word", "cannot be opened")
    assert mode.wish.changed("count", 3, ()) == replace(mode.wish, count=3)


def test_without_a_file_there_are_words(running: OpenCheckpoint) -> None:
    panel = running("", "gallery")
    mode = gallery(panel)
    assert mode.empty.isVisible()
    assert "No file is open" in mode.empty.sentence.text()
    assert panel.settled()
