"""Models of text in the window: their files open among texts, and their training is asked for and saved."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.starting import starting_recipe
from dgm_studio.data.text import corpus as corpus_module
from dgm_studio.gui.panels.text.panel import TextPanel
from dgm_studio.gui.panels.text.train_mode import TrainMode
from dgm_studio.gui.settings import session_file
from dgm_studio.lab import text_data
from dgm_studio.lab.native import load, save
from dgm_studio.lab.run import Run
from tests.gui.panels.text.conftest import recipe as text_recipe
from tests.gui.window.conftest import MakeWindow, shut
from tests.gui.window.driver import Answers, Person
from tests.gui.window.test_files import CTRL, choose, drop, saved


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of a tiny model of text."""
    return save(Run(text_recipe(), "cpu"), tmp_path_factory.mktemp("text") / "tiny.safetensors")


def texts(studio: Person) -> TextPanel:
    panel = studio.window.build("text")
    assert isinstance(panel, TextPanel)
    return panel


def assert_filmed(studio: Person, model: Path) -> None:
    """The Text panel is in front with a film of the model; the run of points is what it was."""
    panel = texts(studio)
    studio.until(lambda: studio.window.panel is panel and panel.film_mode.film is not None)
    assert panel.mode is panel.film_mode
    assert panel.film_mode.wish.source == str(model)
    assert not panel.banner.isVisible()
    assert studio.recipe.family == "diffusion"
    assert model in studio.window.studio.recent.show()
    studio.until(lambda: not panel.film_mode.lane.making)


@pytest.fixture
def training(studio: Person) -> TrainMode:
    """A tiny run of text in front, after three steps."""
    mode = texts(studio).train_mode
    studio.window.show_panel("text")
    mode.train(text_recipe())
    texts(studio).show_mode("train")
    studio.until(lambda: mode.run.recipe is not None)
    studio.window.panel.step(3)
    studio.until(lambda: mode.run.step == 3 and not mode.run.playing)
    return mode


def test_ctrl_o_and_a_drop_open_a_model_of_text_among_texts(
    studio: Person, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(monkeypatch, model)
    studio.press(Qt.Key.Key_O, CTRL)
    assert_filmed(studio, model)
    other = tmp_path / "other.safetensors"
    other.write_bytes(model.read_bytes())
    studio.window.show_panel("train")
    assert drop(studio, other)
    assert_filmed(studio, other)


def test_a_model_of_text_on_the_command_line(new_window: MakeWindow, model: Path) -> None:
    assert_filmed(new_window(str(model)), model)


def test_what_is_opened_before_the_engine_is_awake_is_opened_then(new_window: MakeWindow, model: Path) -> None:
    studio = new_window(wait=False)
    assert studio.window.studio.catalogue is None
    studio.window.files.open(str(model))
    studio.until(lambda: studio.window.studio.run.recipe is not None)
    assert_filmed(studio, model)


def test_a_model_of_points_is_not_dropped_among_texts(
    studio: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.train_by(5)
    file = tmp_path / "points.safetensors"
    saved(studio, monkeypatch, file)
    studio.window.show_panel("text")
    studio.fresh(lambda: drop(studio, file))
    assert studio.window.panel is studio.panel
    assert studio.step == 5


def test_ctrl_s_saves_the_run_of_text(
    studio: Person, training: TrainMode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "mine.safetensors"
    choose(monkeypatch, file)
    studio.press(Qt.Key.Key_S, CTRL)
    studio.until(lambda: training.run.unsaved == 0)
    assert load(str(file), "cpu").recipe.family == "masked-text"
    assert str(file) in texts(studio).banner.sentence.text()
    assert studio.window.studio.run.path == ""
    studio.window.panel.step(2)
    studio.until(lambda: training.run.step == 5 and not training.run.playing)
    choose(monkeypatch, "")
    studio.press(Qt.Key.Key_S, CTRL)
    studio.until(lambda: training.run.unsaved == 0)
    assert load(str(file), "cpu").recipe.step == 5


def test_a_film_is_not_saved_but_closing_asks_for_the_run_of_text(studio: Person, training: TrainMode) -> None:
    texts(studio).show_mode("forward")
    studio.press(Qt.Key.Key_S, CTRL)
    assert "Ctrl+E" in texts(studio).banner.sentence.text()
    said = Answers("Cancel")
    studio.window.close()
    assert "3 steps of Masked diffusion on cycle.txt" in said.said
    assert studio.window.isVisible()
    said = Answers("Discard")
    studio.window.close()
    assert "Save before closing?" in said.said
    assert not studio.window.isVisible()


def test_closing_saves_both_runs_in_turn(
    studio: Person, training: TrainMode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.window.show_panel("train")
    studio.train_by(4)
    points, text = tmp_path / "points.safetensors", tmp_path / "text.safetensors"
    choose(monkeypatch, points)
    first = Answers("Save")
    studio.window.close()
    assert "4 steps of" in first.said
    assert studio.window.isVisible(), "the second question comes when the first run is on disk"
    choose(monkeypatch, text)
    second = Answers("Save")
    studio.until(lambda: not studio.window.isVisible())
    assert "3 steps of Masked diffusion" in second.said
    assert load(str(points), "cpu").recipe.step == 4
    assert load(str(text), "cpu").recipe.step == 3


def test_a_session_with_a_run_of_text_comes_back(new_window: MakeWindow, model: Path) -> None:
    studio = new_window()
    mode = texts(studio).train_mode
    studio.window.show_panel("text")
    mode.train(text_recipe())
    texts(studio).show_mode("train")
    studio.until(lambda: mode.run.recipe is not None)
    shut(studio.window)
    # As a studio wrote it that opened texts in the run of points.
    held = session_file().read_text("utf-8")
    assert '"path": ""' in held
    session_file().write_text(held.replace('"path": ""', f'"path": "{model}"'), "utf-8")
    again = new_window()
    assert again.window.panel is texts(again)
    assert texts(again).mode is texts(again).train_mode
    assert again.recipe.family == "diffusion"
    studio.until(lambda: texts(again).train_mode.run.recipe is not None)


def test_closing_while_a_text_is_cut(studio: Person) -> None:
    corpus_module._shipped.clear()
    text_data._vocabularies.clear()
    text_data._cuts.clear()
    catalogue = studio.window.studio.catalogue
    assert catalogue is not None
    worker = studio.window.studio.link.worker
    mode = texts(studio).train_mode
    mode.train(starting_recipe(catalogue.texts["masked-text"], "", DataSpec("kjv"), 0))
    studio.until(lambda: bool(worker._coming))
    began = time.monotonic()
    studio.window.close()
    assert time.monotonic() - began < 1.0
    assert not worker.alive
    assert not text_data._cuts
