"""The samplers on the exact denoiser of N(m, c^2): the probability flow from sigma to 0 is known on paper."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from dgm_studio.checkpoints.rebuild.rebuilt import (
    EPSILON,
    NOISE_TO_DATA,
    SAMPLE,
    V_PREDICTION,
    VELOCITY,
    Denoiser,
    Discrete,
    Flow,
    Sigmas,
)
from dgm_studio.core.errors import Refused
from dgm_studio.core.inspection import MATCH, Candidate
from dgm_studio.core.knobs import fill
from dgm_studio.core.pictures import PictureShape
from dgm_studio.lab.checkpoints.foreign_denoisers import ForeignDenoiser, denoiser_of
from dgm_studio.lab.checkpoints.samplers.chain import Chain
from dgm_studio.lab.checkpoints.samplers.guided import Guided
from dgm_studio.solvers.noise import BrownianPath

MEAN, SPREAD = 0.4, 0.3
SHAPE = PictureShape(1, 2, 2)
LEFT = np.cumprod(1 - np.linspace(1e-4, 0.02, 1000))
CHAIN = Discrete(LEFT)


def levels(schedule: Any, told: Tensor) -> tuple[Tensor, Tensor]:
    """a and s by what a network is told."""
    if isinstance(schedule, Discrete):
        logs = np.log((1 - LEFT) / LEFT)
        odds = np.exp(np.interp(told.double().numpy(), np.arange(len(LEFT)), logs))
        abar = torch.tensor(1 / (1 + odds), dtype=torch.float64)
        return abar.sqrt(), (1 - abar).sqrt()
    if isinstance(schedule, Flow):
        t = told.double() / schedule.scale
        t = 1 - t if schedule.reversed else t
        return t, 1 - t
    return torch.ones_like(told, dtype=torch.float64), told.double()


def exact(schedule: Any, prediction: str, classes: int = 0, null: int = -1) -> ForeignDenoiser:
    """A denoiser that predicts E[. | x_t]; class y moves the mean by y."""

    def predict(x: Tensor, told: Tensor, labels: Tensor) -> Tensor:
        a, s = (one.view(-1, 1, 1, 1) for one in levels(schedule, told))
        own = x.double()
        mean = MEAN + (labels.clamp_min(0).double().view(-1, 1, 1, 1) if classes else 0.0)
        gain = a * SPREAD**2 / (a**2 * SPREAD**2 + s**2)
        clean = mean + gain * (own - a * mean)
        noise = (own - a * clean) / s if bool((s > 0).all()) else torch.zeros_like(own)
        said = {
            EPSILON: noise, SAMPLE: clean, V_PREDICTION: a * noise - s * clean, VELOCITY: noise - clean,
            NOISE_TO_DATA: clean - noise,
        }  # fmt: skip
        return said[prediction].float()

    candidate = Candidate("exact", "Exact", MATCH, 1.0, ())
    return denoiser_of(
        Denoiser(
            net=nn.Identity(), title="Exact", candidate=candidate, settings=(), schedule=schedule, predict=predict,
            shape=SHAPE._replace(classes=classes), prediction=prediction, null=null,
        )
    )  # fmt: skip


def walked(
    model: ForeignDenoiser, start: Tensor, labels: Tensor | None = None, gamma: float = 1.0, **own: Any
) -> Tensor:
    sampling: Any = fill(model.Sampling, own)
    told = torch.full((len(start),), -1) if labels is None else labels
    *_, last = model.film(start, sampling, torch.Generator().manual_seed(1), told, gamma)
    assert last.t == 1.0
    return last.x


def answer(start: Tensor, a: float, s: float, mean: float = MEAN) -> Tensor:
    """m + c (x_t - a m) / sqrt(a^2 c^2 + s^2)."""
    return mean + SPREAD * (start.double() - a * mean) / math.sqrt(a**2 * SPREAD**2 + s**2)


def miss(model: ForeignDenoiser, steps: int, solver: str, **own: Any) -> float:
    """The largest error of the walk from a few starts; a chain begins at the first index of its spacing."""
    start = torch.linspace(-2, 2, 8).view(2, 4)
    schedule = model.rebuilt.schedule
    a, s = 0.0, 1.0
    if isinstance(schedule, Discrete):
        level = Chain(schedule).level(Chain(schedule).indices(steps)[0])
        a, s = level.a, level.s
    if isinstance(schedule, Sigmas):
        a, s = (1 + schedule.sigma_max**2) ** -0.5, (1 + schedule.sigma_max**-2) ** -0.5
    made = walked(model, start, solver=solver, steps=steps, **own)
    return float((made - answer(start, a, s)).abs().max())


TRAILING = Discrete(LEFT, spacing="trailing")


@pytest.mark.parametrize("solver", ["ddim", "dpmpp-2m", "euler", "midpoint", "heun", "rk4", "dopri5"])
@pytest.mark.parametrize("prediction", [EPSILON, SAMPLE, V_PREDICTION])
def test_a_chain_is_walked_to_the_flows_end(prediction: str, solver: str) -> None:
    own = {"clip": False} if solver in ("ddim", "dpmpp-2m") else {}
    error = miss(exact(TRAILING, prediction), 200, solver, **own)
    assert error < {"ddim": 2e-2, "euler": 2e-2}.get(solver, 4e-3)


@pytest.mark.parametrize("solver", ["dpmpp-2m", "heun"])
def test_the_second_order_ones_beat_ddim(solver: str) -> None:
    model = exact(TRAILING, EPSILON)
    own = {"clip": False} if solver == "dpmpp-2m" else {}
    assert miss(model, 50, solver, **own) < 0.4 * miss(model, 50, "ddim", clip=False)


@pytest.mark.parametrize("own", [{"solver": "ddpm"}, {"solver": "ddim", "eta": 1.0}], ids=["ddpm", "ddim"])
def test_noise_of_one_brownian_path_is_the_same_for_any_number_of_steps(own: dict[str, Any]) -> None:
    model = exact(TRAILING, EPSILON)
    start = torch.randn((60, 4), generator=torch.Generator().manual_seed(0))
    ends = []
    for steps, noise in ((200, BrownianPath(1)), (100, BrownianPath(1)), (100, BrownianPath(2))):
        *_, last = model.walk(start, fill(model.Sampling, {**own, "steps": steps, "clip": False}), noise)
        ends.append(last.x)
    assert float((ends[1] - ends[0]).std()) < 0.2 * float((ends[2] - ends[0]).std())


def test_euler_in_sigma_space_is_ddim_without_noise() -> None:
    model = exact(TRAILING, EPSILON)
    start = torch.randn((3, 4), generator=torch.Generator().manual_seed(0))
    a = walked(model, start, solver="ddim", steps=20, clip=False)
    assert torch.allclose(a, walked(model, start, solver="euler", steps=20), atol=1e-4)


@pytest.mark.parametrize(
    ("flow", "prediction"),
    [(Flow(), NOISE_TO_DATA), (Flow(scale=1000.0, reversed=True), VELOCITY), (Flow(), SAMPLE)],
)
@pytest.mark.parametrize("solver", ["euler", "heun", "rk4", "dopri5"])
def test_a_flow(flow: Flow, prediction: str, solver: str) -> None:
    assert miss(exact(flow, prediction), 100, solver) < (0.02 if solver == "euler" else 2e-3)


@pytest.mark.parametrize("solver", ["heun", "euler", "dpmpp-2m", "rk4"])
def test_sigmas(solver: str) -> None:
    assert miss(exact(Sigmas(sigma_min=1e-3), SAMPLE), 100, solver) < (0.2 if solver == "euler" else 0.01)


@pytest.mark.parametrize("schedule", [TRAILING, Flow(), Sigmas()])
def test_noise_is_found_again(schedule: Any) -> None:
    model = exact(schedule, SAMPLE)
    sampling: Any = fill(model.Sampling, {"solver": "heun", "steps": 100})
    start = torch.randn((2, 4), generator=torch.Generator().manual_seed(0))
    none = torch.full((2,), -1)
    end = walked(model, start, solver="heun", steps=100)
    *_, back = model.inverted(end, sampling, none, 1.0)
    assert torch.allclose(back.x, start, atol=0.05)


@pytest.mark.parametrize("variance", ["fixed_small", "fixed_large"])
def test_ddpm_draws_from_the_data(variance: str) -> None:
    """The full chain on 500 pictures: mean and spread of N(m, c^2) to five standard errors."""
    short = Discrete(np.cumprod(1 - np.linspace(1e-3, 0.2, 100)), variance=variance)
    model = exact_of(short)
    start = torch.randn((500, 4), generator=torch.Generator().manual_seed(0))
    made = walked(model, start, solver="ddpm", steps=100, clip=False)
    assert abs(float(made.mean()) - MEAN) < 5 * SPREAD / math.sqrt(made.numel())
    assert abs(float(made.std()) - SPREAD) < 0.05


def exact_of(schedule: Discrete) -> ForeignDenoiser:
    """The exact noise of another chain."""
    abar = torch.tensor(schedule.alphas_cumprod)

    def predict(x: Tensor, told: Tensor, labels: Tensor) -> Tensor:
        left = abar[told.long()].view(-1, 1, 1, 1)
        return ((1 - left).sqrt() * (x.double() - left.sqrt() * MEAN) / (left * SPREAD**2 + 1 - left)).float()

    candidate = Candidate("exact", "Exact", MATCH, 1.0, ())
    return denoiser_of(
        Denoiser(
            net=nn.Identity(), title="Exact", candidate=candidate, settings=(), schedule=schedule, predict=predict,
            shape=SHAPE, prediction=EPSILON,
        )
    )  # fmt: skip


def test_classes_and_guidance() -> None:
    """For class means 0 and 1 apart guidance extrapolates: E[x_1 | x_t] of gamma is that of a mean moved by gamma."""
    model = exact(TRAILING, SAMPLE, classes=3, null=0)
    start = torch.randn((2, 4), generator=torch.Generator().manual_seed(0))
    level = Chain(TRAILING).level(999)
    labels = torch.tensor([1, 2])
    for gamma, moved in ((0.0, [0.0, 0.0]), (1.0, [1.0, 2.0]), (2.0, [2.0, 4.0])):
        made = walked(model, start, labels, gamma, solver="rk4", steps=50)
        want = torch.stack([answer(x, level.a, level.s, MEAN + by) for x, by in zip(start, moved, strict=True)])
        assert torch.allclose(made.double(), want, atol=0.02), gamma


def test_one_that_was_always_told_a_class_is_not_guided() -> None:
    model = exact(TRAILING, SAMPLE, classes=3)
    guided = Guided(model.rebuilt, torch.tensor([1]), 1.0)
    assert guided.cost == 1
    with pytest.raises(Refused, match="always told a class"):
        Guided(model.rebuilt, torch.tensor([1]), 2.0)


@pytest.mark.parametrize(("spacing", "want"), [("leading", [750, 500, 250, 0]), ("trailing", [999, 749, 499, 249])])
def test_spacings(spacing: str, want: list[int]) -> None:
    assert Chain(Discrete(LEFT, spacing=spacing)).indices(4) == want


def test_more_steps_than_the_chain_has_are_refused() -> None:
    with pytest.raises(Refused, match="has 1,000 steps"):
        Chain(CHAIN).indices(1001)


def test_a_sampler_that_the_schedule_has_not_is_refused() -> None:
    with pytest.raises(Refused, match="Sampler"):
        walked(exact(Flow(), SAMPLE), torch.zeros(1, 4), solver="ddpm")
