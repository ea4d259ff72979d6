"""What every view owes: frozen arrays, short slices, no trace in the trainer, sentences where it refuses."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import replace

import numpy as np
import pytest
import torch

from dgm_studio.core.ask import ERROR, EXACT, LEARNED, Ask
from dgm_studio.core.knobs import fill
from dgm_studio.core.slow import finish
from dgm_studio.data import data_sets
from dgm_studio.families import families
from dgm_studio.families.fit import Fit
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views import views
from dgm_studio.lab.views.view import Shown
from tests.lab.views.scenes import SMALL, fit_of, scene_of

VARIANTS = {"density": 3, "velocity": 3, "score": 3, "critic": 3}
ASKS = [
    Ask(name, variant, resolution=24, t=t, count=300)
    for name in sorted(views())
    if views()[name].takes == "points"
    for variant in (LEARNED, EXACT, ERROR)[: VARIANTS.get(name, 1)]
    for t in (0.5, 1.0)
]
FAMILIES = sorted(SMALL)


def possible(scene: Scene) -> list[Ask]:
    return [ask for ask in ASKS if not views()[ask.view].refuses(scene, ask)]


def test_every_family_has_a_scene_here() -> None:
    assert set(families()) >= set(SMALL)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("data", ["eight-gaussians", "moons", "mixture-1d", "uniform-1d"])
def test_arrays_are_frozen_and_finite_and_slices_short(family: str, data: str) -> None:
    if families()[family].refuses_data(data_sets()[data].draw(1, np.random.default_rng(0)).points.shape[1], 2):
        pytest.skip("this family cannot learn points of a line")
    scene = scene_of(fit_of(family, data), data)
    shown_kinds = set()
    for ask in possible(scene):
        shown_kinds.add(ask.view)
        shown, worst = _timed(views()[ask.view].compute(scene, ask))
        assert worst < 0.25, ask
        for name, array in shown.arrays.items():
            assert array.dtype == (np.int64 if name == "labels" else np.float32), (ask, name)
            assert not array.flags.writeable, (ask, name)
            assert np.isfinite(array).all(), (ask, name)
        assert all(np.isfinite(value) for value in shown.numbers.values()), ask
        assert shown.arrays or shown.numbers or shown.lines
    assert {"data", "samples", "distance", "coverage"} <= shown_kinds


def _timed(slow: Generator[None, None, Shown]) -> tuple[Shown, float]:
    worst = 0.0
    while True:
        begun = time.perf_counter()
        try:
            next(slow)
        except StopIteration as stop:
            shown: Shown = stop.value
            return shown, max(worst, time.perf_counter() - begun)
        worst = max(worst, time.perf_counter() - begun)


@pytest.mark.parametrize("family", FAMILIES)
def test_looking_leaves_training_bit_identical(family: str) -> None:
    """Slices of every view between beats of a run: same weights, same random numbers, gradients on."""
    alone, watched = fit_of(family), fit_of(family)
    beats = watched.beats()
    count = 0
    for ask in possible(scene_of(watched)):
        slow = views()[ask.view].compute(scene_of(watched), replace(ask, resolution=12, count=60))
        for _ in slow:
            assert torch.is_grad_enabled(), ask
            if count < 150:
                next(beats)
                count += 1
    assert torch.is_grad_enabled()
    plain = alone.beats()
    for _ in range(count):
        next(plain)
    assert count > 20
    _same(alone, watched)


def _same(one: Fit, other: Fit) -> None:
    left, right = one.state()[0], other.state()[0]
    assert left.keys() == right.keys()
    for name in left:
        assert torch.equal(left[name], right[name]), name


@pytest.mark.parametrize("family", FAMILIES)
def test_a_view_left_half_way_leaves_gradients_on(family: str) -> None:
    scene = scene_of(fit_of(family))
    for ask in possible(scene):
        slow = views()[ask.view].compute(scene, ask)
        next(slow, None)
        slow.close()
        assert torch.is_grad_enabled(), ask


@pytest.mark.parametrize("family", FAMILIES)
def test_pictures_do_not_follow_the_weights_that_train_on(family: str) -> None:
    fit = fit_of(family)
    scene = scene_of(fit)
    shown = [finish(views()[ask.view].compute(scene, ask)) for ask in possible(scene)]
    before = [{name: array.copy() for name, array in one.arrays.items()} for one in shown]
    with torch.no_grad():
        for weight in scene.model.parameters():
            weight.add_(1.0)
        scene.points.add_(1.0)
    for one, kept in zip(shown, before, strict=True):
        for name, array in kept.items():
            np.testing.assert_array_equal(one.arrays[name], array)


@pytest.mark.parametrize(
    ("family", "data", "ask", "words"),
    [
        ("gan", "eight-gaussians", Ask("density"), "GAN has no"),
        ("gan", "eight-gaussians", Ask("velocity"), "GAN has no velocity"),
        ("diffusion", "eight-gaussians", Ask("critic", EXACT), "has no critic"),
        ("realnvp", "eight-gaussians", Ask("density", t=0.5), "no noised marginals"),
        ("realnvp", "eight-gaussians", Ask("loss_floor"), "has no loss floor"),
        ("diffusion", "moons", Ask("velocity", EXACT, t=1.0), "below 1"),
        ("diffusion", "moons", Ask("field_error", t=1.0), "below 1"),
    ],
)
def test_refusals_are_sentences(family: str, data: str, ask: Ask, words: str) -> None:
    reason = views()[ask.view].refuses(scene_of(fit_of(family, data), data), ask)
    assert words in reason
    assert reason.endswith(".")


def test_painted_points_have_no_density_at_the_data_s_end() -> None:
    painted = replace(scene_of(fit_of("diffusion", "moons"), "moons"), data_set=None)
    density = views()["density"]
    assert "move the time below 1" in density.refuses(painted, Ask("density", EXACT, t=1.0))
    assert density.refuses(painted, Ask("density", EXACT, t=0.9)) == ""
    flow = replace(scene_of(fit_of("realnvp", "moons"), "moons"), data_set=None)
    assert "known density" in density.refuses(flow, Ask("density", ERROR))


def test_a_latent_of_another_dimension_has_no_grid() -> None:
    kind = families()["gan"]
    fit = fit_of("gan")
    model = kind(fill(kind.Design, {**SMALL["gan"], "latent": 3}), 2)
    reason = views()["grid"].refuses(scene_of(fit, model=model), Ask("grid"))
    assert "3 dimensions" in reason


def test_too_few_points_for_a_distance() -> None:
    scene = replace(scene_of(fit_of("realnvp", count=20)), data_set=None)
    assert "20 points are too few" in views()["distance"].refuses(scene, Ask("distance"))


def test_the_truth_is_computed_once_for_all_scenes() -> None:
    fit = fit_of("diffusion", "moons")
    first, second = scene_of(fit, "moons"), scene_of(fit, "moons")
    second.data_memo = first.data_memo
    ask = Ask("velocity", EXACT, t=0.5)
    one, two = finish(views()["velocity"].compute(first, ask)), views()["velocity"].compute(second, ask)
    assert sum(1 for _ in two) == 0
    held = len(first.data_memo)
    for t in (0.1, 0.2, 0.3):
        finish(views()["velocity"].compute(second, replace(ask, t=t)))
    assert len(first.data_memo) == held
    assert one.arrays["v"].shape == (441, 2)
