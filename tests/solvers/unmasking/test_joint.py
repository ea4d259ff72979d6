"""Which joint a sampler draws from: known on paper for two tokens, tested by chi-squared over 20,000 draws.

`Pairs` lays 10,000 independent copies of a two-token problem side by side in one window; the ancestral chain lifts each
mask on its own, so one film is so many independent films of two tokens.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import chisquare
from torch import Tensor

from dgm_studio.core.unmasking import ORDERS
from tests.solvers.unmasking.films import film, settings, walked
from tests.solvers.unmasking.tabular import Noisy, Pairs, chain

JOINT = torch.tensor([[0.31, 0.02, 0.03], [0.01, 0.24, 0.04], [0.05, 0.10, 0.20]], dtype=torch.float64)
PRODUCT = JOINT.sum(1)[:, None] * JOINT.sum(0)[None]
DRAWS = 20_000
LEAST = 1e-3
"""The p-value below which a test fails: with fixed seeds it passes always or never."""


def counts(model: Pairs, ids: np.ndarray) -> Tensor:
    one, other = model.pairs(torch.tensor(ids))
    return torch.bincount(one * 3 + other, minlength=9).double()


def p_value(seen: Tensor, law: Tensor) -> float:
    return float(chisquare(seen.numpy(), (law.flatten() * seen.sum()).numpy()).pvalue)


@pytest.mark.parametrize("steps", [1, 2, 3, 7])
def test_the_ancestral_chain_gives_the_mixture_of_joint_and_product(steps: int) -> None:
    """Even steps lift each of two masks in a step of its own with probability 1 - 1/K, in the same one with 1/K."""
    model = Pairs(JOINT)
    own = settings(order="ancestral", steps=steps)
    seen = counts(model, walked(film(model, own, 2 * DRAWS, seed=steps)).now.told.ids)
    assert p_value(seen, (1 - 1 / steps) * JOINT + PRODUCT / steps) > LEAST
    if steps == 2:  # the test can fail
        assert p_value(seen, JOINT) < 1e-12
        assert p_value(seen, PRODUCT) < 1e-12


def test_one_after_the_other_gives_the_joint() -> None:
    """All first tokens in the first step, all second ones in the other: left to right in two steps."""
    model = Pairs(JOINT, apart=True)
    own = walked(film(model, settings(order="left-to-right", steps=2), 2 * DRAWS, seed=3))
    assert own.now.told.calls == 2
    assert p_value(counts(model, own.now.told.ids), JOINT) > LEAST
    both = walked(film(model, settings(order="left-to-right", steps=1), 2 * DRAWS, seed=3))
    assert p_value(counts(model, both.now.told.ids), PRODUCT) > LEAST


@pytest.mark.parametrize(
    "order", [one.id for one in ORDERS if one.id not in ("ancestral", "threshold", "entropy-bound")]
)
def test_any_order_one_at_a_time_gives_the_joint(order: str) -> None:
    """Orders see distributions, never draws, so that the chain rule holds along whatever path they take."""
    model, draws = Pairs(JOINT), 400
    own = settings(order=order, steps=2, order_temperature=0.5)
    ids = np.concatenate([walked(film(model, own, 2, seed=seed)).now.told.ids for seed in range(draws)])
    assert p_value(counts(model, ids), JOINT) > LEAST


def test_a_temperature_sharpens_the_marginals() -> None:
    model = Pairs(JOINT)
    sharp = JOINT.sum(1) ** 2 / (JOINT.sum(1) ** 2).sum()
    first = walked(film(model, settings(order="ancestral", steps=1, temperature=0.5), 2 * DRAWS)).now.told.ids[0::2]
    assert p_value(torch.bincount(torch.tensor(first)).double(), sharp) > LEAST
    greedy = walked(film(model, settings(order="ancestral", steps=1, temperature=0.0), 20)).now.told
    assert (greedy.ids.reshape(-1, 2) == [int(JOINT.sum(1).argmax()), int(JOINT.sum(0).argmax())]).all()
    assert (greedy.probability == 1).all()
    assert (greedy.entropy == 0).all()


@pytest.mark.parametrize("remasking", ["cap", "rescale", "confidence", "loop"])
@pytest.mark.parametrize("pace", ["constant", "cosine", "growing"])
def test_remdm_keeps_the_mask_rate_on_its_schedule(remasking: str, pace: str) -> None:
    """Whatever is masked again, each token is masked after step k with probability lambda_k (Wang et al., 2025)."""
    from dgm_studio.solvers.unmasking.pace import masked_share

    model, steps = Pairs(JOINT), 20
    own = settings(order="ancestral", pace=pace, steps=steps, remasking=remasking, eta=0.2)
    one = walked(film(model, own, 2 * DRAWS, seed=1))
    assert len(one.steps) == steps + 1
    for told in one.steps[1:]:
        rate = masked_share(pace, told.step, steps, loop=remasking == "loop")
        noise = 4.5 * (rate * (1 - rate) / (2 * DRAWS)) ** 0.5
        assert abs(told.mask_rate - rate) <= noise + (0.01 if remasking == "confidence" else 0), told.step
    assert sum(len(told.remasked) for told in one.steps) > DRAWS / 20
    assert one.now.told.mask_rate == 0


def step_law(law: Tensor, before: float, after: float, sigma: float) -> Tensor:
    """The law (4, 4) of two tokens, 3 masked, one ReMDM step on: each position by itself, from the state before."""
    out = torch.zeros_like(law)
    lift = (before - after + sigma * (1 - before)) / before
    marginals = JOINT.sum(1), JOINT.sum(0)
    for a, b in np.ndindex(4, 4):
        of: list[Tensor] = []
        for own, other, conditional in ((a, b, JOINT), (b, a, JOINT.T)):
            p = torch.zeros(4, dtype=torch.float64)
            if own == 3:
                seen = marginals[len(of)] if other == 3 else conditional[:, other] / conditional[:, other].sum()
                p[:3], p[3] = lift * seen, 1 - lift
            else:
                p[own], p[3] = 1 - sigma, sigma
            of.append(p)
        out += law[a, b] * of[0][:, None] * of[1][None]
    return out


@pytest.mark.parametrize("remasking", ["cap", "rescale"])
def test_remdm_gives_the_law_that_its_chain_has(remasking: str) -> None:
    """Against the chain over the 16 states of two tokens, enumerated."""
    steps, eta = 6, 0.4
    law = torch.zeros((4, 4), dtype=torch.float64)
    law[3, 3] = 1.0
    for step in range(steps):
        before, after = 1 - step / steps, 1 - (step + 1) / steps
        most = 1.0 if step == 0 else min(1.0, after / (1 - before))
        law = step_law(law, before, after, min(eta, most) if remasking == "cap" else eta * most)
    assert float(law[3].sum() + law[:, 3].sum()) == pytest.approx(0, abs=1e-12)
    model = Pairs(JOINT)
    own = settings(order="ancestral", steps=steps, remasking=remasking, eta=eta)
    seen = counts(model, walked(film(model, own, 2 * DRAWS, seed=8)).now.told.ids)
    assert p_value(seen, law[:3, :3]) > LEAST
    assert p_value(seen, (1 - 1 / steps) * JOINT + PRODUCT / steps) < 1e-3, "re-masking makes a difference"


@pytest.mark.parametrize("steps", [1, 4, 9])
def test_the_uniform_chain_ends_in_the_data(steps: int) -> None:
    """Independent tokens are exact in any number of steps; their share of noise is that of the schedule."""
    law = torch.tensor([0.6, 0.25, 0.1, 0.05], dtype=torch.float64)
    one = walked(film(Noisy(law), settings(steps=steps), DRAWS, seed=2))
    assert p_value(torch.bincount(torch.tensor(one.now.told.ids)).double(), law) > LEAST
    for told in one.steps:
        mixed = (1 - told.mask_rate) * law + told.mask_rate / 4
        assert p_value(torch.bincount(torch.tensor(told.ids)).double(), mixed) > LEAST


def test_an_autoregressive_model_writes_its_own_law() -> None:
    model = chain("autoregressive", tokens=3, seed=4)
    ids = np.stack([walked(film(model, settings(), 2, seed=seed)).now.told.ids for seed in range(500)])
    seen = torch.bincount(torch.tensor(ids[:, 0] * 3 + ids[:, 1]), minlength=9).double()
    assert p_value(seen, model.start[:, None] * model.step) > LEAST
