"""Uniform diffusion's continuous bound against rates written out, and against the limit of the discrete bound."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from dgm_studio.core.slow import finish
from dgm_studio.families.parts.discrete_bound import bound_terms
from dgm_studio.paths.categorical import transitions
from dgm_studio.paths.categorical.schedules import SCHEDULES, keep_rate, keep_rates, keep_slope
from dgm_studio.paths.categorical.uniform_bound import replace_at_rates, uniform_bound
from tests.paths.categorical.tabular import Predictor, gauss, reverse, table

K, L = 3, 2
X_0 = (2, 0)
SCHEDULE = pytest.mark.parametrize("schedule", [choice.id for choice in SCHEDULES])


def by_rates(schedule: str, u: float, p: Tensor, x_t: int, x_0: int) -> float:
    """sum over j != x_t of r_model - r + r log(r / r_model), each rate as a quotient of marginals."""
    time = torch.tensor(u, dtype=torch.float64)
    keep = float(keep_rate(schedule, time))
    sigma = -float(keep_slope(schedule, time)) / keep
    model = keep * p + (1 - keep) / K
    truth = torch.full((K,), (1 - keep) / K, dtype=torch.float64)
    truth[x_0] += keep
    total = 0.0
    for j in range(K):
        if j != x_t:
            r, r_model = (float(sigma / K * law[j] / law[x_t]) for law in (truth, model))
            total += r_model - r + r * math.log(r / r_model)
    return total


@SCHEDULE
def test_the_closed_form_is_the_rates_written_out(schedule: str) -> None:
    p = table(K, K, 1)(torch.tensor([[0]]))
    for u in (0.02, 0.4, 0.93):
        for x_t in range(K):
            for x_0 in range(K):
                found = uniform_bound(
                    schedule, torch.tensor([u], dtype=torch.float64), p, torch.tensor([[x_t]]), torch.tensor([[x_0]])
                )
                assert float(found) == pytest.approx(by_rates(schedule, u, p[0, 0], x_t, x_0), rel=1e-9)


def integral(schedule: str, predict: Predictor, points: int = 200) -> float:
    """The bound of X_0: quadrature over time, a sum over all x_t. Time is squared near 0, where it has a logarithm."""
    s, w = gauss(points)
    u, w = s.square(), 2 * s * w
    keep, total = keep_rate(schedule, u), torch.zeros_like(u)
    x_0 = torch.tensor([X_0]).expand(len(u), L)
    for x_t in torch.cartesian_prod(torch.arange(K), torch.arange(K)):
        rows = x_t.expand(len(u), L)
        chance = (keep[:, None] * (rows == x_0) + (1 - keep[:, None]) / K).prod(1)
        total += chance * uniform_bound(schedule, u, predict(rows), rows, x_0).sum(1)
    return float((w * total).sum())


@SCHEDULE
def test_the_discrete_bounds_limit_is_the_continuous_one(schedule: str) -> None:
    predict = table(K, K, L)
    exact, gaps = integral(schedule, predict), []
    for steps in (16, 64, 256):
        chain = transitions()["uniform"](K, keep_rates(schedule, steps))
        terms = finish(bound_terms(chain, reverse(chain, predict), torch.tensor([X_0]), torch.Generator()))
        gaps.append(float(terms.sum()) - exact)
    assert abs(gaps[2]) < 0.03 * exact
    assert abs(gaps[2]) < 0.4 * abs(gaps[1]) < 0.4 * abs(gaps[0])


@SCHEDULE
def test_a_uniform_predictor_costs_log_v_a_token(schedule: str) -> None:
    even: Predictor = lambda rows: torch.full((*rows.shape, K), 1 / K, dtype=torch.float64)  # noqa: E731
    assert integral(schedule, even) == pytest.approx(L * math.log(K), rel=1e-5)


@pytest.mark.parametrize("u", [1e-3, 0.3, 0.999])
def test_float32_over_a_real_vocabulary_is_near_float64(u: float) -> None:
    size = 2048
    generator = torch.Generator().manual_seed(0)
    clean = (3 * torch.randn((64, 8, size), generator=generator, dtype=torch.float64)).softmax(-1)
    x_0 = torch.randint(size, (64, 8), generator=generator)
    times = torch.full((64,), u)
    x_t = replace_at_rates(x_0, times, size, generator)
    x_t[0, 0] = (x_0[0, 0] + 1) % size  # one that has changed, at any time
    exact = uniform_bound("linear", times.double(), clean, x_t, x_0)
    found = uniform_bound("linear", times, clean.float(), x_t, x_0)
    assert bool((exact >= 0).all())
    torch.testing.assert_close(found.double(), exact, rtol=2e-3, atol=2e-4)


def test_a_network_learns_down_it() -> None:
    """The gradient of the logits is finite and the bound of the truth is zero."""
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn((4, 5, 30), generator=generator, requires_grad=True)
    x_0 = torch.randint(30, (4, 5), generator=generator)
    u = torch.tensor([1e-4, 0.2, 0.7, 1.0])
    x_t = replace_at_rates(x_0, u, 30, generator)
    value = uniform_bound("cosine", u, logits.softmax(-1), x_t, x_0)
    (slope,) = torch.autograd.grad(value.sum(), logits)
    assert bool(torch.isfinite(slope).all())
    one_hot = torch.nn.functional.one_hot(x_0, 30).double()
    zero = uniform_bound("cosine", u.double()[1:3], one_hot[1:3], x_t[1:3], x_0[1:3])
    torch.testing.assert_close(zero, torch.zeros_like(zero), atol=1e-9, rtol=0)


def test_replacing_has_the_forward_law() -> None:
    n, size = 60_000, 4
    x_0 = torch.full((1, n), 1)
    x_t = replace_at_rates(x_0, torch.tensor([0.6]), size, torch.Generator().manual_seed(0))
    truth = torch.full((size,), 0.6 / size)
    truth[1] += 0.4
    torch.testing.assert_close(torch.bincount(x_t[0], minlength=size) / n, truth, atol=0.01, rtol=0)
