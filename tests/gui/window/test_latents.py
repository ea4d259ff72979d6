"""Models of pictures in the window: their files open in the Latents panel, wherever one asks for them."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from dgm_studio.gui.panels.latents.panel import LatentsPanel
from dgm_studio.lab.native import save
from dgm_studio.lab.run import Run
from tests.gui.window.conftest import MakeWindow, shut
from tests.gui.window.driver import Person
from tests.gui.window.test_files import CTRL, choose, drop, saved
from tests.pictures import picture_recipe


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of a tiny model of pictures."""
    return save(Run(picture_recipe("vae"), "cpu"), tmp_path_factory.mktemp("pictures") / "tiny.safetensors")


def latents(studio: Person) -> LatentsPanel:
    panel = studio.window.build("latents")
    assert isinstance(panel, LatentsPanel)
    return panel


def assert_open(studio: Person, model: Path) -> None:
    """The Latents panel is in front with a path through the model; the run of points is what it was."""
    panel = latents(studio)
    studio.until(lambda: studio.window.panel is panel and panel.lane.report is not None)
    studio.until(lambda: panel.lane.report is not None and panel.lane.report.source == str(model))
    studio.until(panel.settled)
    assert panel.source == str(model)
    assert panel.scrub_mode.show.picture.tile.pixels is not None
    assert not panel.banner.isVisible()
    assert studio.recipe.family == "diffusion"
    assert model in studio.window.studio.recent.show()


def test_ctrl_o_and_a_drop_open_a_model_of_pictures(
    studio: Person, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(monkeypatch, model)
    studio.press(Qt.Key.Key_O, CTRL)
    assert_open(studio, model)
    other = tmp_path / "other.safetensors"
    other.write_bytes(model.read_bytes())
    studio.window.show_panel("train")
    assert drop(studio, other)
    assert_open(studio, other)
    file = tmp_path / "points.safetensors"
    studio.window.show_panel("train")
    studio.train_by(2)
    saved(studio, monkeypatch, file)
    studio.window.show_panel("latents")
    studio.fresh(lambda: drop(studio, file))
    assert studio.window.panel is studio.panel, "a run of points is shown where it can be seen"


def test_on_the_command_line_and_in_the_next_session(new_window: MakeWindow, model: Path) -> None:
    studio = new_window(str(model))
    assert_open(studio, model)
    studio.press(Qt.Key.Key_4)  # without the path
    latents(studio).step(5)
    shut(studio.window)
    again = new_window()
    assert_open(again, model)
    assert "path" not in latents(again).scrub_mode.show.picture.plane.shown


def test_the_panel_opens_on_a_model_that_ships(studio: Person) -> None:
    studio.window.show_panel("latents")
    panel = latents(studio)
    studio.until(lambda: panel.lane.report is not None)
    assert panel.source == "fashion-vae"
    studio.until(panel.settled)
    strip = panel.scrub_mode.show.strip
    assert strip is not None
    assert strip.pixels.shape == (64, 1, 28, 28)
    studio.press(Qt.Key.Key_Right)
    assert panel.scrub_mode.show.index == 1
    studio.press(Qt.Key.Key_S, CTRL)
    assert "Ctrl+E" in panel.banner.sentence.text()
