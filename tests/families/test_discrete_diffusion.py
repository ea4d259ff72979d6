"""Discrete diffusion against sums over every trajectory of a tiny chain, in float64."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from dgm_studio.core.errors import Refused
from dgm_studio.core.slow import finish
from dgm_studio.families.discrete_diffusion import Design, DiscreteDiffusion, Sampling, Training
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts import discrete_bound
from dgm_studio.nets.init import init

TRANSITIONS = ("absorbing", "uniform", "discretised-gaussian")
EVERY = pytest.mark.parametrize("transition", TRANSITIONS)


def made(dim: int = 2, **design: Any) -> DiscreteDiffusion:
    with torch.device("meta"):
        model = DiscreteDiffusion(Design(**{"width": 16, "layers": 1, **design}), dim)
    model = init(model, torch.Generator().manual_seed(0)).double().eval().requires_grad_(False)
    for weight in model.parameters():
        weight.mul_(2)  # far from uniform
    return model


def blobs(n: int = 600) -> Tensor:
    drawn = np.random.default_rng(0)
    return torch.from_numpy(drawn.standard_normal((n, 2)) * 0.3 + drawn.choice([-1.0, 1.0], (n, 1)))


def trained(steps: int, **design: Any) -> Fit:
    with torch.device("meta"):
        model = DiscreteDiffusion(Design(**{"width": 32, "layers": 2, "bins": 12, "chain_steps": 12, **design}), 2)
    init(model, torch.Generator().manual_seed(0))
    data = blobs()
    fit = Fit(model, Training(batch=256), data, torch.zeros(len(data)), torch.Generator().manual_seed(0))
    beats = fit.beats()
    for _ in range(steps):
        next(beats)
    return fit


def elbo_by_enumeration(model: DiscreteDiffusion, x_0: Tensor) -> float:
    """E over all (x_1, ..., x_T) of q of log p(x_0..T) / q(x_1..T | x_0), one token, with matrices only."""
    own = model.chain
    total = 0.0
    for way in itertools.product(range(own.states), repeat=own.steps):
        states = [int(x_0), *way]
        q = math.prod(float(own.matrix(t)[states[t], states[t - 1]]) for t in range(1, own.steps + 1))
        if q == 0:
            continue
        log_p = math.log(float(own.limit[states[-1]]))
        for t in range(1, own.steps + 1):
            p = model.reverse(torch.tensor([[states[t]]]), torch.tensor(t))[0, 0, states[t - 1]]
            log_p += math.log(float(p))
        total += q * (log_p - math.log(q))
    return total


@EVERY
@pytest.mark.parametrize("schedule", ["linear", "geometric"])
def test_the_bound_is_the_sum_over_all_trajectories(transition: str, schedule: str) -> None:
    model = made(1, bins=4, chain_steps=3, transition=transition, schedule=schedule)
    for token in range(4):
        x = model.places(torch.tensor([[token]]))
        found = finish(model.log_prob(x, Sampling(), torch.Generator())) + model.bin.log().sum()
        assert float(found) == pytest.approx(elbo_by_enumeration(model, torch.tensor(token)), rel=1e-9)


@EVERY
def test_the_bound_is_below_the_marginal(transition: str) -> None:
    """p(x_0) by carrying the joint law of both tokens back through every step."""
    model = made(2, bins=4, chain_steps=5, transition=transition)
    own, s = model.chain, model.chain.states
    every = torch.cartesian_prod(torch.arange(s), torch.arange(s))
    law = torch.outer(own.limit, own.limit).reshape(-1)
    for t in range(own.steps, 0, -1):
        back = model.reverse(every, torch.tensor(t))
        law = torch.einsum("n,na,nb->ab", law, back[:, 0], back[:, 1]).reshape(-1)
    marginal = law.reshape(s, s)[:4, :4]
    assert float(marginal.sum()) == pytest.approx(1)
    tokens = torch.cartesian_prod(torch.arange(4), torch.arange(4))
    log_p = finish(model.log_prob(model.places(tokens), Sampling(), torch.Generator())) + model.bin.log().sum()
    assert bool((log_p <= marginal.reshape(-1).log() + 1e-9).all())
    assert float(log_p.exp().sum()) > 0.3


@EVERY
def test_the_samples_have_the_models_law(transition: str) -> None:
    """One token: 40,000 walks against the product of the reverse matrices."""
    model = made(1, bins=4, chain_steps=4, transition=transition)
    own = model.chain
    law = own.limit
    for t in range(own.steps, 0, -1):
        law = law @ model.reverse(torch.arange(own.states)[:, None], torch.tensor(t))[:, 0]
    generator = torch.Generator().manual_seed(0)
    *_, last = model.walk(model.prior(40_000, generator), Sampling(), generator)
    share = torch.bincount(model.tokens(last.x)[:, 0], minlength=4).double() / 40_000
    assert bool(((share - law[:4]).abs() < 5 * (law[:4] / 40_000).sqrt()).all())


@EVERY
def test_training_estimates_the_exact_bound(transition: str) -> None:
    """T E_t KL over drawn x_t is the sum of the exact terms t = 1 .. T."""
    model = made(2, bins=6, chain_steps=5, transition=transition)
    x_0 = torch.tensor([[1, 4]])
    exact = finish(discrete_bound.bound_terms(model.chain, model.reverse, x_0, torch.Generator()))[0]
    n, generator = 40_000, torch.Generator().manual_seed(0)
    t = 1 + torch.randint(5, (n,), generator=generator)
    many = x_0.expand(n, 2)
    terms = 5 * model.terms(many, model.chain.draw(many, t[:, None], generator), t)[0]
    assert float(terms.mean()) == pytest.approx(float(exact[1:].sum()), abs=5 * float(terms.std()) / n**0.5)


def test_many_tokens_are_averaged_to_the_same_value(monkeypatch: pytest.MonkeyPatch) -> None:
    model = made(2, bins=6, chain_steps=5, transition="uniform")
    x_0 = torch.tensor([[1, 4]]).repeat(4000, 1)
    exact = finish(discrete_bound.bound_terms(model.chain, model.reverse, x_0[:1], torch.Generator()))[0]
    monkeypatch.setattr(discrete_bound, "MOST_STATES", 0)
    drawn = finish(discrete_bound.bound_terms(model.chain, model.reverse, x_0, torch.Generator().manual_seed(0)))
    torch.testing.assert_close(drawn.mean(0), exact, atol=0.02, rtol=0.02)


def test_a_uniform_guess_costs_log_k_a_token() -> None:
    model = made(2, bins=8, chain_steps=7, transition="absorbing")
    for weight in model.parameters():
        weight.zero_()
    terms = finish(discrete_bound.bound_terms(model.chain, model.reverse, torch.tensor([[0, 5]]), torch.Generator()))
    assert float(terms.sum()) == pytest.approx(2 * math.log(8))


def test_the_box_is_settled_once_and_binned_right() -> None:
    fit = trained(1)
    model: Any = fit.model
    low, bin_ = model.low.clone(), model.bin.clone()
    assert bool((fit.points >= low).all() & (fit.points < low + 12 * bin_).all())
    centres = model.places(model.tokens(fit.points))
    assert bool(((centres - fit.points).abs() <= 0.5 * bin_ + 1e-6).all())
    assert torch.equal(model.tokens(centres), model.tokens(fit.points))
    fit.set_data(10 * fit.points, torch.zeros(len(fit.points)))
    next(fit.beats())
    assert torch.equal(model.low, low)
    assert int(model.tokens(fit.points).max()) == 11
    outside = finish(model.log_prob(fit.points.new_full((1, 2), 50.0), Sampling(), torch.Generator()))
    assert float(outside) == -math.inf


@EVERY
def test_the_film_starts_at_the_limit_and_ends_at_bin_centres(transition: str) -> None:
    model: Any = trained(30, transition=transition, chain_steps=130).shadow()
    generator = torch.Generator().manual_seed(0)
    start = model.prior(50, generator)
    states = list(model.walk(start, Sampling(), generator))
    assert len(states) == model.frames(Sampling()) <= 61
    assert torch.equal(states[0].x, start)
    last = states[-1]
    assert torch.equal(last.x, model.places(model.tokens(last.x)))
    assert last.evaluations == 130
    assert bool((last.x > model.low).all())
    assert bool((start < model.low).all()) == (transition == "absorbing")
    inside = torch.stack([state.x1_hat for state in states[:-1]])
    assert bool(((inside > model.low) & (inside < model.low + 12 * model.bin)).all())


@EVERY
def test_a_dragged_start_is_a_state_that_the_chain_may_end_in(transition: str) -> None:
    """A token in the box is none that a masked chain has at its end."""
    model = made(1, bins=4, chain_steps=4, transition=transition)
    states = list(model.walk(torch.full((3, model.dim), 0.1), Sampling(), torch.Generator().manual_seed(0)))
    assert bool((states[0].x < model.low).all()) == (model.chain.mask is not None)
    assert bool(torch.isfinite(states[-1].x).all())


def test_all_at_once_gives_the_product_of_marginals() -> None:
    """Two blobs on the diagonal: one jump mixes their axes, one token at a time does not."""
    model: Any = trained(600).shadow()
    shares = []
    for jump in (1, 256):
        generator = torch.Generator().manual_seed(0)
        *_, last = model.walk(model.prior(4000, generator), Sampling(jump=jump), generator)
        shares.append(float(((last.x[:, 0] > 0) != (last.x[:, 1] > 0)).double().mean()))
    assert shares[0] < 0.15
    assert 0.4 < shares[1] < 0.6


def test_the_read_outs_agree() -> None:
    model: Any = trained(200).shadow()
    points, generator = blobs(300).float(), torch.Generator().manual_seed(0)
    bars = finish(model.bars(points, Sampling(), generator))
    assert bars.values.shape == (12,)
    total = -float(finish(model.log_prob(points, Sampling(), generator)).mean()) - float(model.bin.log().sum())
    assert float(bars.values.sum()) == pytest.approx(total, rel=1e-4)  # an absorbing chain ends at its limit
    facts = {fact.label: fact.text for fact in finish(model.facts(points, Sampling(), generator))}
    assert facts["Bits a dimension"] == f"{total / 2 / math.log(2):.2f} of {math.log2(12):.2f}"
    assert facts["Beyond the box"] == "0.0%"
    assert total < 2 * math.log(12)


def test_it_has_no_noised_density() -> None:
    with pytest.raises(Refused, match="t = 1"):
        finish(made().log_prob(torch.zeros(1, 2).double(), Sampling(), torch.Generator(), t=0.5))
