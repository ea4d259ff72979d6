"""Training a model of text in the panel, over the real worker."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from dgm_studio.gui.panels.model_picker import LIVE
from dgm_studio.gui.panels.text.panel import TextPanel
from dgm_studio.gui.panels.text.train_mode import TrainMode
from tests.gui.panels.text.conftest import LENGTH, PATIENCE, TEXT, recipe


@pytest.fixture
def train(panel: TextPanel, qtbot: QtBot) -> TrainMode:
    """A run of the tiny model at step 0, in front."""
    mode = panel.train_mode
    mode.train(recipe())
    panel.show_mode("train")
    qtbot.waitUntil(lambda: mode.run.recipe is not None, timeout=PATIENCE)
    return mode


def test_it_learns_and_shows_its_losses_and_what_it_writes(panel: TextPanel, train: TrainMode, qtbot: QtBot) -> None:
    panel.step(30)
    qtbot.waitUntil(lambda: train.run.step == 30 and not train.run.playing, timeout=PATIENCE)
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)
    assert train.picture.losses.curves["loss"].size == 30
    qtbot.waitUntil(lambda: len(train.readouts.readouts) == 3, timeout=PATIENCE)
    assert {name.split()[0] for name in train.picture.held_out.curves} == {"15%", "50%", "85%"}
    assert train.readouts.held_out.note.full_text() == "nats per token, after step 30"
    for curve in train.picture.held_out.curves.values():
        assert (curve.smooth == curve.values).all(), "rare points are shown as they were measured"
    for plot in (train.picture.losses, train.picture.held_out):
        axes = [plot.plot.getAxis(side).label.toPlainText().strip() for side in ("bottom", "left")]
        assert axes == ["step", "nats per token"]
    assert "step 30" in panel.subtitle.full_text()
    film = train.sample.film
    assert film is not None
    assert film.length == LENGTH
    assert [seen.text for seen in train.picture.cells.looks] == [film.word(int(one)) for one in film.final]


def test_the_learning_rate_is_live_and_the_design_rebuilds(panel: TextPanel, train: TrainMode, qtbot: QtBot) -> None:
    panel.step(3)
    qtbot.waitUntil(lambda: train.run.step == 3 and not train.run.playing, timeout=PATIENCE)
    train.form.forms["training"].rows["learning_rate"].take("0.001")
    qtbot.waitUntil(lambda: train.run.recipe.training_now().get("learning_rate") == 0.001, timeout=PATIENCE)  # type: ignore[union-attr]
    assert train.run.step == 3
    train.form.forms["design"].rows["width"].take("32")
    qtbot.waitUntil(lambda: train.run.recipe.design["width"] == 32, timeout=PATIENCE)  # type: ignore[union-attr]
    assert train.run.step == 0
    assert train.run.recipe is not None
    assert train.run.recipe.training_now()["learning_rate"] == 0.001


def test_it_opens_in_the_film_as_it_now_is(panel: TextPanel, train: TrainMode, qtbot: QtBot) -> None:
    train.readouts.film.click()
    assert panel.mode is panel.film_mode
    assert panel.film_mode.wish.source == LIVE
    qtbot.waitUntil(lambda: panel.film_mode.film is not None and panel.settled(), timeout=PATIENCE)
    assert "step 0" in panel.film_mode.live


def test_a_saved_run_is_a_model_for_the_film(panel: TextPanel, train: TrainMode, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    with qtbot.waitSignal(train.run.saved, timeout=PATIENCE):
        train.run.save(str(path))
    panel.film_mode._offer()
    assert (str(path),) in [entry.id for entry in panel.film_mode.form.model.entries()]
    panel.show_mode("film")
    panel.film_mode.choose(str(path))
    qtbot.waitUntil(lambda: panel.film_mode.film is not None and panel.settled(), timeout=PATIENCE)
    assert panel.film_mode.film is not None


def test_a_text_of_ones_own(panel: TextPanel, train: TrainMode, qtbot: QtBot, tmp_path: Path) -> None:
    own = tmp_path / "own.txt"
    own.write_text(TEXT.replace("king", "queen"), "utf-8")
    assert panel.drop(str(own))
    assert not panel.drop("points.csv")
    qtbot.waitUntil(lambda: train.run.recipe is not None and train.run.recipe.data.title == "own.txt", timeout=PATIENCE)
    assert "own.txt" in panel.subtitle.full_text()
    assert train.form.sets is not None
    assert train.form.sets.current() == "own"


@pytest.mark.parametrize("mode", ["film", "train", "forward"])
def test_a_dropped_text_is_learnt_from_or_refused_in_every_mode(
    panel: TextPanel, train: TrainMode, qtbot: QtBot, tmp_path: Path, mode: str
) -> None:
    files = {
        "own": (TEXT.encode(), "own.txt is read"),
        "empty": (b"", "empty"),
        "binary": (bytes(range(256)), "binary"),
        "short": (b"one two", "has 2 tokens; windows of 12 need 24"),
    }
    for name, (content, sentence) in files.items():
        panel.show_mode(mode)
        path = tmp_path / f"{name}.txt"
        path.write_bytes(content)
        assert panel.drop(str(path))
        assert panel.mode is train
        qtbot.waitUntil(lambda it=sentence: it in panel.banner.sentence.text(), timeout=PATIENCE)  # type: ignore[misc]
        assert panel.banner.isVisible()
    qtbot.waitUntil(lambda: train.run.coming is None, timeout=PATIENCE)
    assert train.run.recipe is not None
    assert train.run.recipe.data.title == "own.txt"


def test_the_status_line_says_that_text_trains(panel: TextPanel, train: TrainMode, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: panel.status.field("state") == "paused", timeout=PATIENCE)
    panel.toggle_play()
    qtbot.waitUntil(lambda: panel.status.field("state") == "training text", timeout=PATIENCE)
    qtbot.waitUntil(lambda: panel.status.field("steps").strip("0 ") not in ("", "steps/s"), timeout=PATIENCE)
    panel.toggle_play()
    qtbot.waitUntil(lambda: panel.status.field("state") == "paused", timeout=PATIENCE)
    panel.show_mode("film")
    panel.film_mode.set_speed(0.1)
    panel.toggle_play()
    qtbot.waitUntil(lambda: panel.status.field("state") == "playing", timeout=PATIENCE)
    panel.toggle_play()
