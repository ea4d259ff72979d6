"""The probe against the exact posterior of eight Gaussians: every kind of prediction is told, and none of a net that
has learnt nothing."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from dgm_studio.checkpoints.rebuild.probe import probing, settled
from dgm_studio.checkpoints.rebuild.rebuilt import (
    EPSILON,
    NOISE_TO_DATA,
    SAMPLE,
    V_PREDICTION,
    VELOCITY,
    Denoiser,
    Discrete,
    Flow,
)
from dgm_studio.core.inspection import MATCH, Candidate, Conclusion
from dgm_studio.core.pictures import PictureShape
from dgm_studio.core.slow import finish

STEPS, STD = 1000, 0.1
LEFT = np.cumprod(1 - np.linspace(1e-4, 0.02, STEPS))
ANGLES = torch.arange(8) * math.pi / 4
MODES = 1.4 * torch.stack([ANGLES.cos(), ANGLES.sin()], dim=1)


def means(x: Tensor, a: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
    """E[x_1 | x] and E[x_0 | x] (n, 2) of x = a x_1 + s x_0 by Bayes' rule, a and s (n, 1)."""
    variance = (a * STD) ** 2 + s**2
    weights = (-0.5 * (x[:, None] - a[:, None] * MODES).square().sum(-1) / variance).softmax(dim=1)
    near = MODES + (a * STD**2 / variance)[:, None] * (x[:, None] - a[:, None] * MODES)
    clean = (weights[..., None] * near).sum(1)
    return clean, (x - a * clean) / s


def denoiser(
    prediction: str, answer: Callable[[Tensor, Tensor], Tensor] | None = None, source: str = "assumed"
) -> Denoiser:
    """A network that gives the exact posterior mean of what `prediction` names."""
    flow = prediction in (VELOCITY, NOISE_TO_DATA)

    def exact(x: Tensor, told: Tensor) -> Tensor:
        if flow:
            a = told.clamp(1e-3, 1 - 1e-3)[:, None]
            clean, noise = means(x, a, 1 - a)
            return noise - clean if prediction == VELOCITY else clean - noise
        left = torch.tensor(LEFT, dtype=torch.float32)[told.long()][:, None]
        a, s = left.sqrt(), (1 - left).sqrt()
        clean, noise = means(x, a, s)
        return {EPSILON: noise, SAMPLE: clean, V_PREDICTION: a * noise - s * clean}[prediction]

    def predict(x: Tensor, told: Tensor, labels: Tensor) -> Tensor:
        return (answer or exact)(x.flatten(1), told).view_as(x)

    return Denoiser(
        net=nn.Identity(), title="exact", candidate=Candidate("exact", "exact", MATCH, 1.0, ()),
        settings=(Conclusion("prediction", "Prediction", EPSILON, source),), shape=PictureShape(2, 1, 1),
        schedule=Flow() if flow else Discrete(LEFT), prediction=EPSILON, predict=predict,
    )  # fmt: skip


@pytest.mark.parametrize("prediction", [EPSILON, SAMPLE, V_PREDICTION, VELOCITY, NOISE_TO_DATA])
def test_the_exact_posterior_is_recognised(prediction: str) -> None:
    found = finish(probing(denoiser(prediction), torch.Generator().manual_seed(1)))
    assert found is not None
    assert found.prediction == prediction
    expected = {EPSILON: 1, SAMPLE: 0, V_PREDICTION: 0, VELOCITY: 1, NOISE_TO_DATA: -1}[prediction]
    assert found.noisy == pytest.approx(expected, abs=0.1)


def test_an_assumed_prediction_is_replaced_and_a_known_one_is_left() -> None:
    rebuilt = finish(settled(denoiser(SAMPLE)))
    assert isinstance(rebuilt, Denoiser)
    assert rebuilt.prediction == SAMPLE
    assert rebuilt.settings[0].value == SAMPLE
    assert rebuilt.settings[0].source.startswith("probe (strong")
    kept = finish(settled(denoiser(SAMPLE, source="from scheduler_config.json")))
    assert isinstance(kept, Denoiser)
    assert kept.prediction == EPSILON


def test_nothing_is_said_of_a_network_that_has_learnt_nothing() -> None:
    generator = torch.Generator().manual_seed(2)
    matrix = 0.2 * torch.randn(2, 2, generator=generator)
    silent = denoiser(V_PREDICTION, lambda x, told: torch.zeros_like(x))
    random = denoiser(V_PREDICTION, lambda x, told: (x @ matrix).tanh())
    half = denoiser(V_PREDICTION, lambda x, told: 0.5 * x)
    for one in (silent, random, half):
        found = finish(probing(one, torch.Generator().manual_seed(1)))
        assert found is not None
        assert found.prediction == ""
        assert finish(settled(one)) is one


def test_time_that_runs_backwards_is_asked_at_its_own_noisy_end() -> None:
    forward = denoiser(VELOCITY)
    turned = replace(
        forward, schedule=Flow(scale=1000.0, reversed=True),
        predict=lambda x, told, labels: forward.predict(x, 1 - told / 1000, labels),
    )  # fmt: skip
    found = finish(probing(turned, torch.Generator().manual_seed(1)))
    assert found is not None
    assert found.prediction == VELOCITY
