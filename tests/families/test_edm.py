"""EDM's preconditioning, noise levels and weighting against Karras et al., 2022, and against diffusers."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from diffusers import EDMEulerScheduler
from torch import Tensor

from dgm_studio.core.knobs import fill
from dgm_studio.families.diffusion import Diffusion
from dgm_studio.families.parts.times import draw_times
from dgm_studio.nets.init import init

PRESET = next(preset for preset in Diffusion.presets if preset.id == "edm")
SIGMA_DATA = 0.9


def made() -> Diffusion:
    design = fill(Diffusion.Design, {**PRESET.design, "sigma_data": SIGMA_DATA, "width": 16})
    return init(Diffusion(design, 2), torch.Generator().manual_seed(0)).double().requires_grad_(False)


def normal(n: int, seed: int) -> Tensor:
    return torch.randn((n, 2), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("t", [0.0, 0.3, 0.7, 1.0])
def test_the_denoiser_is_table_ones(t: float) -> None:
    model, x, time = made(), 3 * normal(20, 1), torch.tensor(t, dtype=torch.float64)
    sigma = model.path.s(time)
    root = torch.sqrt(sigma**2 + SIGMA_DATA**2)
    c_skip, c_out, c_in = SIGMA_DATA**2 / root**2, sigma * SIGMA_DATA / root, 1 / root
    c_noise = sigma.log() / 4
    network = model.net(c_in * x, (c_noise / 2).expand(20))  # half of it: the time embedding's own scale
    torch.testing.assert_close(model.x1_hat(x, time), c_skip * x + c_out * network)
    scheduler: Any = EDMEulerScheduler(sigma_min=0.002, sigma_max=10.0, sigma_data=SIGMA_DATA)  # type: ignore[no-untyped-call]
    torch.testing.assert_close(scheduler.precondition_inputs(x, sigma), c_in * x)
    torch.testing.assert_close(scheduler.precondition_noise(sigma), c_noise)
    torch.testing.assert_close(scheduler.precondition_outputs(x, network, sigma), model.x1_hat(x, time))


def test_the_loss_is_equation_eight() -> None:
    """lambda(sigma) |D(y + n; sigma) - y|^2 with lambda = (sigma^2 + sigma_data^2) / (sigma sigma_data)^2."""
    model, x1, x0 = made(), SIGMA_DATA * normal(30, 2), normal(30, 3)
    t = torch.linspace(0.05, 0.95, 30, dtype=torch.float64)
    sigma = model.path.s(t)[:, None]
    factor = (sigma**2 + SIGMA_DATA**2) / (sigma * SIGMA_DATA) ** 2
    error = (model.x1_hat(x1 + sigma * x0, t) - x1) ** 2
    torch.testing.assert_close(model.residual(x1, x0, t) ** 2, factor * error)


def test_noise_levels_are_log_normal() -> None:
    training = fill(Diffusion.Training, PRESET.training)
    path = made().path
    t = draw_times(training, path, 50_000, torch.Generator().manual_seed(0), torch.float64)
    log_sigma = path.s(t).log()
    assert float(log_sigma.mean()) == pytest.approx(-0.17, abs=0.02)
    assert float(log_sigma.std()) == pytest.approx(1.2, abs=0.02)
