"""Weak and strong orders of what steps the reverse SDE, on the Ornstein-Uhlenbeck process, step by step."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.data.mixture import Mixture
from dgm_studio.paths import paths
from dgm_studio.paths.exact import ExactField
from dgm_studio.paths.path import Path
from dgm_studio.solvers import solvers
from dgm_studio.solvers.edm_churn import EdmChurn
from dgm_studio.solvers.lambda_sde import LambdaSde
from dgm_studio.solvers.noise import BrownianPath, normal_like
from dgm_studio.solvers.solver import Solver

RATE, G2 = 1.5, 0.8
SDE = pytest.mark.parametrize("name", ["euler-maruyama", "stochastic-heun"])
"""The λ-SDE is Euler-Maruyama's own step."""


@dataclass(frozen=True)
class Still(Path):
    """a = t + 1, s = 1: a regular path with constant g, under which `Restoring` is an exact OU process."""

    card: ClassVar[Card] = Card(id="still", title="", summary="")

    def a(self, t: Tensor) -> Tensor:
        return t + 1

    def s(self, t: Tensor) -> Tensor:
        return torch.ones_like(t)

    def da(self, t: Tensor) -> Tensor:
        return torch.ones_like(t)

    def ds(self, t: Tensor) -> Tensor:
        return torch.zeros_like(t)

    def diffusion_squared(self, t: Tensor) -> Tensor:
        return torch.full_like(t, G2)

    def lecture_clock(self, t: float) -> str:
        return ""


class Restoring:
    """The velocity with velocity + g^2/2 score = -RATE x on `Still`: the OU process dx = -RATE x dt + g dW.

    There x_0 = x - (1 + t) v (since x_1 = v, s' = 0), so score = (1 + t) v - x.
    """

    path = Still()

    def velocity(self, x: Tensor, t: Tensor) -> Tensor:
        return x * (0.5 * G2 - RATE) / (1 + 0.5 * G2 * (1 + t))

    score = x1_hat = velocity


def _walk(solver: Solver, x: Tensor, steps: int, seed: int) -> Tensor:
    times = torch.linspace(0, 1, steps + 1, dtype=torch.float64)
    *_, last = solver.walk(Restoring(), x, times, torch.Generator().manual_seed(seed))
    return last.x


def _moments(solver: Solver, steps: int) -> tuple[float, float]:
    """Mean and variance at t = 1 from x(0) = 1, from the solver's own maps.

    Each step is x -> q x + noise, so two particles under the same noise differ by q^steps exactly (the mean),
    and the variance is the geometric sum of the noise of one recorded step.
    """
    x = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
    one, other = _walk(solver, x, steps, 7), _walk(solver, torch.zeros_like(x), steps, 7)
    mean = float((one - other)[0, 0])
    q = mean ** (1 / steps)
    noise = torch.randn(1, 2, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    times = torch.tensor([0.0, 1 / steps], dtype=torch.float64)
    *_, first = solver.walk(Restoring(), torch.zeros_like(x), times, torch.Generator().manual_seed(3))
    step_variance = float((first.x / noise)[0, 0]) ** 2
    return mean, step_variance * (1 - q ** (2 * steps)) / (1 - q**2)


@SDE
def test_weak_order_on_the_ornstein_uhlenbeck_process(name: str) -> None:
    solver = solvers()[name]
    mean, variance = np.exp(-RATE), G2 / (2 * RATE) * (1 - np.exp(-2 * RATE))
    steps = np.array([50, 100, 200])
    found = np.array([_moments(solver, int(k)) for k in steps])
    for column, truth in ((0, mean), (1, variance)):
        slope = -np.polyfit(np.log(steps), np.log(np.abs(found[:, column] - truth)), 1)[0]
        assert slope == pytest.approx(solver.card.fact("weak_order"), abs=0.1)


@SDE
def test_strong_order_on_additive_noise_along_one_brownian_path(name: str) -> None:
    """Against a much finer walk along the same path."""
    solver, n = solvers()[name], 400

    def walk(steps: int) -> Tensor:
        times = torch.linspace(0, 1, steps + 1, dtype=torch.float64)
        *_, last = solver.walk(Restoring(), torch.ones(n, 2, dtype=torch.float64), times, BrownianPath(1))
        return last.x

    truth, steps = walk(2048), np.array([16, 32, 64, 128])
    errors = [float(((walk(int(k)) - truth) ** 2).mean().sqrt()) for k in steps]
    slope = -np.polyfit(np.log(steps), np.log(errors), 1)[0]
    assert slope == pytest.approx(solver.card.fact("strong_order"), abs=0.1)


@pytest.mark.parametrize("path", paths().values(), ids=list(paths()))
@pytest.mark.parametrize("name", ["euler-maruyama", "stochastic-heun", "lambda-sde", "predictor-corrector"])
def test_gaussian_data_come_out_with_their_moments(name: str, path: Path) -> None:
    mixture = Mixture(np.ones(1), np.array([[0.7, -0.4]]), np.array([[[0.5, 0.3], [0.3, 0.9]]]))
    generator = torch.Generator().manual_seed(2)
    x = path.prior_std * torch.randn(4_000, 2, generator=generator, dtype=torch.float64)
    times = path.time_grid(150, torch.float64)
    *_, last = solvers()[name].walk(ExactField(mixture, path), x, times, generator)
    np.testing.assert_allclose(last.x.mean(0).numpy(), mixture.means[0], atol=0.06)
    np.testing.assert_allclose(np.cov(last.x.numpy().T), mixture.covariances[0], atol=0.1)


@pytest.mark.parametrize("path", paths().values(), ids=list(paths()))
def test_the_marginals_are_those_of_the_ode_for_every_lambda(path: Path) -> None:
    """Variances of N(0, 0.5) data from t = 0.1 to 0.9, each from the walk's own maps x -> q x + noise: a(t)^2 / 2 +
    s(t)^2 for every lambda, up to the step."""
    data = Mixture(np.ones(1), np.zeros((1, 1)), np.full((1, 1, 1), 0.5))
    field, x = ExactField(data, path), torch.ones(1, 1, dtype=torch.float64)
    errors = []
    for steps in (40, 80):
        times = torch.linspace(0.1, 0.9, steps + 1, dtype=torch.float64)
        truth = (path.a(times) ** 2 / 2 + path.s(times) ** 2).numpy()
        row = []
        for lam in (0.0, 0.7, 1.5):
            noise, again = (torch.Generator().manual_seed(3) for _ in range(2))
            states, found = list(LambdaSde(lam).walk(field, x, times, noise)), [float(truth[0])]
            for here, then in itertools.pairwise(states):
                assert here.drift is not None
                q, z = (here.x + here.drift) / here.x, normal_like(x, again)
                found.append(float(q**2 * found[-1] + ((then.x - here.x - here.drift) / z) ** 2))
            row.append(np.abs(np.array(found) / truth - 1).max())
        errors.append(row)
    assert max(errors[1]) < 0.2
    np.testing.assert_array_less(errors[1], 0.65 * np.array(errors[0]))


@pytest.mark.parametrize("lam", [0.0, 0.5, 2.0])
def test_lambda_is_the_share_of_the_noise_and_its_square_that_of_the_drift_against_it(lam: float) -> None:
    """Any other share would have the same marginals, and be another process."""
    field = ExactField(Mixture.isotropic(np.array([[0.5, -0.2]]), 0.6), paths()["vp"])
    x = torch.randn(6, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    times = torch.tensor([0.3, 0.5], dtype=torch.float64)
    one, whole = (next(LambdaSde(k).walk(field, x, times, BrownianPath(3))) for k in (lam, 1.0))
    ends = [list(LambdaSde(k).walk(field, x, times, BrownianPath(3)))[-1].x for k in (lam, 1.0)]
    assert one.drift is not None
    assert whole.drift is not None
    assert one.velocity is not None
    straight = 0.2 * one.velocity
    torch.testing.assert_close(one.drift - straight, lam**2 * (whole.drift - straight))
    torch.testing.assert_close(ends[0] - x - one.drift, lam * (ends[1] - x - whole.drift))


def test_churn_raises_sigma_by_the_share_it_names() -> None:
    """sigma^ = (1 + churn / steps) sigma, by noise of variance sigma^^2 - sigma^2 (a = 1 of the VE path)."""
    path = paths()["ve"]
    field = ExactField(Mixture.isotropic(np.array([[0.5, -0.2]]), 0.6), path)
    x = torch.randn(6, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    times = torch.tensor([0.3, 0.5], dtype=torch.float64)
    first, last = EdmChurn(churn=0.2).walk(field, x, times, BrownianPath(3))
    assert first.drift is not None
    z = normal_like(x, BrownianPath(3), *times)
    torch.testing.assert_close(
        last.x - x - first.drift, (1.2**2 - 1) ** 0.5 * path.s(times[0]) * z, rtol=1e-4, atol=1e-4
    )
