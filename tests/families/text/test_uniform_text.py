"""Uniform diffusion: which law the network holds, and that both losses are smallest there."""

from __future__ import annotations

import math
from itertools import product

import pytest
import torch
from torch import Tensor

from dgm_studio.core.knobs import Value
from dgm_studio.families.text.uniform_text import BOUND, UniformText
from dgm_studio.lab.run import Run
from dgm_studio.paths.categorical.uniform_bound import uniform_bound
from tests.texts import text_recipe

K, KEEP = 3, 0.6
JOINT = torch.tensor([[0.4, 0.05, 0.05], [0.05, 0.2, 0.05], [0.1, 0.05, 0.05]], dtype=torch.float64)


def model_of() -> UniformText:
    """Any; its law is not used."""
    model = Run(text_recipe("uniform-text")).model
    assert isinstance(model, UniformText)
    return model


def chances() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """All pairs (9, 2) as x_0 and as x_t, q(x_t, x_0) (9, 9), and the law of each x_0^i given the OTHER token of x_t
    (9, 2, 3), by enumeration of a joint of two tokens."""
    pairs = torch.tensor(list(product(range(K), repeat=2)))
    one = KEEP * torch.eye(K, dtype=torch.float64) + (1 - KEEP) / K  # q(x_t^i = row | x_0^i = column)
    both = one[pairs[:, None, 0], pairs[None, :, 0]] * one[pairs[:, None, 1], pairs[None, :, 1]]
    weight = both * JOINT.flatten()
    others = torch.zeros(9, 2, K, dtype=torch.float64)
    for row, (left, right) in enumerate(pairs.tolist()):
        others[row, 0] = JOINT @ one[right]
        others[row, 1] = JOINT.T @ one[left]
    return pairs, both, weight, others / others.sum(-1, keepdim=True)


def test_by_bayes_the_posterior_of_a_token_follows_from_the_others_law() -> None:
    pairs, _, weight, others = chances()
    u = torch.full((9,), 1 - KEEP, dtype=torch.float64)
    found = model_of().posterior(others.log(), pairs, u).softmax(-1)
    exact = torch.zeros(9, 2, K, dtype=torch.float64)
    for column, pair in enumerate(pairs.tolist()):
        for place, token in enumerate(pair):
            exact[:, place, token] += weight[:, column]
    assert torch.allclose(found, exact / exact.sum(-1, keepdim=True), atol=1e-6)


def test_the_bound_is_least_at_the_others_law_and_not_at_the_posterior() -> None:
    pairs, _, weight, others = chances()
    model, u = model_of(), torch.full((9,), 1 - KEEP, dtype=torch.float64)

    def bound(clean: Tensor) -> float:
        terms = [uniform_bound("linear", u, clean, pairs, pair.expand(9, 2)).sum(1) for pair in pairs]
        return float((weight * torch.stack(terms, 1)).sum())

    best = bound(others)
    assert bound(model.posterior(others.log(), pairs, u).softmax(-1)) > best + 0.01
    generator = torch.Generator().manual_seed(0)
    for _ in range(20):
        noise = 0.2 * torch.randn(others.shape, generator=generator, dtype=torch.float64)
        assert bound((others.log() + noise).softmax(-1)) > best


@pytest.mark.parametrize("training", [{}, {"objective": BOUND}])
def test_both_losses_lower_the_bound(training: dict[str, Value]) -> None:
    run = Run(text_recipe("uniform-text", None, {"learning_rate": 1e-2, "batch": 16, **training}))
    ids = run.scene().held_out  # type: ignore[attr-defined]
    ids = ids[(ids >= 0).all(1)].repeat(100, 1)

    def cost() -> float:
        model = run.scene().model
        assert isinstance(model, UniformText)
        return float(model.bound(ids, torch.Generator().manual_seed(0)).mean() / model.length)

    for _ in run.steps(250):
        pass
    assert cost() < 0.75 * math.log(run.model.count)  # type: ignore[arg-type]
