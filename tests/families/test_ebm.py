"""The energy model: its partition function, its gradient, its chains and its box, against what is known on paper."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from dgm_studio.core.errors import Refused
from dgm_studio.core.slow import finish
from dgm_studio.families.ebm import EBM, EXACT, FROM_DATA, PERSISTENT, Design, Sampling, Training
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts.box import Box
from dgm_studio.nets.init import init


class Well(EBM):
    """E(x) = |x|^2 / (2 s^2) with s = 0.5: the normal law, whose Z is known."""

    def energy(self, x: Tensor) -> Tensor:
        return 2 * x.square().sum(1)


def made(kind: type[EBM] = EBM, dim: int = 2, **design: Any) -> EBM:
    with torch.device("meta"):
        model = kind(Design(**{"width": 16, "layers": 2, "buffer": 256, **design}), dim)
    return init(model, torch.Generator().manual_seed(0)).double()


def fit_of(model: EBM, training: Training, spread: float = 1.0) -> Fit:
    data = spread * torch.randn((500, model.dim), generator=torch.Generator().manual_seed(1))
    return Fit(model, training, data, torch.zeros(500, dtype=torch.int64), torch.Generator().manual_seed(2))


@pytest.mark.parametrize("dim", [1, 2])
def test_a_quadratic_energy_has_the_normal_partition_function(dim: int) -> None:
    model = made(Well, dim)
    log_z = float(finish(model.log_partition(64)))
    assert log_z == pytest.approx(0.5 * dim * math.log(2 * math.pi * 0.25), abs=1e-9)
    x = torch.tensor([[0.3] * dim, [4.5] * dim, [-3.9] * dim], dtype=torch.float64)
    log_p = finish(model.log_prob(x, Sampling(), torch.Generator()))
    truth = -2 * x.square().sum(1) - 0.5 * dim * math.log(2 * math.pi * 0.25)
    assert log_p[[0, 2]].tolist() == pytest.approx(truth[[0, 2]].tolist(), abs=1e-9)
    assert float(log_p[1]) == -math.inf  # outside the box


def test_only_the_data_have_a_density() -> None:
    with pytest.raises(Refused, match="t = 1"):
        finish(made().log_prob(torch.zeros(1, 2).double(), Sampling(), torch.Generator(), 0.5))


def test_the_force_is_minus_the_slope_and_leaves_no_graph() -> None:
    model, x = made(Well), torch.randn(5, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    with torch.no_grad():
        force = model.force(x)
    assert torch.allclose(force, -4 * x)
    assert not force.requires_grad


def test_the_walk_samples_the_density() -> None:
    """Variance of Langevin dynamics on N(0, s^2): s^2 / (1 - h / (4 s^2)) at step h."""
    model, sampling, generator = made(Well), Sampling(steps=400, step_size=0.05), torch.Generator().manual_seed(3)
    states = list(model.walk(model.prior(4_000, generator), sampling, generator))
    assert len(states) == model.frames(sampling) == 61
    assert (states[0].t, states[-1].t, states[-1].evaluations) == (0.0, 1.0, 400)
    assert float(states[0].x.var()) == pytest.approx(64 / 12, rel=0.05)  # uniform in [-4, 4]
    assert float(states[-1].x.var()) == pytest.approx(0.25 / (1 - 0.05), rel=0.07)


def test_the_exact_negatives_give_the_gradient_of_the_likelihood(monkeypatch: pytest.MonkeyPatch) -> None:
    model = made()
    fit = fit_of(model, Training(negatives=EXACT, regularisation=0.0, batch=500))
    taken: list[Tensor] = []

    def descend(loss: Tensor) -> None:
        taken.extend(torch.autograd.grad(loss, list(model.parameters()), allow_unused=True))

    monkeypatch.setattr(fit, "descend", descend)
    drawn = torch.Generator().manual_seed(2)
    batch = fit.points[torch.randint(500, (500,), generator=drawn)]
    next(fit.beats())
    nodes, log_cell = model.box.nodes(48)
    loss = model.energy(batch).mean() + torch.logsumexp(-model.energy(nodes), 0) + log_cell
    truth = torch.autograd.grad(loss, list(model.parameters()))
    for own, known in zip(taken, truth, strict=True):
        assert torch.allclose(own, known, atol=1e-12)


def test_chains_go_on_where_they_stood_and_some_start_anew() -> None:
    model = made()
    fit = fit_of(model, Training(batch=64, chain_steps=1, chain_step=1e-4, reinit=0.0))
    next(fit.beats())
    before = model.chains.clone()
    next(fit.beats())
    moved = (model.chains - before).norm(dim=1)
    assert int((moved > 0).sum()) == 64
    assert float(moved.max()) < 0.1  # a step of sd 0.01, not a new start
    fit.training = Training(batch=64, chain_steps=1, chain_step=1e-4, reinit=1.0)
    before = model.chains.clone()
    next(fit.beats())
    assert float((model.chains - before).norm(dim=1).max()) > 1


def test_cd_k_leaves_the_buffer_alone_and_stays_near_the_data() -> None:
    model = made()
    fit = fit_of(model, Training(negatives=FROM_DATA, batch=64))
    next(fit.beats())
    before = model.chains.clone()
    beat = next(fit.beats())
    assert torch.equal(model.chains, before)
    assert abs(beat.values["energy gap"]) < 0.1  # one walk from the data changes the energy little


def test_the_box_comes_from_the_data_and_is_widened_by_new_ones() -> None:
    model = made()
    fit = fit_of(model, Training(batch=64, negatives=PERSISTENT))
    next(fit.beats())
    low, high = model.box.low.clone(), model.box.high.clone()
    assert torch.equal(low, torch.floor(fit.points.amin(0) - 0.5))
    assert bool(model.box.holds(model.chains).all())
    inside = fit.points
    fit.set_data(0.5 * inside, fit.labels)
    next(fit.beats())
    assert torch.equal(model.box.low, low)
    assert torch.equal(model.box.high, high)
    fit.set_data(3 * inside, fit.labels)
    next(fit.beats())
    assert bool((model.box.low < low).all())
    assert bool(model.box.holds(fit.points).all())
    assert bool(model.box.holds(model.chains).all())


def test_walls_reflect() -> None:
    with torch.device("meta"):
        box = Box(1)
    init(box, torch.Generator()).double()
    x = torch.tensor([[0.5], [4.25], [-5.0], [12.5], [-20.5]], dtype=torch.float64)
    assert box.reflect(x).squeeze(1).tolist() == pytest.approx([0.5, 3.75, -3.0, -3.5, -3.5])


def test_the_facts_agree_with_each_other_and_the_push_is_the_force() -> None:
    model = made()
    fit = fit_of(model, Training(batch=64))
    next(fit.beats())
    facts = {fact.label: fact.text for fact in finish(model.facts(fit.points, Sampling(), torch.Generator()))}
    log_p = finish(model.log_prob(fit.points, Sampling(), torch.Generator()))
    assert facts["Log-likelihood"] == f"{float(log_p.mean()):.3f} nats"
    push = finish(model.push(fit.points, 1.0, Sampling(), torch.Generator()))
    assert torch.equal(push.x, model.chains[: len(push.x)])
    assert torch.equal(push.v, model.force(push.x))


def test_it_learns_one_gaussian() -> None:
    """Mean and spread of samples, and the likelihood, after a short run on N(0, 0.5^2 I)."""
    model = made(width=32).float()
    fit = fit_of(model, Training(negatives=EXACT, batch=128, ema=0.9, learning_rate=5e-3), spread=0.5)
    beats = fit.beats()
    while fit.step < 200:
        next(beats)
    shadow: Any = fit.shadow()
    generator = torch.Generator().manual_seed(0)
    *_, last = shadow.walk(shadow.prior(1_000, generator), Sampling(step_size=0.02), generator)
    assert last.x.mean(0).tolist() == pytest.approx([0.0, 0.0], abs=0.1)
    assert float(last.x.std()) == pytest.approx(0.5, abs=0.1)
    log_p = finish(shadow.log_prob(fit.points, Sampling(), generator)).mean()
    entropy = math.log(2 * math.pi * math.e * 0.25)
    assert float(log_p) == pytest.approx(-entropy, abs=0.2)


def test_three_columns_are_refused() -> None:
    assert "one or two columns" in EBM.refuses_data(3, 1)
    assert EBM.refuses_data(1, 1) == EBM.refuses_data(2, 8) == ""
