"""DDPM's and DDIM's steps against Bayes' rule on a grid and against diffusers' schedulers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler, DDPMScheduler
from torch import Tensor

from dgm_studio.core.errors import Refused
from dgm_studio.paths import paths
from dgm_studio.paths.exact import ExactField
from dgm_studio.paths.path import Path
from dgm_studio.solvers.ancestral import AncestralSolver, posterior_variance
from dgm_studio.solvers.ddim import DDIM
from dgm_studio.solvers.ddpm import DDPM
from tests.paths import mixtures

# diffusers' schedulers carry no types
PlainDDPM: Any = DDPMScheduler
PlainDDIM: Any = DDIMScheduler

EVERY = pytest.mark.parametrize("path", paths().values(), ids=list(paths()))


class Fixed:
    """A field whose clean prediction is given."""

    def __init__(self, path: Path, clean: Tensor) -> None:
        self.path = path
        self.clean = clean

    def x1_hat(self, x: Tensor, t: Tensor) -> Tensor:
        return self.clean

    score = velocity = x1_hat


def one_step(solver: AncestralSolver, path: Path, clean: Tensor, x: Tensor, t: float, r: float, seed: int) -> Tensor:
    times = torch.tensor([t, r], dtype=torch.float64)
    *_, last = solver.walk(Fixed(path, clean), x, times, torch.Generator().manual_seed(seed))
    return last.x


@EVERY
@pytest.mark.parametrize(("t", "r"), [(0.3, 0.5), (0.05, 0.9), (0.7, 0.72)])
def test_ddpm_step_is_bayes_rule_on_a_grid(path: Path, t: float, r: float) -> None:
    """p(x_r | x_t, x_1) is likelihood N(x_t; k x_r, b) times prior N(x_r; a_r x_1, s_r^2)."""
    x1, xt = 0.6, -0.3
    times = torch.tensor([t, r], dtype=torch.float64)
    (a_t, a_r), (s_t, s_r) = path.a(times).tolist(), path.s(times).tolist()
    k = a_t / a_r
    b = s_t**2 - k**2 * s_r**2
    grid = a_r * x1 + s_r * np.linspace(-25, 25, 400_001)
    log_p = -0.5 * (xt - k * grid) ** 2 / b - 0.5 * (grid - a_r * x1) ** 2 / s_r**2
    p = np.exp(log_p - log_p.max())
    p /= p.sum()
    mean = float((p * grid).sum())
    variance = float((p * (grid - mean) ** 2).sum())

    clean, x = (torch.full((50_000, 1), value, dtype=torch.float64) for value in (x1, xt))
    assert float(posterior_variance(path, times[0], times[1])) == pytest.approx(variance, rel=1e-6)
    drawn = one_step(DDPM(), path, clean, x, t, r, 0)
    noise = torch.randn(50_000, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    torch.testing.assert_close(drawn, mean + variance**0.5 * noise, rtol=1e-6, atol=1e-6)


@EVERY
def test_ddim_with_eta_one_is_ddpm(path: Path) -> None:
    field = ExactField(mixtures.eight(), path)
    x = path.prior_std * torch.randn(200, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    ends = []
    for solver in (DDPM(), DDIM(eta=1.0)):
        *_, last = solver.walk(field, x, path.time_grid(20, torch.float64), torch.Generator().manual_seed(9))
        ends.append(last.x)
    torch.testing.assert_close(ends[0], ends[1])


def _betas(path: Path) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The discrete chain of 1000 steps with alpha_bar_i = a(1 - i/1000)^2."""
    alpha_bar = path.a(1 - torch.arange(1001, dtype=torch.float64) / 1000).numpy() ** 2
    return np.asarray(1 - alpha_bar[1:] / alpha_bar[:-1])


@pytest.mark.parametrize("path", [paths()["vp"], paths()["vp-cosine"]], ids=["vp", "vp-cosine"])
@pytest.mark.parametrize("index", [999, 499, 99])
def test_steps_are_those_of_diffusers(path: Path, index: int) -> None:
    """Index i of diffusers' chain is our t = 1 - (i + 1)/1000; ten steps jump 100 of them."""
    source = torch.Generator().manual_seed(4)
    x, clean = (torch.randn(64, 2, generator=source, dtype=torch.float64) for _ in range(2))
    t, r = 1 - (index + 1) / 1000, 1 - (index + 1 - 100) / 1000
    settings: Any = {"clip_sample": False, "prediction_type": "sample", "timestep_spacing": "trailing"}
    ddpm = PlainDDPM(trained_betas=_betas(path), **settings)
    ddim = PlainDDIM(trained_betas=_betas(path), **settings)
    for scheduler in (ddpm, ddim):
        scheduler.set_timesteps(10)
    theirs = ddpm.step(clean, index, x, generator=torch.Generator().manual_seed(6)).prev_sample
    ours = one_step(DDPM(), path, clean, x, t, r, 6)
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)
    for eta in (0.0, 0.5, 1.0):
        theirs = ddim.step(clean, index, x, eta=eta, generator=torch.Generator().manual_seed(6)).prev_sample
        ours = one_step(DDIM(eta=eta), path, clean, x, t, r, 6)
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)


def test_the_linear_schedule_is_ddpms() -> None:
    """beta_i from 1e-4 to 0.02 over 1000 steps: the continuous path's alpha_bar, up to the discretisation."""
    theirs = PlainDDPM().alphas_cumprod.double()
    ours = paths()["vp"].a(1 - torch.arange(1, 1001, dtype=torch.float64) / 1000) ** 2
    assert float((ours.sqrt() - theirs.sqrt()).abs().max()) < 2e-3


def test_the_cosine_schedule_is_improved_ddpms() -> None:
    theirs = PlainDDPM(beta_schedule="squaredcos_cap_v2").alphas_cumprod.double()
    ours = paths()["vp-cosine"].a(1 - torch.arange(1, 1001, dtype=torch.float64) / 1000) ** 2
    assert float((ours.sqrt() - theirs.sqrt()).abs().max()) < 1e-2


def test_eta_out_of_range_is_refused() -> None:
    with pytest.raises(Refused, match="eta"):
        DDIM(eta=1.5)
