"""Masked diffusion's continuous bound against enumeration over masks and the limit of the discrete bound."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from dgm_studio.core.slow import finish
from dgm_studio.families.parts.discrete_bound import bound_terms
from dgm_studio.paths.categorical import transitions
from dgm_studio.paths.categorical.continuous_bound import (
    antithetic_times,
    bound_weight,
    mask_at_rates,
    mask_counted,
    masked_bound,
)
from dgm_studio.paths.categorical.schedules import SCHEDULES, keep_rates, noised_rate
from tests.paths.categorical.tabular import gauss, mask_bound, reverse, table

K, L = 3, 2
X_0 = (2, 0)
SCHEDULE = pytest.mark.parametrize("schedule", [choice.id for choice in SCHEDULES])


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def costs(x_t: Tensor, x_0: Tensor) -> Tensor:
    """The tabular model's cross-entropies (n, L)."""
    p = table(K + 1, K, L)(x_t)
    return -p.gather(-1, x_0[..., None]).squeeze(-1).log()


def expected(schedule: str, u: Tensor) -> Tensor:
    """E over masks of the weighted sum at times u (n,), by all four masks."""
    rate, total = noised_rate(schedule, u), torch.zeros_like(u)
    x_0 = torch.tensor([X_0]).expand(len(u), L)
    for held in ((True, False), (False, True), (True, True)):
        masked = torch.tensor(held).expand(len(u), L)
        chance = torch.where(masked, rate[:, None], 1 - rate[:, None]).prod(1)
        x_t = torch.where(masked, K, x_0)
        total += chance * masked_bound(costs(x_t, x_0), masked, bound_weight(schedule, u))
    return total


@SCHEDULE
def test_the_bound_is_enumerations_whatever_the_schedule(schedule: str) -> None:
    u, w = gauss(60)
    found = float((w * expected(schedule, u)).sum())
    assert found == pytest.approx(mask_bound(table(K + 1, K, L), X_0, K), rel=1e-9)


@SCHEDULE
def test_the_discrete_bounds_limit_is_the_continuous_one(schedule: str) -> None:
    exact, gaps = mask_bound(table(K + 1, K, L), X_0, K), []
    for steps in (8, 64, 512):
        chain = transitions()["absorbing"](K, keep_rates(schedule, steps))
        terms = finish(bound_terms(chain, reverse(chain, table(K + 1, K, L)), torch.tensor([X_0]), generator()))
        gaps.append(float(terms.sum()) - exact)
    assert abs(gaps[2]) < 0.01 * exact
    assert gaps[1] / gaps[2] == pytest.approx(8, rel=0.15)  # first order in 1 / T


def test_one_token_costs_the_same_at_any_number_of_steps() -> None:
    """Alone, a token is either known or masked: every chain has the bound -log p(x_0 | mask)."""
    predict = table(K + 1, K, 1)
    exact = mask_bound(predict, (1,), K)
    assert exact == pytest.approx(-math.log(float(predict(torch.tensor([[K]]))[0, 0, 1])))
    for steps in (2, 7):
        chain = transitions()["absorbing"](K, keep_rates("cosine", steps))
        terms = finish(bound_terms(chain, reverse(chain, predict), torch.tensor([[1]]), generator()))
        assert float(terms.sum()) == pytest.approx(exact)


@pytest.mark.parametrize("counted", [False, True])
def test_drawn_masks_give_the_bound(counted: bool) -> None:
    n = 40_000
    x_0 = torch.tensor([X_0]).expand(n, L)
    if counted:
        x_t, weight = mask_counted(x_0, K, generator(1))
    else:
        u = antithetic_times(n, generator(1), torch.float64).clamp_min(1e-3)
        x_t, weight = mask_at_rates(x_0, noised_rate("cosine", u), K, generator(2)), bound_weight("cosine", u)
    values = masked_bound(costs(x_t, x_0), x_t == K, weight)
    exact = mask_bound(table(K + 1, K, L), X_0, K)
    assert abs(float(values.mean()) - exact) < 4 * float(values.std()) / math.sqrt(n)
    if counted:
        assert float(weight.max()) <= L


def test_a_uniform_predictor_costs_log_v_a_token() -> None:
    """By count exactly, in every draw; by rate on average."""
    size, length, n = 2048, 16, 64
    x_0 = torch.randint(size, (n, length), generator=generator())
    x_t, weight = mask_counted(x_0, size, generator(1))
    even = torch.full((n, length), math.log(size))
    found = masked_bound(even, x_t == size, weight) / length
    torch.testing.assert_close(found, torch.full((n,), math.log(size)))
    n = 20_000
    u = antithetic_times(n, generator(2))
    x_t = mask_at_rates(x_0[:1].expand(n, length), u, size, generator(3))
    found = masked_bound(even[:1], x_t == size, bound_weight("linear", u)) / length
    assert abs(float(found.mean()) - math.log(size)) < 4 * float(found.std()) / math.sqrt(n)


def test_masks_have_their_rate_and_leave_the_rest() -> None:
    x_0 = torch.randint(7, (4, 20_000), generator=generator(), dtype=torch.int32)
    rates = torch.tensor([0.0, 0.1, 0.7, 1.0])
    x_t = mask_at_rates(x_0, rates, 7, generator(1))
    assert x_t.dtype == x_0.dtype
    masked = x_t == 7
    assert bool((x_t[~masked] == x_0[~masked]).all())
    torch.testing.assert_close(masked.float().mean(1), rates, atol=0.015, rtol=0)
    x_t, weight = mask_counted(x_0[:, :50], 7, generator(2))
    torch.testing.assert_close((x_t == 7).sum(1), (50 / weight).round().long())


def test_antithetic_times_are_one_in_each_part_and_each_uniform() -> None:
    n, firsts = 8, []
    for seed in range(400):
        u = antithetic_times(n, generator(seed), torch.float64)
        assert bool(((u > 0) & (u <= 1)).all())
        torch.testing.assert_close((u * n).ceil().sort().values, torch.arange(1, n + 1, dtype=torch.float64))
        firsts.append(float(u[0]))
    from scipy.stats import kstest

    assert kstest(firsts, "uniform").pvalue > 1e-3


def test_antithetic_averages_are_unbiased_and_of_lower_variance() -> None:
    exact = mask_bound(table(K + 1, K, L), X_0, K)
    own, plain = [], []
    for seed in range(400):
        own.append(expected("cosine", antithetic_times(16, generator(seed), torch.float64)).mean())
        plain.append(expected("cosine", torch.rand(16, generator=generator(seed), dtype=torch.float64)).mean())
    spread, other = torch.stack(own).std(), torch.stack(plain).std()
    assert float(spread) < 0.3 * float(other)
    assert abs(float(torch.stack(own).mean()) - exact) < 4 * float(spread) / math.sqrt(400) + 1e-9
