"""Priors over codes: laws by enumeration, classes told and hidden, guidance, and what is drawn."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import pytest
import torch
from torch import Tensor

from dgm_studio.core.knobs import Value, fill
from dgm_studio.families.pictures.code_prior import CodePrior
from dgm_studio.families.pictures.masked_codes import MaskedCodes
from dgm_studio.families.pictures.token_pictures import NO_CLASS, Told
from dgm_studio.lab.run import Run
from dgm_studio.solvers.unmasking import TokenFilm
from tests.families.pictures.codes import code_run

BOTH = ("masked-codes", "autoregressive-codes")


def prior_of(run: Run) -> Any:
    """As it samples, in float64."""
    model = run.scene().model.double()
    assert isinstance(model, CodePrior)
    return model


@pytest.fixture(scope="module", params=BOTH)
def learnt(request: pytest.FixtureRequest) -> Any:
    """A little trained prior over codes 2 x 2 of 6: 1296 windows, all of which can be counted."""
    training: dict[str, Value] = {"first_steps": 20, "learning_rate": 1e-2, "batch": 8, "ema": 0.9}
    return prior_of(code_run(request.param, training, steps=60))


def every(model: Any) -> Tensor:
    """All K^L windows."""
    return torch.tensor(list(product(range(model.tokens), repeat=model.length)))


def log_joint(model: Any, label: int, gamma: float = 1.0) -> Tensor:
    """log p of all windows (K^L,), by the chain rule from logits: raster order for an autoregressive prior; for a
    masked one the same order, masks lifted one after another."""
    ids = every(model)
    labels = torch.full((len(ids),), label)
    if model.mask is None:
        rows = model.logits(ids, labels, gamma).log_softmax(-1)
        return torch.as_tensor(rows.gather(-1, ids[..., None]).sum((1, 2)))
    total = torch.zeros(len(ids), dtype=torch.float64)
    for place in range(model.length):
        x = ids.clone()
        x[:, place:] = model.mask
        rows = model.logits(x, labels, gamma)[:, place].log_softmax(-1)
        total += rows.gather(-1, ids[:, place, None])[:, 0]
    return total


def test_probabilities_of_all_codes_sum_to_one(learnt: Any) -> None:
    for label in (NO_CLASS, 0, 2):
        assert float(log_joint(learnt, label).exp().sum()) == pytest.approx(1.0, abs=1e-9)
    if learnt.mask is None:
        ids = every(learnt)
        costs = learnt.bound(ids, torch.ones(len(ids), dtype=torch.int64), torch.Generator())
        assert torch.allclose(-costs, log_joint(learnt, 1), atol=1e-9)


def test_the_bound_is_the_mean_over_all_orders() -> None:
    """-ELBO of a masked prior = the mean over the L! orders of the chain rule's -log p (Uria et al., 2014; Hoogeboom et
    al., 2022): here over the masks of each size, all 15 of them."""
    model = prior_of(code_run("masked-codes", {"learning_rate": 1e-2}, steps=20))
    ids = torch.tensor([[0, 1, 2, 3], [4, 4, 0, 5]])
    labels = torch.tensor([0, NO_CLASS])
    expected = torch.zeros(2, dtype=torch.float64)
    for masked in product((False, True), repeat=4):
        size = sum(masked)
        if not size:
            continue
        where = torch.tensor(masked)
        rows = model.logits(torch.where(where, model.mask, ids), labels).log_softmax(-1)
        nats = -rows.gather(-1, ids[..., None])[..., 0]
        expected += (nats * where).sum(1) / (size * math.comb(4, size))
    draws = torch.stack(
        [model.bound(ids.repeat(64, 1), labels.repeat(64), torch.Generator().manual_seed(seed)) for seed in range(30)]
    ).view(-1, 2)
    error = 5 * draws.std(0) / len(draws) ** 0.5
    assert ((draws.mean(0) - expected).abs() < error).all()


def test_guidance_at_0_and_1_and_between_and_above(learnt: Any) -> None:
    ids = every(learnt)[::37]
    labels = torch.ones(len(ids), dtype=torch.int64)
    free, told = learnt.logits(ids, torch.full_like(labels, NO_CLASS)), learnt.logits(ids, labels)
    assert torch.equal(learnt.logits(ids, labels, 0.0), free)
    assert torch.equal(learnt.logits(ids, labels, 1.0), told)
    assert not torch.allclose(free, told)
    for gamma in (0.3, 2.5):
        assert torch.allclose(learnt.logits(ids, labels, gamma), (1 - gamma) * free + gamma * told, atol=1e-12)


def test_what_is_drawn_follows_the_chain_rule(learnt: Any) -> None:
    """One at a time from left to right, guided: the first code of 300 films against its law, by chi-squared."""
    gamma, count = 1.5, 300
    sampling = fill(learnt.Sampling, {"order": "left-to-right", "steps": 4, "guidance": gamma, "label": 1})
    drawing = learnt.draw_codes(torch.zeros(count, dtype=torch.int64), sampling, torch.Generator().manual_seed(3))
    next(drawing)
    first = next(drawing).flatten(1)
    assert (first[:, 1:] < 0).all()
    expected = count * log_joint(learnt, 1, gamma).exp().view(learnt.tokens, -1).sum(1)
    observed = torch.bincount(first[:, 0], minlength=learnt.tokens).double()
    chi2 = float(((observed - expected) ** 2 / expected.clamp_min(1.0)).sum())
    assert chi2 < learnt.tokens - 1 + 5 * (2 * learnt.tokens) ** 0.5
    assert float(expected.min()) < 0.9 * float(expected.max())


@pytest.mark.parametrize("family", BOTH)
def test_films_together_are_each_the_film_alone(family: str) -> None:
    model = prior_of(code_run(family))
    sampling = fill(model.Sampling, {"order": "random", "steps": 2, "guidance": 2.0})
    labels = torch.tensor([0, 1, 2])
    *_, together = model.draw_codes(labels, sampling, torch.Generator().manual_seed(0))
    seeds = torch.randint(2**31, (3,), generator=torch.Generator().manual_seed(0)).tolist()
    for row, label, seed in zip(together.flatten(1), labels.tolist(), seeds, strict=True):
        start = torch.zeros(model.length, dtype=torch.int64)
        film = TokenFilm(Told(model, label, 2.0), sampling, start, start.bool(), seed)
        list(film.walk())
        assert torch.equal(row, film.now.ids)


@pytest.mark.parametrize("family", BOTH)
def test_a_walk_ends_in_decoded_codes(family: str) -> None:
    model = code_run(family).scene().model
    assert isinstance(model, CodePrior)
    sampling: Any = fill(type(model).Sampling, {"steps": 3})
    generator = torch.Generator().manual_seed(1)
    states = list(model.walk(model.prior(2, generator), sampling, generator))
    assert len(states) == model.frames(sampling)
    assert not states[0].x.any()
    assert states[-1].t == 1.0
    end = states[-1].x
    assert end.shape == (2, model.dim)
    generator = torch.Generator().manual_seed(1)
    labels = model.prior(2, generator)[:, 0]
    *_, codes = model.draw_codes(labels, sampling, generator)
    assert torch.allclose(end, model.decode_codes(codes), atol=1e-6)
    assert ((codes >= 0) & (codes < model.tokens)).all()


def test_the_unwritten_cells_are_grey() -> None:
    model = code_run("masked-codes").scene().model
    assert isinstance(model, MaskedCodes)
    hidden = torch.tensor([[True, False, False, True]])
    shown = model.stood(model.veiled(torch.ones(1, model.dim), hidden))[0, 0]
    assert not shown[:4, :4].any()
    assert not shown[4:, 4:].any()
    assert (shown[:4, 4:] == 1).all()
    assert (shown[4:, :4] == 1).all()


def test_told_the_class_a_code_costs_less() -> None:
    """Stripes differ by class."""
    run = code_run("masked-codes", {"first_steps": 20, "learning_rate": 2e-2, "batch": 16, "ema": 0.9}, steps=120)
    model, data = prior_of(run), run.data
    x, labels = model.seen(run.fit.points), torch.tensor(data.labels)
    found = model.held_out(x, labels, torch.Generator().manual_seed(0))
    told, free = (float(pair[0] / pair[1]) for pair in found.values())
    assert told < free - 0.02
    assert free < math.log(model.tokens)


def test_without_label_dropping_no_class_is_never_told() -> None:
    run = code_run("masked-codes", {"label_drop": 0.0}, steps=3)
    model = run.model
    assert isinstance(model, MaskedCodes)
    none = int(model.told(torch.tensor([NO_CLASS])))
    before = model.net.embedding.detach().clone()
    for _ in run.steps(5):
        pass
    now = model.net.embedding.detach()
    assert torch.equal(now[none], before[none])
    assert not torch.equal(now[none - 1], before[none - 1])
