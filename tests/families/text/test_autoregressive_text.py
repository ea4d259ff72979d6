"""Left to right: an exact likelihood."""

from __future__ import annotations

from itertools import product

import pytest
import torch

from dgm_studio.families.text.text_family import TextFamily
from dgm_studio.lab.run import Run
from tests.texts import text_recipe


def model_of() -> TextFamily:
    """Trained a little, in float64."""
    run = Run(text_recipe("autoregressive-text", {"vocabulary": 8}, {"learning_rate": 1e-2}))
    for _ in run.steps(20):
        pass
    model = run.scene().model.double()
    assert isinstance(model, TextFamily)
    return model


def test_probabilities_of_all_beginnings_sum_to_one() -> None:
    """Two tokens known, six holes: what holes stand for is never a target, so the two tokens' law is left."""
    model = model_of()
    pairs = torch.tensor(list(product(range(model.count), repeat=2)))
    ids = torch.full((len(pairs), model.length), -1)
    ids[:, :2] = pairs
    total = (-model.bound(ids, torch.Generator()).double()).exp().sum()
    assert float(total) == pytest.approx(1.0, abs=1e-5)


def test_row_i_sees_only_what_stands_before_i() -> None:
    model = model_of()
    ids = torch.randint(model.count, (1, model.length), generator=torch.Generator().manual_seed(0))
    base = model.logits(ids)
    for j in range(model.length):
        other = ids.clone()
        other[0, j] = (other[0, j] + 1) % model.count
        moved = (model.logits(other) - base)[0, :, : model.count].abs().amax(-1) > 1e-12
        assert not moved[: j + 1].any()
        assert moved[j + 1 :].any() or j == model.length - 1


def test_the_bound_is_the_chain_rule_of_the_logits() -> None:
    model = model_of()
    ids = torch.randint(model.count, (3, model.length), generator=torch.Generator().manual_seed(1))
    chained = model.logits(ids).log_softmax(-1).gather(-1, ids[..., None]).sum((1, 2))
    assert torch.allclose(model.bound(ids, torch.Generator()).double(), -chained, atol=1e-6)
