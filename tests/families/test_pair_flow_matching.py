"""Pair flow matching against closed forms, and its optimal pairs against POT."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import ot
import pytest
import torch
from torch import Tensor, nn

from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.slow import finish
from dgm_studio.families.fit import Fit
from dgm_studio.families.pair_flow_matching import Design, PairFlowMatching, Sampling, Training, turned
from dgm_studio.families.parts.pairings import INDEPENDENT, PAIRED, PAIRINGS, TRANSPORT, transport_order
from dgm_studio.families.parts.trajectories import cost, straightness, trajectories
from dgm_studio.lab.run import Run
from dgm_studio.nets.init import init
from tests.lab.recipes import go, small

MEAN, STD = 0.7, 0.5


def made(**design: Any) -> PairFlowMatching:
    with torch.device("meta"):
        model = PairFlowMatching(Design(width=16, layers=1, **design), 2)
    return init(model, torch.Generator().manual_seed(0))


def noise(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


class Known(nn.Module):
    """A field put in the network's place; it sees and gives points in units of the model's scale."""

    def __init__(self, model: PairFlowMatching, field: Any) -> None:
        super().__init__()
        self.field, self.scale = field, model.design.sigma_data
        self.keep = nn.Parameter(torch.zeros((), dtype=torch.float64))

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        out: Tensor = self.field(self.scale * x, t) / self.scale + 0 * self.keep
        return out


def unturning(x: Tensor, t: Tensor) -> Tensor:
    """E[x_1 - R x_1 | x_t] = (I - R) ((1 - t) R + t I)^-1 x_t for x_0 = R x_1, R the quarter turn."""
    t = t.to(x).expand(len(x))
    square = (t**2 + (1 - t) ** 2)[:, None]
    x1 = (t[:, None] * x - (1 - t)[:, None] * turned(x)) / square
    return x1 - turned(x1)


@pytest.mark.parametrize("group", [5, 16, 64])
def test_optimal_pairs_cost_what_pot_says(group: int) -> None:
    x0, x1 = noise(64, 2), 2 * noise(64, 2, seed=2) + 1
    order = transport_order(x0, x1, group)
    assert sorted(order.tolist()) == list(range(64))
    for first in range(0, 64, group):
        one, two = x0[first : first + group], x1[first : first + group]
        best = ot.emd2([], [], ot.dist(one.numpy(), two.numpy()))
        assert cost(x0[order][first : first + group], two) == pytest.approx(best, rel=1e-9)


def test_paired_turned_data_have_a_straight_exact_flow() -> None:
    model = made(source="turned-copy").double()
    model.net = Known(model, unturning)  # type: ignore[assignment]
    x1 = noise(50, 2)
    *_, end = model.walk(turned(x1), Sampling(solver="rk4", steps=64), torch.Generator())
    torch.testing.assert_close(end.x, x1, rtol=1e-5, atol=1e-5)
    with torch.no_grad():
        frames, times = finish(trajectories(model, turned(x1), 64))
    assert straightness(frames, times) < 1e-4
    training = Training(coupling=PAIRED, batch=64, learning_rate=1e-6)
    fit = Fit(model, training, x1, torch.zeros(50), torch.Generator().manual_seed(0))
    assert next(fit.beats()).values["loss"] < 1e-20, "pairs that do not cross leave nothing to guess"


def test_the_loss_of_the_exact_velocity_is_the_irreducible_one() -> None:
    """Independent N(0, 1) to N(m, s^2): Var(x_1 - x_0 | x_t) = s^2 / (t^2 s^2 + (1 - t)^2) an axis."""
    model = made(source="standard-normal").double()

    def exact(x: Tensor, t: Tensor) -> Tensor:
        t = t.to(x)[:, None]
        gain = (t * STD**2 - (1 - t)) / (t**2 * STD**2 + (1 - t) ** 2)
        return MEAN + gain * (x - t * MEAN)

    model.net = Known(model, exact)  # type: ignore[assignment]
    data = MEAN + STD * noise(40_000, 2)
    fit = Fit(
        model, Training(batch=4096, learning_rate=1e-6), data, torch.zeros(40_000), torch.Generator().manual_seed(3)
    )
    losses = [next(fit.beats()).values["loss"] * model.design.sigma_data**2 for _ in range(30)]
    t = (np.arange(100_000) + 0.5) / 100_000
    truth = float(np.mean(STD**2 / (t**2 * STD**2 + (1 - t) ** 2)))
    assert np.mean(losses) == pytest.approx(truth, abs=5 * np.std(losses) / math.sqrt(30))


def pairs_of(coupling: str, group: int = 128, n: int = 512, **design: Any) -> tuple[Tensor, Tensor]:
    model, points = made(**design), noise(2_000, 2).float() + torch.tensor([3.0, 0.0])
    model.coupled.fill_([one.id for one in PAIRINGS].index(coupling))
    model.group.fill_(group)
    return model.pairs(points, n, torch.Generator().manual_seed(5))


def test_couplings_differ_in_cost_alone() -> None:
    (free, one), (few, _), (best, other) = (
        pairs_of(*chosen) for chosen in ((INDEPENDENT,), (TRANSPORT, 8), (TRANSPORT, 128))
    )
    assert cost(best, other) < 0.95 * cost(few, _) < 0.95 * cost(free, one)
    assert torch.equal(best.sort(0).values, free.sort(0).values), "the source's points are the same, in another order"
    x0, x1 = pairs_of(PAIRED, source="turned-copy")
    assert torch.equal(x0, turned(x1))
    x0, x1 = pairs_of(INDEPENDENT, source="turned-copy")
    assert abs(float(((x0 - x0.mean(0)) * turned(x1 - x1.mean(0))).mean())) < 0.15
    x0, x1 = pairs_of(PAIRED, source="noised-copy")
    assert float((x0 - x1).std()) == pytest.approx(0.5, rel=0.1)


def test_arbitrary_pairs_last() -> None:
    x0, x1 = pairs_of(PAIRED, n=4_000)
    partners: dict[tuple[float, ...], set[tuple[float, ...]]] = {}
    for a, b in zip(x0.tolist(), x1.tolist(), strict=True):
        partners.setdefault(tuple(b), set()).add(tuple(a))
    assert len(partners) > 1_000
    assert {len(own) for own in partners.values()} == {1}


def test_copies_fill_the_pool_that_sampling_starts_from() -> None:
    model, points = made(source="turned-copy"), 5 + noise(300, 2).float()
    fit = Fit(model, Training(batch=4096), points, torch.zeros(300), torch.Generator().manual_seed(0))
    for _ in range(3):
        next(fit.beats())
    start = model.prior(500, torch.Generator().manual_seed(1))
    known = {tuple(row) for row in turned(points).tolist()}
    assert {tuple(row) for row in start.tolist()} <= known


@pytest.mark.parametrize(
    ("source", "coupling", "sigma", "known"),
    [
        ("standard-normal", INDEPENDENT, 0.0, True),
        ("standard-normal", TRANSPORT, 0.0, False),
        ("standard-normal", INDEPENDENT, 0.2, False),
        ("moons", INDEPENDENT, 0.0, False),
    ],
)
def test_the_exact_field_is_shown_only_where_it_is_the_truth(
    source: str, coupling: str, sigma: float, known: bool
) -> None:
    run = Run(
        small("pair-flow-matching", DataSpec("eight-gaussians", {}, 300), source=source, coupling=coupling, sigma=sigma)
    )
    go(run, 1)
    assert (run.scene().exact is not None) == known


def test_it_says_what_the_coupling_costs() -> None:
    run = Run(small("pair-flow-matching"))
    go(run, 2)
    scene = run.scene()
    model: Any = scene.model
    facts = {fact.label: fact.text for fact in finish(model.facts(scene.points, scene.sampling, scene.generator()))}
    assert facts["Coupling"] == "Independent"
    assert float(facts["Cost of the pairs"]) > 0
    assert facts["Lines that cross"].endswith("of 1770")
    shown = finish(model.structure(scene.points, scene.sampling, scene.generator()))
    assert len(shown.lines) == 120
    assert all(torch.equal(line[0], curve[0]) for line, curve in zip(shown.lines[:60], shown.lines[60:], strict=True))
