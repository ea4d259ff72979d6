"""The large-sample reference against the truth it stands in for: a known mixture that the scene is not told of."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from dgm_studio.core.ask import ERROR, EXACT, Ask
from dgm_studio.core.slow import finish
from dgm_studio.data import data_sets
from dgm_studio.data.mixture import Mixture
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views import views
from dgm_studio.lab.views.view import Shown
from dgm_studio.paths.exact import ExactField
from tests.lab.views.scenes import exact_diffusion, fit_of, scene_of

BOX = (-4.0, 4.0, -4.0, 4.0)


def show(scene: Scene, ask: Ask) -> Shown:
    assert views()[ask.view].refuses(scene, ask) == ""
    return finish(views()[ask.view].compute(scene, ask))


@pytest.fixture(scope="module")
def untold() -> tuple[Scene, ExactField]:
    """A perfect model of the eight Gaussians, in a scene that knows of them only by samples; and the truth."""
    mixture = data_sets()["eight-gaussians"].mixture()
    assert mixture is not None
    scene = scene_of(fit_of("diffusion"), model=exact_diffusion(mixture))
    assert scene.exact is not None
    finite = Mixture.of_points(scene.points.double().numpy())
    return replace(scene, mixture=finite, exact=ExactField(finite, scene.exact.path)), scene.exact


@pytest.mark.parametrize("t", [0.3, 0.7])
def test_the_reference_field_is_the_true_one_within_its_floor(untold: tuple[Scene, ExactField], t: float) -> None:
    scene, truth = untold
    shown = show(scene, Ask("velocity", EXACT, t=t))
    assert "reference from 20,000 fresh samples" in shown.note
    x = torch.from_numpy(shown.arrays["x"].copy()).double()
    time_ = torch.tensor(t, dtype=torch.float64)
    # Where p_t lives: far outside the nearest sample decides, and no two samples agree.
    near = truth.log_density(x, time_) > -5
    true = truth.velocity(x, time_)[near]
    gap = torch.from_numpy(shown.arrays["v"].copy()).double()[near] - true
    assert float(gap.norm() / true.norm()) < 0.05


@pytest.mark.parametrize("t", [0.3, 0.7, 0.9])
def test_a_perfect_model_shows_about_the_floor(untold: tuple[Scene, ExactField], t: float) -> None:
    numbers = show(untold[0], Ask("field_error", t=t)).numbers
    assert 0.5 < numbers["relative_l2"] / numbers["floor"] < 2.0
    assert numbers["floor"] < 0.35


def test_the_model_s_error_is_not_measured_at_the_reference_s_own_samples(untold: tuple[Scene, ExactField]) -> None:
    """Against the training points themselves a perfect model of the law would seem far worse close to t = 1."""
    scene, _ = untold
    own = replace(scene, data_set=None, memo={}, data_memo={})
    memorising = show(own, Ask("field_error", t=0.95)).numbers
    assert "floor" not in memorising
    assert memorising["relative_l2"] > 1.5 * show(scene, Ask("field_error", t=0.95)).numbers["relative_l2"]


@pytest.mark.parametrize("t", [0.4, 0.8])
def test_the_reference_density_is_the_true_one_within_its_floor(untold: tuple[Scene, ExactField], t: float) -> None:
    scene, truth = untold
    error = show(scene, Ask("density", ERROR, BOX, 40, t))
    exact = show(scene, Ask("density", EXACT, BOX, 32, t))
    centres = torch.arange(32, dtype=torch.float64) * 0.25 - 3.875
    x = torch.stack([centres.repeat(32), centres.repeat_interleave(32)], dim=1)
    true = truth.log_density(x, torch.tensor(t, dtype=torch.float64)).exp().numpy().reshape(32, 32)
    gap = np.linalg.norm(exact.arrays["values"] - true) / np.linalg.norm(true)
    assert gap < 2 * error.numbers["floor"] + 0.01
    assert 0 < error.numbers["floor"] < 0.1
    assert exact.numbers["integral"] == pytest.approx(1.0, abs=0.01)
    assert "floor" in error.note
    assert "no closed form" in exact.note


def test_data_without_a_density_get_kernels_at_the_data_s_end() -> None:
    """The segment has no density in the plane: what is shown is an estimate, and says so."""
    scene = scene_of(fit_of("diffusion", "line"), "line")
    shown = show(scene, Ask("density", EXACT, BOX, 64, 1.0))
    assert "by kernels" in shown.note
    assert shown.numbers["integral"] == pytest.approx(1.0, abs=0.02)


def test_what_is_known_in_closed_form_is_no_reference() -> None:
    moons, mixture = scene_of(fit_of("diffusion", "moons"), "moons"), scene_of(fit_of("diffusion"))
    assert "exact density of the data's law" in show(moons, Ask("density", EXACT, resolution=16)).note
    assert "reference" not in show(mixture, Ask("velocity", EXACT, t=0.5)).note
    painted = replace(moons, data_set=None)
    assert "noised training points" in show(painted, Ask("density", EXACT, resolution=16, t=0.5)).note
    assert "reference" not in show(painted, Ask("velocity", EXACT, t=0.5)).note


def test_the_best_discriminator_of_data_without_a_density_uses_the_reference() -> None:
    scene = scene_of(fit_of("gan", "line"), "line")
    shown = show(scene, Ask("critic", EXACT, resolution=24))
    assert "p from 20,000 fresh samples (no closed form)" in shown.note
    assert 0 <= shown.arrays["values"].min() < shown.arrays["values"].max() <= 1


@pytest.mark.parametrize(
    "ask",
    [Ask("density", ERROR, BOX, 128, 0.6), Ask("velocity", ERROR, BOX, 128, 0.6), Ask("field_error", t=0.6)],
)
def test_slices_are_short(untold: tuple[Scene, ExactField], ask: Ask) -> None:
    scene = replace(untold[0], model=fit_of("diffusion").shadow(), memo={}, data_memo={})
    slow, spent = views()[ask.view].compute(scene, ask), []
    while True:
        begun = time.process_time()
        try:
            next(slow)
        except StopIteration:
            break
        spent.append(time.process_time() - begun)
    # The slowest slice but two: a process this size is held up now and then by the collector.
    assert sorted(spent)[-3] < 0.05
