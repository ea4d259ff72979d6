"""Masked diffusion: what the loss is, where the holes stay, and that the bound bounds."""

from __future__ import annotations

from itertools import product

import pytest
import torch

from dgm_studio.core.knobs import Value
from dgm_studio.families.parts.masked_tokens import BOUND, EVEN
from dgm_studio.families.text.text_family import TextFamily
from dgm_studio.lab.run import Run
from tests.texts import text_recipe


def run_of(steps: int, **training: Value) -> Run:
    """A small run after so many steps."""
    run = Run(text_recipe("masked-text", {"vocabulary": 8}, training))
    for _ in run.steps(steps) if steps else ():
        pass
    return run


def model_of(run: Run) -> TextFamily:
    """As it samples."""
    model = run.scene().model
    assert isinstance(model, TextFamily)
    return model


def test_with_the_bounds_weights_the_loss_is_the_bound() -> None:
    for beat in run_of(0, weighting=BOUND).steps(3):
        assert beat.values["loss"] == beat.values["negative ELBO"]
    for beat in run_of(0, weighting=EVEN).steps(3):
        assert beat.values["loss"] != beat.values["negative ELBO"]


def test_the_bound_lies_above_the_exact_likelihood_of_one_at_a_time_sampling() -> None:
    """Two known tokens: one at a time in random order has p = 1/2 (p(a) p(b | a) + p(b) p(a | b)), and -ELBO is the
    mean of the two orders' -log p: larger by Jensen's inequality."""
    model = model_of(run_of(25, learning_rate=1e-2)).double()
    pairs = torch.tensor(list(product(range(model.count), repeat=2)))
    ids = torch.full((len(pairs), model.length), -1)
    ids[:, :2] = pairs

    def log_p(masked: tuple[bool, bool], position: int) -> torch.Tensor:
        x = ids.clone()
        x[:, :2] = torch.where(torch.tensor(masked), model.noise, pairs)
        rows = model.logits(x)[:, position].log_softmax(-1)
        return rows.gather(-1, pairs[:, position, None]).squeeze(-1)

    both = (True, True)
    left = log_p(both, 0) + log_p((False, True), 1)
    right = log_p(both, 1) + log_p((True, False), 0)
    exact = -torch.stack((left, right)).logsumexp(0) + torch.tensor(2.0).log()
    expected = -(left + right) / 2
    draws = torch.stack([model.bound(ids, torch.Generator().manual_seed(seed)) for seed in range(400)])
    error = 5 * draws.std(0) / len(draws) ** 0.5
    assert ((draws.mean(0) - expected).abs() < error + 1e-6).all()
    assert (expected >= exact - 1e-9).all()
    assert float((-exact).exp().sum()) == pytest.approx(1.0, abs=1e-7)


def test_a_mask_is_never_written() -> None:
    model = model_of(run_of(2))
    assert model.logits(torch.full((1, model.length), model.noise)).shape[-1] == model.noise


@pytest.mark.parametrize(
    ("schedule", "share", "t"), [("linear", 0.3, 0.7), ("cosine", 0.5, 0.5), ("geometric", 0.0, 1.0)]
)
def test_the_time_of_a_share(schedule: str, share: float, t: float) -> None:
    model = Run(text_recipe("masked-text", {"schedule": schedule})).model
    assert isinstance(model, TextFamily)
    assert model.time_of(share) == pytest.approx(t, abs=1e-6)
