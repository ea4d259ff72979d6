"""Categorical chains against matrices multiplied out and against Bayes' rule by brute force, in float64."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from dgm_studio.core.errors import Refused
from dgm_studio.paths.categorical import chain, transitions
from dgm_studio.paths.categorical.schedules import SCHEDULES, keep_rate, keep_rates
from dgm_studio.paths.categorical.transition import Transition

K, T = 5, 6
EVERY = pytest.mark.parametrize("id", sorted(transitions()))
SCHEDULE = pytest.mark.parametrize("schedule", [choice.id for choice in SCHEDULES])


def made(id: str, schedule: str = "cosine") -> Transition:
    return transitions()[id](K, keep_rates(schedule, T))


def at(t: int) -> Tensor:
    return torch.tensor(t)


def product(own: Transition, t: int, jump: int) -> Tensor:
    """Q_t ... Q_{t-jump+1}, multiplied out."""
    out = torch.eye(own.states, dtype=torch.float64)
    for step in range(t - jump + 1, t + 1):
        out = own.matrix(step) @ out
    return out


def test_the_three_transitions_are_there() -> None:
    assert {"uniform", "absorbing", "discretised-gaussian"} <= set(transitions())
    for one in transitions().values():
        assert all((one.card.title, one.card.summary, one.card.paper, one.card.lecture, one.card.formula))


@EVERY
@SCHEDULE
def test_matrices_are_stochastic_and_compose(id: str, schedule: str) -> None:
    own = made(id, schedule)
    for t in range(1, T + 1):
        assert bool((own.matrix(t) >= 0).all())
        for jump in range(1, t + 1):
            torch.testing.assert_close(own.matrix(t, jump).sum(0), torch.ones(own.states, dtype=torch.float64))
            torch.testing.assert_close(own.matrix(t, jump), product(own, t, jump))


@EVERY
def test_closed_forms_are_the_matrices(id: str) -> None:
    own = made(id)
    p0 = torch.rand(7, 2, own.states, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    p0 /= p0.sum(-1, keepdim=True)
    x_t = torch.arange(14).view(7, 2) % own.states
    t = torch.arange(7)[:, None].clamp(1, T)
    forward, back = own.forward(p0, t), own.back(x_t, t)
    torch.testing.assert_close(own.forward(p0, t.expand(7, 2)), forward)
    for row in range(7):
        step = int(t[row])
        torch.testing.assert_close(forward[row], p0[row] @ product(own, step, step).T)
        torch.testing.assert_close(back[row], own.matrix(step)[x_t[row]])
    for jump in (1, 3, T):
        torch.testing.assert_close(own.back(x_t, at(T), jump), product(own, T, jump)[x_t])
    torch.testing.assert_close(own.forward(p0, at(2)), p0 @ product(own, 2, 2).T)


@EVERY
@SCHEDULE
@pytest.mark.parametrize("size", range(2, 7))
def test_the_posterior_is_bayes_rule(id: str, schedule: str, size: int) -> None:
    """p(x_{t-1} | x_t, x_0) from the joint law of the chain, every state, every step, one step back and several."""
    own = transitions()[id](size, keep_rates(schedule, T))
    for t in range(1, T + 1):
        for jump in {1, t}:
            early = product(own, t - jump, t - jump)
            joint = product(own, t, jump)[None] * early.T[:size, None, :]  # [x_0, x_t, x_{t-jump}]
            chance = joint.sum(-1, keepdim=True)
            every = torch.cartesian_prod(torch.arange(size), torch.arange(own.states))
            found = own.posterior(every[:, 1], own.one_hot(every[:, 0]), at(t), jump).view(joint.shape)
            happens = (chance > 0).expand_as(joint)
            torch.testing.assert_close(found[happens], (joint / chance)[happens])


def test_the_transpose_matters_for_absorbing_chains() -> None:
    own = made("absorbing")
    right = own.posterior(at(own.mask or 0), own.one_hot(at(1)), at(3))
    product = (own.matrix(3) @ own.one_hot(at(own.mask or 0))) * own.forward(own.one_hot(at(1)), at(2))
    assert float(right[1]) > 0.1
    assert float(product[1]) == 0  # without it a masked token could never have been anything else


@EVERY
@SCHEDULE
def test_the_chain_forgets_at_its_limit(id: str, schedule: str) -> None:
    own = made(id, schedule)
    torch.testing.assert_close(own.limit.sum(), torch.tensor(1.0, dtype=torch.float64))
    for t in range(1, T + 1):  # stationary: every step leaves it
        torch.testing.assert_close(own.matrix(t) @ own.limit, own.limit)
    if id == "discretised-gaussian":  # a random walk gets near its limit, the nearer the more steps it has
        own = transitions()[id](24, keep_rates(schedule, 64))
    reached = own.matrix(own.steps, own.steps)
    divergence = torch.xlogy(reached, reached / own.limit.clamp_min(1e-300)[:, None]).sum(0)
    assert float(divergence.max()) < (0.1 if id == "discretised-gaussian" else 1e-12)


def test_a_discretised_gaussian_is_the_papers() -> None:
    """Appendix A.2.3 written out entry by entry."""
    own = made("discretised-gaussian")
    beta = 1 - float(own.keep[2] / own.keep[1])
    total = sum(math.exp(-4 * n**2 / ((K - 1) ** 2 * beta)) for n in range(-(K - 1), K))
    for i in range(K):
        rest = 1.0
        for j in range(K):
            if i != j:
                entry = math.exp(-4 * (i - j) ** 2 / ((K - 1) ** 2 * beta)) / total
                assert float(own.matrix(2)[i, j]) == pytest.approx(entry, rel=1e-12)
                rest -= entry
        assert float(own.matrix(2)[i, i]) == pytest.approx(rest, rel=1e-12)


@EVERY
def test_draws_have_the_forward_law(id: str) -> None:
    own, n = made(id), 40_000
    x_0 = torch.full((n,), 1)
    drawn = own.draw(x_0, torch.full((n,), 3), torch.Generator().manual_seed(0))
    truth = product(own, 3, 3)[:, 1]
    share = torch.bincount(drawn, minlength=own.states).double() / n
    assert bool(((share - truth).abs() <= 5 * (truth * (1 - truth) / n).sqrt()).all())


@SCHEDULE
def test_schedules_fall_from_one_to_zero(schedule: str) -> None:
    u = torch.linspace(0, 1, 101, dtype=torch.float64)
    keep = keep_rate(schedule, u)
    assert float(keep[0]) == pytest.approx(1, abs=1e-12)
    assert float(keep[-1]) == pytest.approx(0, abs=1e-12)
    assert bool((keep[1:] < keep[:-1]).all())
    torch.testing.assert_close(keep_rates(schedule, 100), keep, atol=1e-12, rtol=0)


def test_the_geometric_schedule_grows_by_a_factor() -> None:
    noised = 1 - keep_rates("geometric", 10)
    growth = (noised[2:] - noised[1:-1]) / (noised[1:-1] - noised[:-2])
    torch.testing.assert_close(growth, torch.full_like(growth, 100 ** (1 / 10)))


def test_an_unknown_schedule_is_refused() -> None:
    with pytest.raises(Refused, match="cosine"):
        keep_rate("cosin", torch.zeros(1))


def test_a_chain_is_made_once() -> None:
    asked = ("uniform", 4, "linear", 3, torch.device("cpu"), torch.float32)
    assert chain(*asked) is chain(*asked)
    assert chain(*asked).keep.dtype == torch.float32
