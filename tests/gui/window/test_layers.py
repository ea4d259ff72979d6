"""What the stage draws is what the model says at that step: arrays equal to a headless computation."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt

from dgm_studio.gui.layers.error import ErrorLayer
from dgm_studio.gui.layers.exact import ExactLayer
from dgm_studio.gui.layers.field import FieldLayer
from dgm_studio.gui.layers.samples import SamplesLayer
from tests.gui.window.driver import Person
from tests.gui.window.headless import picture, trained


@pytest.mark.parametrize("at", ["end", "middle"])
def test_learned_exact_and_error_are_the_models_own(studio: Person, at: str) -> None:
    studio.show_only("samples", "velocity", "exact", "error")
    studio.train_by(21)
    studio.settle()
    if at == "middle":
        studio.panel.transport.scrubbed.emit("sampling", 9.0)
        studio.settle()
    run = trained(studio.recipe)
    asks = {ask.key: ask for ask in studio.panel.asks()}
    stage = studio.panel.stage
    samples, field, exact, error = (stage.layer(name) for name in ("samples", "velocity", "exact", "error"))
    assert isinstance(samples, SamplesLayer)
    assert isinstance(field, FieldLayer)
    assert isinstance(exact, ExactLayer)
    assert isinstance(error, ErrorLayer)
    frames = picture(run, asks["samples"]).arrays["frames"]
    assert np.array_equal(samples.points(), frames[samples.frame])  # type: ignore[arg-type]
    learned = picture(run, asks["velocity"]).arrays
    assert field.arrows is not None
    assert np.array_equal(field.arrows[0], learned["x"])
    assert np.array_equal(field.arrows[1], learned["v"])
    truth = picture(run, asks["velocity:exact"]).arrays["v"]
    assert np.array_equal(exact._pictures["velocity:exact"].arrays["v"], truth)
    assert not np.array_equal(truth, learned["v"])
    assert error.values is not None
    assert np.array_equal(error.values, picture(run, asks["velocity:error"]).arrays["values"])


def test_scrubbing_the_sampling_shows_its_frames(studio: Person) -> None:
    studio.show_only("samples")
    studio.train_by(5)
    studio.settle()
    samples = studio.panel.stage.layer("samples")
    assert isinstance(samples, SamplesLayer)
    ask = next(ask for ask in studio.panel.asks() if ask.view == "samples")
    frames = picture(trained(studio.recipe), ask).arrays["frames"]
    studio.press(Qt.Key.Key_Down)
    assert studio.panel.transport.active == "sampling"
    studio.press(Qt.Key.Key_Home)
    assert np.array_equal(samples.points(), frames[0])  # type: ignore[arg-type]
    studio.press(Qt.Key.Key_Right)
    assert np.array_equal(samples.points(), frames[1])  # type: ignore[arg-type]
    studio.press(Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert np.array_equal(samples.points(), frames[11])  # type: ignore[arg-type]
    studio.press(Qt.Key.Key_Left)
    assert np.array_equal(samples.points(), frames[10])  # type: ignore[arg-type]
    studio.press(Qt.Key.Key_End)
    assert np.array_equal(samples.points(), frames[-1])  # type: ignore[arg-type]
    assert studio.step == 5, "the training stood still"


def test_divergence_is_caught_and_can_be_mended(studio: Person) -> None:
    studio.show_only("data", "samples")
    studio.train_by(30)
    studio.type_knob("training", "learning_rate", "1000")
    studio.until(lambda: bool(studio.recipe.edits))
    studio.panel.stage.setFocus()
    studio.press(Qt.Key.Key_Space)
    studio.until(studio.panel.banner.isVisible)
    banner = studio.panel.banner
    assert banner.failed
    assert len(banner.sentence.text()) > 30
    assert banner.buttons()[0].text() == "Go back and halve the learning rate"
    assert banner.details.toPlainText().startswith("Traceback")
    studio.click(banner.buttons()[0])
    studio.until(lambda: studio.window.studio.run.playing)
    assert not banner.isVisible()
    went_on = studio.step
    studio.until(lambda: studio.step > went_on + 20)
    studio.press(Qt.Key.Key_Space)
    studio.until(lambda: not studio.window.studio.run.playing)
    studio.settle()
    assert float(studio.recipe.training_now()["learning_rate"]) < 1000
    samples = studio.panel.stage.layer("samples")
    assert isinstance(samples, SamplesLayer)
    assert np.isfinite(samples.points()).all()  # type: ignore[arg-type]
    curve = studio.panel.numbers.loss.curves["loss"]
    assert np.isfinite(curve.values).all()
    assert curve.steps.tolist() == list(range(1, studio.step + 1)), "the steps that were undone are gone"
