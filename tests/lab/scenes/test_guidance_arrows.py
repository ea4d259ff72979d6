"""Three arrows: gradients of known densities, one scale for all, and where the guided samples end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy import integrate

from dgm_studio.core.sketch import Reading, Sketch
from dgm_studio.lab.scenes.guidance_arrows import GuidanceArrows, Knobs, arrow
from dgm_studio.lab.scenes.parts.labelled_bells import LAYOUTS, LabelledBells
from dgm_studio.paths import paths


def scene(rounds: int = 0, **knobs: Any) -> GuidanceArrows:
    made = GuidanceArrows(Knobs(**knobs))
    for _ in range(rounds):
        for _ in made.round():
            pass
    return made


def reading(sketch: Sketch, name: str) -> Reading:
    return next(one for one in sketch.readings if one.name.startswith(name))


@pytest.mark.parametrize("path", ["straight", "vp"])
def test_scores_are_gradients_of_log_p_and_of_log_p_given_the_label(path: str) -> None:
    made = scene(path=path, gamma=2.5, label="1")
    free, told, guided = made.arrows()
    t = torch.tensor(made.knobs.t, dtype=torch.float64)
    for field, found in ((made.bells.whole, free), (made.bells.parts[1], told)):
        x = made.points.clone().requires_grad_()
        (slope,) = torch.autograd.grad(field.log_density(x, t).sum(), x)
        np.testing.assert_allclose(found, slope.numpy(), atol=1e-9)
    np.testing.assert_allclose(guided, -1.5 * free + 2.5 * told, atol=1e-9)


def test_the_classifier_is_bayes_rule() -> None:
    bells = LabelledBells(LAYOUTS["eight"], paths()["straight"])
    x = torch.from_numpy(np.random.default_rng(0).uniform(-3, 3, (20, 2)))
    sure = [bells.sureness(x, label) for label in range(3)]
    np.testing.assert_allclose(torch.stack(sure).sum(0).numpy(), 1.0, atol=1e-12)
    end = torch.ones((), dtype=torch.float64)
    joint = 3 / 8 * torch.exp(bells.parts[0].log_density(x, end) - bells.whole.log_density(x, end))
    np.testing.assert_allclose(sure[0].numpy(), joint.numpy(), atol=1e-12)


def test_the_mean_norm_of_the_data_is_rices() -> None:
    bells = LabelledBells(LAYOUTS["pairs"], paths()["straight"])
    known = 0.0
    for (across, up), kind in zip(LAYOUTS["pairs"].centres, LAYOUTS["pairs"].classes, strict=True):
        if kind == 0:

            def integrand(y: float, x: float, a: float = across, b: float = up) -> float:
                s = LAYOUTS["pairs"].std
                return float(np.hypot(x, y) * np.exp(-((x - a) ** 2 + (y - b) ** 2) / (2 * s**2)) / (2 * np.pi * s**2))

            known += integrate.dblquad(integrand, across - 3, across + 3, up - 3, up + 3, epsabs=1e-6)[0] / 2
    assert bells.mean_norm(0) == pytest.approx(known, abs=1e-5)


def test_at_scale_one_samples_are_the_data_of_the_class() -> None:
    made = scene(gamma=1.0)
    made.order = made.order[:1]  # the scale that is set
    for _ in range(3):
        for _ in made.round():
            pass
    sketch = made.sketch()
    for name in ("Share of bell 1", "Share of bell 2"):
        one = reading(sketch, name)
        assert one.doubt is not None
        assert one.value == pytest.approx(0.989 * 0.5, abs=1.5 * one.doubt)
    norm = reading(sketch, "Norm of a sample")
    assert norm.doubt is not None
    assert norm.value == pytest.approx(norm.exact, abs=2 * norm.doubt)


def test_a_large_scale_leaves_the_bell_near_the_others_and_makes_samples_long() -> None:
    sketch = scene(1, gamma=4.0).sketch()
    near, norm, sure = (reading(sketch, name) for name in ("Share of bell 1", "Norm of a sample", "Sure"))
    assert near.value is not None
    assert norm.value is not None
    assert norm.exact is not None
    assert sure.value is not None
    assert near.value < 0.1
    assert norm.value > 1.3 * norm.exact
    assert sure.value > 0.999


def test_norms_against_the_scale_are_those_of_the_arrows() -> None:
    made = scene(1, gamma=3.0)
    sketch, (free, told, guided) = made.sketch(), made.arrows()
    for line, f, g, now in zip(sketch.plots[1].lines, free, told, guided, strict=True):
        assert line.y[0] == pytest.approx(np.linalg.norm(f))
        assert line.y[10] == pytest.approx(np.linalg.norm(g))
        assert line.y[30] == pytest.approx(np.linalg.norm(now))
    assert {(grip.across, grip.up) for grip in sketch.plots[0].grips} == {(f"{p}_x", f"{p}_y") for p in "abc"}


def test_an_arrow_points_where_it_says() -> None:
    pieces = arrow(np.array([1.0, 2.0]), np.array([0.0, 0.5]))
    np.testing.assert_allclose(pieces[0], [1.0, 2.0, 1.0, 2.5])
    assert (pieces[1:, :2] == [1.0, 2.5]).all()
    assert (pieces[1:, 3] < 2.5).all()
    assert np.isfinite(arrow(np.zeros(2), np.zeros(2))).all()
