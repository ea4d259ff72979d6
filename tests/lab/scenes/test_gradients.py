"""Gradients and both variances against closed forms and autograd-free differences."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dgm_studio.lab.scenes.gradients import (
    BEST_BASELINE,
    FUNCTIONS,
    MEAN_BASELINE,
    NO_BASELINE,
    SINE,
    SQUARE,
    STEP,
    Gradients,
    Knobs,
    coordinate,
    exact,
)


@pytest.mark.parametrize(("mu", "sigma"), [(1.0, 1.0), (-2.5, 0.3), (0.4, 3.0)])
def test_the_gradient_is_that_on_paper(mu: float, sigma: float) -> None:
    known = {
        SQUARE: 2 * mu,
        SINE: math.cos(mu) * math.exp(-(sigma**2) / 2),
        STEP: math.exp(-0.5 * (mu / sigma) ** 2) / (sigma * math.sqrt(2 * math.pi)),
    }
    for function, gradient in known.items():
        assert exact(function, mu, sigma, 7, NO_BASELINE).gradient == pytest.approx(gradient, rel=1e-9, abs=1e-11)


def test_reparametrised_variance_on_paper_whatever_the_dimension() -> None:
    sigma, mu = 1.3, 0.6
    sine = (1 + math.cos(2 * mu) * math.exp(-2 * sigma**2)) / 2 - (math.cos(mu) * math.exp(-(sigma**2) / 2)) ** 2
    for d in (1, 20):
        assert exact(SQUARE, mu, sigma, d, NO_BASELINE).reparametrised == pytest.approx(4 * sigma**2)
        assert exact(SINE, mu, sigma, d, NO_BASELINE).reparametrised == pytest.approx(sine, rel=1e-9)
        assert exact(STEP, mu, sigma, d, NO_BASELINE).reparametrised == 0


def test_score_variance_of_the_square_at_zero_on_paper() -> None:
    """mu = 0, sigma = 1, f = sum z^2: E[f^2 e^2] = 15 + 2 * 3 (d - 1) + (d - 1)(d + 1), from the normal's moments."""
    for d in (1, 2, 9):
        assert exact(SQUARE, 0.0, 1.0, d, NO_BASELINE).score == pytest.approx(15 + 6 * (d - 1) + (d - 1) * (d + 1))


@pytest.mark.parametrize("function", [SQUARE, SINE, STEP])
def test_the_best_baseline_is_the_least(function: str) -> None:
    found = {b: exact(function, 0.7, 0.9, 6, b).score for b in (NO_BASELINE, MEAN_BASELINE, BEST_BASELINE)}
    assert found[BEST_BASELINE] <= min(found.values()) + 1e-12
    assert found[BEST_BASELINE] < found[NO_BASELINE]


def test_quadrature_is_the_expectation() -> None:
    e = np.random.default_rng(0).standard_normal(2_000_000)
    for function in FUNCTIONS:
        g = FUNCTIONS[function][0](0.8 + 1.1 * e)
        one = coordinate(function, 0.8, 1.1)
        for known, part in (
            (one.g, g),
            (one.gg, g * g),
            (one.ge, g * e),
            (one.gee, g * e * e),
            (one.ggee, (g * e) ** 2),
        ):
            assert abs(part.mean() - known) < 4.5 * part.std() / math.sqrt(len(e))


@pytest.mark.parametrize("baseline", [NO_BASELINE, MEAN_BASELINE, BEST_BASELINE])
def test_measured_variances_are_the_exact_ones(baseline: str) -> None:
    scene = Gradients(Knobs(function=SINE, dimensions=4, samples=5, baseline=baseline))
    for _ in range(10):
        list(scene.round())
    for (n, d), pair in scene.found.items():
        known = scene.exact_at(d)
        for found, variance in zip(pair, (known.reparametrised, known.score), strict=True):
            if found.count > 500:
                assert abs(found.variance - variance / n) < 2.5 * found.variance_doubt
                assert abs(found.mean - known.gradient) < 2.5 * found.doubt


def test_the_step_cannot_be_reparametrised_and_the_scene_says_so() -> None:
    scene = Gradients(Knobs(function=STEP))
    list(scene.round())
    sketch = scene.sketch()
    assert sketch.readings[0].value == 0
    assert sketch.readings[0].exact == pytest.approx(0.24197, rel=1e-4)
    assert "flat almost everywhere" in sketch.caption
    assert "Reparametrisation" not in [line.name for line in sketch.plots[0].lines]
