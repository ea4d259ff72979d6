"""DDPM's and DDIM's steps against Bayes' rule on a grid and against diffusers' schedulers."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler, DDPMScheduler, DPMSolverMultistepScheduler
from torch import Tensor

from dgm_studio.core.errors import Refused
from dgm_studio.data.mixture import Mixture
from dgm_studio.paths import paths
from dgm_studio.paths.exact import ExactField
from dgm_studio.paths.path import Path
from dgm_studio.solvers import solvers
from dgm_studio.solvers.ancestral import AncestralSolver, posterior_variance
from dgm_studio.solvers.ddim import DDIM
from dgm_studio.solvers.ddpm import BETA, DDPM, TILDE
from dgm_studio.solvers.noise import BrownianPath, normal_like
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
    ddim = PlainDDIM(trained_betas=_betas(path), **settings)
    ddim.set_timesteps(10)
    for variance, theirs_is in ((TILDE, "fixed_small"), (BETA, "fixed_large")):
        if r == 1 and variance == BETA:
            continue  # to the end theirs adds noise after a step of 100, though none after a step of 1
        ddpm = PlainDDPM(trained_betas=_betas(path), variance_type=theirs_is, **settings)
        ddpm.set_timesteps(10)
        theirs = ddpm.step(clean, index, x, generator=torch.Generator().manual_seed(6)).prev_sample
        ours = one_step(DDPM(variance), path, clean, x, t, r, 6)
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)
    for eta in (0.0, 0.5, 1.0):
        theirs = ddim.step(clean, index, x, eta=eta, generator=torch.Generator().manual_seed(6)).prev_sample
        ours = one_step(DDIM(eta=eta), path, clean, x, t, r, 6)
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)


@EVERY
def test_beta_is_exact_for_standard_normal_data_and_beta_tilde_for_one_point(path: Path) -> None:
    """Three long steps carry the variance of p_t to that of p_r without error; the other variance does not."""
    times = torch.tensor([0.1, 0.4, 0.7, 0.9], dtype=torch.float64)
    a, s = path.a(times), path.s(times)
    for deviation, right, wrong in ((1.0, BETA, TILDE), (0.0, TILDE, BETA)):
        data = Mixture(np.ones(1), np.zeros((1, 1)), np.full((1, 1, 1), deviation))
        truth = (a**2 * deviation + s**2).tolist()
        for kind in (right, wrong):
            found = _variances(DDPM(kind), ExactField(data, path), times, truth[0])
            assert (found == pytest.approx(truth, rel=1e-6)) is (kind == right)


def _variances(solver: AncestralSolver, field: ExactField, times: Tensor, variance: float) -> list[float]:
    """Of every state, for centred Gaussian data: each step is x -> q x + noise, and tells both by its drift."""
    x, generator = torch.ones(1, 1, dtype=torch.float64), BrownianPath(3)
    states, found = list(solver.walk(field, x, times, generator)), [variance]
    for (t, r), here, then in zip(itertools.pairwise(times), states, states[1:], strict=False):
        assert here.drift is not None
        q = float((here.x + here.drift) / here.x)
        noise = float((then.x - here.x - here.drift) / normal_like(x, BrownianPath(3), t, r))
        found.append(q**2 * found[-1] + noise**2)
    return found


def test_no_noise_is_added_to_the_end() -> None:
    """Ho et al., 2020, algorithm 2: z = 0 in the last step."""
    field = ExactField(mixtures.eight(), paths()["vp"])
    x, times = torch.randn(9, 2, generator=torch.Generator().manual_seed(1)), paths()["vp"].time_grid(4)
    *_, before, last = DDPM(BETA).walk(field, x, times, torch.Generator())
    assert before.drift is None
    assert before.x1_hat is not None
    torch.testing.assert_close(last.x, before.x1_hat)


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
    with pytest.raises(Refused, match="posterior variance 'large'"):
        DDPM("large")


PlainMultistep: Any = DPMSolverMultistepScheduler


@pytest.mark.parametrize("path", [paths()["vp"], paths()["vp-cosine"]], ids=["vp", "vp-cosine"])
def test_dpm_solver_is_that_of_diffusers_all_the_way(path: Path) -> None:
    """Ten steps of DPM-Solver++(2M) along the exact field of eight Gaussians, to sigma = 0."""
    field = ExactField(mixtures.eight(), path)
    scheduler = PlainMultistep(
        trained_betas=_betas(path), algorithm_type="dpmsolver++", solver_order=2, solver_type="midpoint",
        prediction_type="sample", timestep_spacing="trailing", final_sigmas_type="zero", lower_order_final=True,
    )  # fmt: skip
    scheduler.set_timesteps(10)
    clocks = torch.tensor([1 - (int(index) + 1) / 1000 for index in scheduler.timesteps] + [1.0], dtype=torch.float64)
    x = torch.randn(40, 2, generator=torch.Generator().manual_seed(4), dtype=torch.float64)
    ours = list(solvers()["dpmpp-2m"].walk(field, x, clocks, torch.Generator()))
    for index, t, state in zip(scheduler.timesteps, clocks, ours, strict=False):
        torch.testing.assert_close(state.x, x, rtol=1e-3, atol=1e-3)
        x = scheduler.step(field.x1_hat(x, t), index, x).prev_sample
    torch.testing.assert_close(ours[-1].x, x, rtol=1e-3, atol=1e-3)
