"""Views against closed forms: a diffusion that knows its mixture, and direct calls of a real one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from dgm_studio.core.ask import ERROR, EXACT, Ask
from dgm_studio.core.slow import finish
from dgm_studio.data import data_sets
from dgm_studio.families.family import Family
from dgm_studio.families.fit import Fit
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views import views
from dgm_studio.lab.views.kde import fit_kde
from dgm_studio.lab.views.view import Shown
from dgm_studio.solvers.solver import State
from tests.lab.views.scenes import exact_diffusion, fit_of, scene_of


def show(scene: Scene, ask: Ask) -> Shown:
    view = views()[ask.view]
    assert view.refuses(scene, ask) == ""
    return finish(view.compute(scene, ask))


@pytest.fixture(scope="module")
def perfect() -> Scene:
    mixture = data_sets()["eight-gaussians"].mixture()
    assert mixture is not None
    fit = fit_of("diffusion")
    return scene_of(fit, model=exact_diffusion(mixture), solver="heun", steps=30, density_steps=20)


@pytest.mark.parametrize("field", ["velocity", "score"])
@pytest.mark.parametrize("t", [0.0, 0.4, 1.0])
def test_a_perfect_field_has_no_error(perfect: Scene, field: str, t: float) -> None:
    ask = Ask(field, t=t, resolution=16)
    learned, exact, error = (show(perfect, replace(ask, variant=v)) for v in ("learned", EXACT, ERROR))
    assert learned.arrays["v"].shape == learned.arrays["x"].shape == (21 * 21, 2)
    scale = np.abs(exact.arrays["v"]).max()
    assert ("just inside" in learned.note) == (t != 0.4)
    # At the data's end float32 conversions divide by s = 1e-3.
    tolerance = 1e-4 if t == 1.0 else 1e-6
    np.testing.assert_allclose(learned.arrays["v"], exact.arrays["v"], atol=tolerance * scale)
    assert error.arrays["values"].shape == (16, 16)
    assert error.numbers["relative_l2"] < tolerance


def test_score_at_the_noise_end_is_that_of_the_prior(perfect: Scene) -> None:
    shown = show(perfect, Ask("score", EXACT, t=0.0))
    np.testing.assert_allclose(shown.arrays["v"], -shown.arrays["x"], atol=5e-3 * 4)


def test_arrows_lie_on_cell_centres_of_the_box(perfect: Scene) -> None:
    x = show(perfect, Ask("velocity", box=(-4.2, 4.2, -2.0, 2.0), t=0.5)).arrays["x"]
    assert x.shape == (21 * 10, 2)
    np.testing.assert_allclose(x[0], (-4.0, -1.8), atol=1e-6)
    np.testing.assert_allclose(x[1], (-3.6, -1.8), atol=1e-6)
    np.testing.assert_allclose(x[-1], (4.0, 1.8), atol=1e-6)


def test_the_error_map_is_learned_minus_exact() -> None:
    scene = scene_of(fit_of("diffusion"))
    ask = Ask("velocity", ERROR, resolution=21, t=0.3)
    learned, exact = (show(scene, replace(ask, variant=v)).arrays["v"] for v in ("learned", EXACT))
    size = np.linalg.norm(learned - exact, axis=1).reshape(21, 21)
    np.testing.assert_allclose(show(scene, ask).arrays["values"], size, rtol=1e-4, atol=1e-5)


def test_field_error_is_the_ratio_of_norms_over_the_marginal() -> None:
    scene = scene_of(fit_of("diffusion"))
    assert scene.exact is not None
    x = scene.exact.draw(20_000, 0.5, torch.Generator().manual_seed(11))
    t = torch.tensor(0.5)
    with torch.no_grad():
        learned = scene.model.velocity(x, t)  # type: ignore[operator]
    exact = scene.exact.velocity(x, t)
    expected = float((learned - exact).norm() / exact.norm())
    found = show(scene, Ask("field_error", t=0.5)).numbers["relative_l2"]
    assert found == pytest.approx(expected, rel=0.05)


def test_maps_have_x_along_columns_and_y_along_rows() -> None:
    scene = scene_of(fit_of("diffusion", "two-gaussians"), "two-gaussians")
    values = show(scene, Ask("density", EXACT, box=(-4, 2, -3, 5), resolution=20)).arrays["values"]
    i, j = 13, 4
    point = np.array([[-4 + (j + 0.5) * 6 / 20, -3 + (i + 0.5) * 8 / 20]])
    assert values[i, j] == pytest.approx(float(np.exp(scene.mixture.log_density(point)[0])), rel=1e-5)


def test_density_of_a_perfect_flow_is_the_exact_one(perfect: Scene) -> None:
    # At t = 0.6 the marginal is smooth on the lattice and twenty RK4 steps resolve the flow.
    ask = Ask("density", t=0.6, resolution=24)
    learned, exact, error = (show(perfect, replace(ask, variant=v)) for v in ("learned", EXACT, ERROR))
    peak = exact.arrays["values"].max()
    np.testing.assert_allclose(learned.arrays["values"], exact.arrays["values"], atol=5e-5 * peak)
    assert learned.numbers["integral"] == pytest.approx(1.0, abs=1e-5)
    assert exact.numbers["integral"] == pytest.approx(1.0, abs=1e-5)
    assert error.numbers["relative_l2"] < 5e-5
    assert "ODE" in learned.note


def test_a_slow_density_says_its_true_resolution() -> None:
    shown = show(scene_of(fit_of("diffusion"), density_steps=2), Ask("density", resolution=64))
    assert shown.arrays["values"].shape == (32, 32)
    assert "32 × 32" in shown.note


def test_density_error_is_the_signed_difference() -> None:
    scene = scene_of(fit_of("realnvp"))
    ask = Ask("density", resolution=40)
    learned, exact, error = (show(scene, replace(ask, variant=v)) for v in ("learned", EXACT, ERROR))
    gap = learned.arrays["values"] - exact.arrays["values"]
    np.testing.assert_allclose(error.arrays["values"], gap, atol=1e-6)
    expected = np.linalg.norm(gap) / np.linalg.norm(exact.arrays["values"])
    assert error.numbers["relative_l2"] == pytest.approx(expected, rel=1e-4)
    assert gap.min() < 0 < gap.max()


def test_an_untrained_flow_integrates_to_one() -> None:
    shown = show(scene_of(fit_of("realnvp")), Ask("density", box=(-12, 12, -12, 12), resolution=200))
    assert shown.numbers["integral"] == pytest.approx(1.0, abs=5e-3)


def test_exact_density_of_a_set_that_is_no_mixture() -> None:
    scene = scene_of(fit_of("realnvp", "checkerboard"), "checkerboard")
    shown = show(scene, Ask("density", EXACT, resolution=64))
    assert shown.numbers["integral"] == pytest.approx(1.0, abs=0.05)
    assert len(np.unique(shown.arrays["values"])) == 2


def test_grid_is_the_closed_form_map_of_a_gaussian() -> None:
    """For N(m, S) the flow is x(1) = m + S(1)^1/2 S(0)^-1/2 x(0) (CONVENTIONS.md), on the straight path."""
    mixture = data_sets()["gaussian"].mixture()
    assert mixture is not None
    scene = scene_of(fit_of("diffusion", "gaussian"), "gaussian", exact_diffusion(mixture), solver="rk4", steps=60)
    shown = show(scene, Ask("grid"))
    frames = shown.arrays["frames"]
    assert frames.shape == (61, 42, 41, 2)
    assert shown.arrays["t"][0] == 0.0
    assert shown.arrays["t"][-1] == 1.0
    start = frames[0].reshape(-1, 2)
    assert np.abs(start).max() == pytest.approx(2.5)
    values, vectors = np.linalg.eigh(mixture.covariances[0])
    root = vectors @ np.diag(np.sqrt(values)) @ vectors.T
    expected = mixture.means[0] + start @ root.T
    np.testing.assert_allclose(frames[-1].reshape(-1, 2), expected, atol=2e-2)


def test_samples_are_the_model_s_own_walk_and_the_same_each_time() -> None:
    scene = scene_of(fit_of("diffusion"), steps=5)
    shown = show(scene, Ask("samples", count=50))
    assert shown.arrays["frames"].shape == (6, 50, 2)
    assert shown.numbers["evaluations"] == 5
    model, sampling = scene.model, scene.sampling
    start = model.prior(50, scene.generator(1))
    last = list(model.walk(start, sampling, scene.generator(2)))[-1]
    np.testing.assert_array_equal(shown.arrays["frames"][-1], last.x.numpy())
    scene.memo.clear()
    np.testing.assert_array_equal(shown.arrays["frames"], show(scene, Ask("samples", count=50)).arrays["frames"])


def test_read_outs_share_one_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = scene_of(fit_of("realnvp"))
    walks = []
    kind = type(scene.model)
    walk = kind.walk

    def counted(self: Family, start: torch.Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        walks.append(len(start))
        return walk(self, start, sampling, generator)

    monkeypatch.setattr(kind, "walk", counted)
    for name in ("samples", "distance", "coverage"):
        show(scene, Ask(name, count=300))
    assert walks == [300]


def test_a_perfect_model_is_as_far_as_chance(perfect: Scene) -> None:
    shown = show(perfect, Ask("distance", count=2_000)).numbers
    assert shown["n"] == 2_000
    assert shown["low"] <= shown["sliced_w2"] <= shown["high"]
    assert 0 < shown["floor"] < shown["floor_high"]
    assert shown["sliced_w2"] < 1.5 * shown["floor_high"]
    assert show(perfect, Ask("coverage", count=2_000)).numbers == {"covered": 8.0, "modes": 8.0}


def test_an_untrained_model_is_far_and_covers_little() -> None:
    scene = scene_of(fit_of("realnvp"))
    numbers = show(scene, Ask("distance")).numbers
    assert numbers["sliced_w2"] > 3 * numbers["floor_high"]


def test_painted_points_are_judged_by_halves_and_recall() -> None:
    scene = replace(scene_of(fit_of("realnvp", "moons", count=300), "moons"), data_set=None)
    shown = show(scene, Ask("distance"))
    assert shown.numbers["n"] == 300
    assert "split halves of 150" in shown.note
    recall = show(scene, Ask("coverage")).numbers
    assert set(recall) == {"recall"}
    assert 0.0 <= recall["recall"] <= 1.0


@pytest.mark.parametrize("prediction", ["velocity", "epsilon", "score"])
@pytest.mark.parametrize("times", ["uniform", "logit-normal"])
def test_loss_floor_is_what_training_measures_of_a_perfect_network(prediction: str, times: str) -> None:
    """The training beat, with the exact posterior in the network's place, must measure the same loss."""
    fit = fit_of("diffusion", times=times, weighting="unit", batch=4096)
    path = "straight" if prediction == "velocity" else "vp"
    mixture = data_sets()["eight-gaussians"].mixture()
    assert mixture is not None
    scene = scene_of(fit, model=exact_diffusion(mixture, path, prediction))
    shown = show(scene, Ask("loss_floor")).numbers
    rng = np.random.default_rng(0)
    losses = []
    for _ in range(6):
        points = torch.from_numpy(scene.mixture.draw(4096, rng)[0])
        losses.append(_loss_of_one_beat(scene, points, fit.training))
    mean, error = float(np.mean(losses)), float(np.std(losses) / math.sqrt(len(losses)))
    assert shown["low"] < shown["best_possible"] < shown["high"]
    half = shown["high"] - shown["best_possible"]
    assert abs(mean - shown["best_possible"]) < 2 * half + 4 * error


def _loss_of_one_beat(scene: Scene, points: torch.Tensor, training: object) -> float:
    generator = torch.Generator().manual_seed(int(points.abs().sum() * 1000) % 2**31)
    fit = Fit(scene.model, training, points, torch.zeros(len(points)), generator)
    return next(fit.beats()).values["loss"]


def test_kernel_estimate_on_a_lattice_is_the_sum_over_points() -> None:
    points = torch.randn(500, 2, generator=torch.Generator().manual_seed(0))
    estimate = finish(fit_kde(points))
    x, y = torch.linspace(-1, 1, 5).double(), torch.linspace(-1, 1, 7).double()
    on_lattice = estimate.on_lattice(x, y).reshape(7, 5)
    # The lattice is coarser than the kernels, so its bandwidth is half a cell.
    h = torch.maximum(estimate.bandwidth, torch.tensor([0.25, 1 / 6], dtype=torch.float64))
    at = torch.tensor([x[3], y[5]])
    white = (at - estimate.points) / h
    direct = (torch.exp(-0.5 * white.square().sum(1)) / (2 * math.pi * h.prod())).mean()
    assert float(on_lattice[5, 3]) == pytest.approx(float(direct), rel=1e-9)


def test_best_critic_where_generator_and_data_are_known() -> None:
    """With G = identity the generator's q is N(0, I), so D* = p / (p + q) is known."""
    fit = fit_of("gan", "gaussian")
    model = fit.shadow()
    model.generator = torch.nn.Identity()
    scene = scene_of(fit, "gaussian", model)
    ask = Ask("critic", EXACT, box=(-3, 3, -3, 3), resolution=48)
    shown = show(scene, ask)
    x = -3 + (np.arange(48) + 0.5) / 8
    grid = np.stack(np.meshgrid(x, x), axis=-1).reshape(-1, 2)
    p = np.exp(scene.mixture.log_density(grid))
    q = np.exp(-0.5 * (grid**2).sum(1)) / (2 * math.pi)
    gap = np.abs(shown.arrays["values"].ravel() - p / (p + q))
    weighted = float((gap * (p + q)).sum() / (p + q).sum())
    assert 0 < shown.numbers["floor"] < 0.1
    assert weighted < 2 * shown.numbers["floor"]
    assert shown.note.startswith("estimate")
    error = show(scene, replace(ask, variant=ERROR))
    learned = show(scene, replace(ask, variant="learned"))
    np.testing.assert_allclose(error.arrays["values"], learned.arrays["values"] - shown.arrays["values"], atol=1e-5)
