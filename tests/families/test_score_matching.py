"""Score matching: four objectives of one Fisher divergence, Langevin dynamics, and the error where no data are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from dgm_studio.core.errors import Refused
from dgm_studio.core.slow import finish
from dgm_studio.data.mixture import Mixture
from dgm_studio.families.fit import Fit
from dgm_studio.families.score_matching import (
    DENOISING,
    DETAIL,
    HUTCHINSON,
    SLICED,
    TRACE,
    Design,
    Sampling,
    ScoreMatching,
    Training,
)
from dgm_studio.nets.init import init
from dgm_studio.paths.exact import ExactField

EVERY = pytest.mark.parametrize("objective", [TRACE, HUTCHINSON, SLICED, DENOISING])


def made(sigma: float = 0.3, layers: int = 2, width: int = 16) -> ScoreMatching:
    with torch.device("meta"):
        model = ScoreMatching(Design(sigma=sigma, width=width, layers=layers), 2)
    return init(model, torch.Generator().manual_seed(0)).double()


def linear(model: ScoreMatching, matrix: Tensor) -> ScoreMatching:
    """s(x) = matrix x."""
    layer = nn.Linear(2, 2, dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(matrix * (model.sigma**2 + DETAIL**2) ** 0.5)
        assert layer.bias is not None
        layer.bias.zero_()
    model.net.layers = nn.Sequential(layer)
    return model


def normal(count: int, seed: int) -> Tensor:
    return torch.randn((count, 2), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@EVERY
def test_each_objective_is_the_fisher_divergence_up_to_a_constant(objective: str) -> None:
    """For N(0, I) data under noise sigma and s = A x, with c = 1 + sigma^2: D_F = tr(A C A' + 2 A + C^-1) / 2, C = c I.

    The constants: minus D_F(0) for explicit and sliced, d / (2 sigma^2) - D_F(0) for denoising; exact by hand.
    """
    sigma = 0.5
    variance = 1 + sigma**2
    matrix = torch.tensor([[-0.9, 0.2], [0.1, -0.5]], dtype=torch.float64)
    model = linear(made(sigma), matrix)
    noise, count = normal(200_000, 1), 200_000
    found = model.losses(objective, normal(count, 0) + sigma * noise, noise, normal(count, 2)).detach()
    truth = float(matrix.trace() + 0.5 * variance * matrix.square().sum())
    if objective == DENOISING:
        truth += 1 / sigma**2
    assert float(found.mean()) == pytest.approx(truth, abs=5 * float(found.std()) / count**0.5)


def test_hutchinson_and_sliced_estimate_the_trace_of_the_network_itself() -> None:
    model, x = made(), normal(1, 3)
    many, v = x.repeat(100_000, 1), normal(100_000, 4)
    with torch.no_grad():
        score = model.score(x, torch.tensor(1.0))
    exact = float(model.losses(TRACE, x, x, x).detach())
    for objective in (HUTCHINSON, SLICED):
        found = model.losses(objective, many.clone(), v, v).detach()
        assert float(found.mean()) == pytest.approx(exact, abs=5 * float(found.std()) / len(found) ** 0.5)
    jacobian = torch.func.jacrev(lambda p: model.score(p[None], torch.tensor(1.0))[0])(x[0])
    assert exact == pytest.approx(float(jacobian.detach().trace() + 0.5 * score.square().sum()))


@EVERY
def test_each_learns_the_score_of_a_gaussian(objective: str) -> None:
    model = made(width=32).float()
    data = 0.5 * normal(4_000, 5).float()
    fit = Fit(model, Training(objective=objective, batch=512, learning_rate=3e-3, ema=0.95), data,
              torch.zeros(4_000, dtype=torch.int64), torch.Generator().manual_seed(2))  # fmt: skip
    beats = fit.beats()
    while fit.step < 250:
        next(beats)
    shadow: Any = fit.shadow()
    x = (0.25 + 0.09) ** 0.5 * normal(1_000, 6).float()
    truth = -x / (0.25 + 0.09)
    assert float((shadow.score(x, torch.tensor(0.5)) - truth).norm() / truth.norm()) < 0.2


def test_denoising_without_noise_is_refused_and_the_others_are_not() -> None:
    model = made(0.0).float()
    assert "above 0" in model.refuses(Training(objective=DENOISING))
    assert not model.refuses(Training(objective=SLICED))
    fit = Fit(model, Training(objective=DENOISING), torch.zeros(10, 2), torch.zeros(10, dtype=torch.int64),
              torch.Generator())  # fmt: skip
    with pytest.raises(Refused, match="above 0"):
        next(fit.beats())


def test_the_clean_point_is_tweedies() -> None:
    model = linear(made(0.5), -torch.eye(2, dtype=torch.float64) / 1.25)
    x = normal(5, 0)
    assert torch.allclose(model.x1_hat(x, torch.tensor(1.0)), x / 1.25)  # of N(0, I) data under noise 0.5


@pytest.mark.parametrize("denoise", [False, True])
def test_langevin_dynamics_samples_the_noised_law(denoise: bool) -> None:
    """Along the exact score of N(0, I) under noise: variance c / (1 - h / (4 c)), then shrunk by Tweedie's formula."""
    model, variance, h = made(0.5), 1.25, 0.3
    exact = ExactField(Mixture.isotropic(np.zeros((1, 2)), 1.0), model.path)
    sampling, generator = Sampling(steps=90, step_size=h, denoise=denoise), torch.Generator().manual_seed(1)
    states = list(model.along(exact, model.prior(10_000, generator), sampling, generator))
    assert len(states) == model.frames(sampling) == 61
    assert float(states[0].x.std()) == pytest.approx(2.0, rel=0.03)
    assert states[0].x1_hat is not None
    assert torch.allclose(states[0].x1_hat, states[0].x / variance)
    shrunk = variance**-2 if denoise else 1.0
    assert float(states[-1].x.var()) == pytest.approx(shrunk * variance / (1 - h / (4 * variance)), rel=0.05)
    assert states[-1].evaluations == 90 + denoise


def test_the_facts_measure_the_error_at_the_data_and_far_out() -> None:
    """s = 0 is wrong by its whole size everywhere; without noise there is nothing to compare with."""
    zero = linear(made(0.3), torch.zeros(2, 2, dtype=torch.float64))
    data = normal(200, 7)
    for fact in finish(zero.facts(data, Sampling(), torch.Generator().manual_seed(0))):
        assert fact.text == "100 %"
    (fact,) = finish(made(0.0).facts(data, Sampling(), torch.Generator()))
    assert "without noise" in fact.text


def test_a_score_that_is_right_at_the_data_may_be_wrong_far_out() -> None:
    """Two points at x = -2 and 2: s = 4 (m(sign x) - x), cut off where no data are, fools the first fact only."""

    class Cut(ScoreMatching):
        def score(self, x: Tensor, t: Tensor) -> Tensor:
            near = (x[:, :1].abs() < 4) & (x[:, 1:].abs() < 2)
            middle = torch.stack((2 * x[:, 0].sign(), torch.zeros(len(x), dtype=x.dtype)), 1)
            return torch.where(near, 4 * (middle - x), 0.0)

    with torch.device("meta"):
        model = Cut(Design(sigma=0.5, width=8, layers=1), 2)
    init(model, torch.Generator().manual_seed(0)).double()
    data = torch.tensor([[-2.0, 0.0], [2.0, 0.0], [-2.0, 3.0], [2.0, -3.0]], dtype=torch.float64)[[0, 1] * 50 + [2, 3]]
    dense, empty = (int(f.text[:-2]) for f in finish(model.facts(data, Sampling(), torch.Generator().manual_seed(0))))
    assert dense < 40 < 60 < empty
