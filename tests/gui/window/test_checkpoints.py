"""Any file on the window: runs and data go where they went, everything else to the Checkpoints panel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from safetensors.numpy import save_file

from dgm_studio.gui.panels.checkpoints.film_mode import FilmMode
from dgm_studio.gui.panels.checkpoints.panel import CheckpointsPanel
from dgm_studio.gui.panels.text.panel import TextPanel
from dgm_studio.gui.panels.trajectories.panel import TrajectoriesPanel
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.driver import Person
from tests.gui.window.test_files import choose, dialog_of, drop, saved, table
from tests.lab.checkpoints.test_foreign_points import CENTRE, straight_to

CTRL = Qt.KeyboardModifier.ControlModifier


def foreign(folder: Path) -> Path:
    """A checkpoint of others."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file({"conv.weight": np.ones((2, 2), np.float32)}, folder / "model.safetensors")
    return folder / "model.safetensors"


def opened(studio: Person, path: Path) -> CheckpointsPanel:
    """The panel in front, once it has that file open or refused."""
    panel = studio.window.panel
    assert isinstance(panel, CheckpointsPanel)
    assert panel.subject.path == str(path)
    studio.until(panel.settled)
    return panel


def test_everything_that_is_dropped_goes_where_it_belongs(
    studio: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.train_by(2)
    own = tmp_path / "own.safetensors"
    saved(studio, monkeypatch, own)
    weights = foreign(tmp_path)
    assert drop(studio, weights)
    panel = opened(studio, weights)
    assert [one.name for one in panel.subject.tensors] == ["conv.weight"]
    studio.window.show_panel("train")
    studio.fresh(lambda: drop(studio, own))
    assert studio.window.panel is studio.panel
    assert studio.step == 2
    (tmp_path / "paper.pdf").write_bytes(b"%PDF-1.7 nothing")
    assert drop(studio, tmp_path / "paper.pdf")
    assert opened(studio, tmp_path / "paper.pdf").subject.refusal is not None
    folder = tmp_path / "unet"
    foreign(folder)
    (folder / "config.json").write_text('{"_class_name": "UNet2DModel"}')
    studio.window.show_panel("latents")
    studio.window.panel.show_mode("train")  # type: ignore[attr-defined]
    assert drop(studio, folder), "a folder with a model is no folder of pictures"
    opened(studio, folder)
    assert folder in studio.window.studio.recent.show()
    (tmp_path / "noise.ckpt").write_bytes(np.random.default_rng(0).bytes(5_000))
    choose(monkeypatch, tmp_path / "noise.ckpt")
    studio.press(Qt.Key.Key_O, CTRL)
    studio.until(lambda: panel.subject.path == str(tmp_path / "noise.ckpt"))
    assert opened(studio, tmp_path / "noise.ckpt").subject.refusal is not None
    assert drop(studio, table(tmp_path / "people.csv"))
    dialog_of(studio).reject()


def test_a_checkpoint_named_on_the_command_line_is_read_while_the_engine_wakes(
    new_window: MakeWindow, tmp_path: Path
) -> None:
    weights = foreign(tmp_path)
    studio = new_window(str(weights), wait=False)
    opened(studio, weights)
    studio.until(lambda: studio.window.studio.run.recipe is not None)
    opened(studio, weights)
    process = studio.window.panel.link.process  # type: ignore[attr-defined]
    assert process is not None
    studio.window.allow_close()
    studio.window.close()
    assert studio.window.panel.link.process is None, "closing ends the reader"  # type: ignore[attr-defined]


def test_other_panels_open_a_file_as_it_was_chosen(studio: Person, tmp_path: Path) -> None:
    points = tmp_path / "to-a-point.pt"
    torch.save(straight_to(CENTRE), points)

    assert drop(studio, points)
    panel = opened(studio, points)
    panel.show_mode("film")
    mode = panel.mode
    assert isinstance(mode, FilmMode)
    studio.until(lambda: mode.empty.button.text() == "Open in Trajectories")
    mode.running.choose("prediction", "eps-x0")
    mode.empty.button.click()
    film = studio.window.panel
    assert isinstance(film, TrajectoriesPanel)
    studio.until(
        lambda: (
            film.film_mode.lane.whole and film.film_mode.guests.now is not None and not film.film_mode.guests.opening
        )
    )
    assert film.film_mode.guests.now is not None
    assert dict(film.film_mode.guests.now.choice) == {"prediction": "eps-x0"}
    first, last = (film.film_mode.lane.frames[place].x - CENTRE.numpy() for place in (0, -1))
    assert np.abs(last).mean() > 2 * np.abs(first).mean(), "the field turned round leads away"

    film.look_wanted.emit("text", str(points), {"candidate": "dcgan"})  # a choice that says it has arrived
    text = studio.window.panel
    assert isinstance(text, TextPanel)
    studio.until(text.banner.isVisible)
    assert "No 'dcgan' can run this file" in text.banner.sentence.text()
