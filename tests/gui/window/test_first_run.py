"""The first minute: everything is chosen already, Play pulses, the space bar trains."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt

from dgm_studio.core.arrays import Array
from dgm_studio.gui.layers.samples import SamplesLayer
from dgm_studio.gui.panels.train.panel import LIVE_SAMPLES, STILL_SAMPLES
from dgm_studio.gui.theme.theme import Theme
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.driver import Person


def test_data_and_model_are_chosen_and_play_pulses(new_window: MakeWindow, look: Theme) -> None:
    look.motion = "on"
    studio = new_window()
    assert studio.recipe.family == "diffusion"
    assert studio.recipe.preset == "flow-matching"
    assert studio.recipe.data.name == "eight-gaussians"
    assert studio.recipe.step == studio.step == 0
    assert studio.panel.transport.play.pulsing
    assert studio.panel.inputs.family.button.text() == "Flow matching"
    assert studio.panel.inputs.data.current() == "eight-gaussians"
    assert studio.window.windowTitle().startswith("Flow matching")
    assert not studio.window.isWindowModified()
    studio.press(Qt.Key.Key_Space)
    studio.until(lambda: studio.step > 0)
    assert not studio.panel.transport.play.pulsing


def test_space_trains_and_pauses(studio: Person) -> None:
    run = studio.window.studio.run
    studio.press(Qt.Key.Key_Space)
    studio.until(lambda: run.playing and studio.step > 20)
    assert studio.panel.transport.play.playing
    assert not studio.panel.transport.play.pulsing
    studio.press(Qt.Key.Key_Space)
    studio.until(lambda: not run.playing)
    paused_at = studio.step
    studio.settle()
    assert studio.step == paused_at
    assert f"step {paused_at:,}" in studio.panel.transport.tracks["training"].note
    assert studio.window.isWindowModified()


def shown(layer: SamplesLayer) -> Array:
    """The points drawn."""
    points = layer.points()
    assert points is not None
    return points


def test_samples_are_shown_with_their_whole_film(studio: Person) -> None:
    samples = studio.panel.stage.layer("samples")
    assert isinstance(samples, SamplesLayer)
    studio.press(Qt.Key.Key_Space)
    studio.until(lambda: studio.step > 10 and samples.frame_count == int(studio.recipe.sampling["steps"]) + 1)
    studio.until(lambda: len(shown(samples)) == LIVE_SAMPLES)
    studio.press(Qt.Key.Key_Space)
    studio.until(lambda: not studio.window.studio.run.playing)
    studio.settle()
    still = samples.points()
    assert still is not None
    assert still.shape == (STILL_SAMPLES, 2)
    assert np.isfinite(still).all()
    assert samples.frame == samples.frame_count - 1


def test_the_loss_curve_is_what_was_reported(studio: Person) -> None:
    told: dict[str, list[tuple[Array, Array]]] = {}

    def note(values: dict[str, tuple[Array, Array]]) -> None:
        for name, pair in values.items():
            told.setdefault(name, []).append(pair)

    studio.window.studio.run.values.connect(note)
    studio.train_to(60)
    curves = studio.panel.numbers.loss.curves
    assert set(curves) == set(told) == {"loss"}
    steps, values = (np.concatenate(parts) for parts in zip(*told["loss"], strict=True))
    assert np.array_equal(curves["loss"].steps, steps)
    assert np.array_equal(curves["loss"].values, values)
    assert np.array_equal(steps, np.arange(1, studio.step + 1))
