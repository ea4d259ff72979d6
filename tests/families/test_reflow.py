"""Reflow: its couples against the closed-form map of a Gaussian, its phases, and that it straightens."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.errors import Refused
from dgm_studio.core.slow import finish
from dgm_studio.families.diffusion import Diffusion
from dgm_studio.families.fit import Fit
from dgm_studio.families.reflow import Design, Reflow, Sampling, Training
from dgm_studio.families.vae import VAE
from dgm_studio.lab.run import Run
from dgm_studio.nets.init import init
from tests.lab.recipes import go, small

MEAN, STD = 0.7, 0.5


def made(**design: Any) -> Reflow:
    with torch.device("meta"):
        model = Reflow(Design(**{"width": 16, "layers": 1, "pool": 256, **design}), 2)
    return init(model, torch.Generator().manual_seed(0))


def fit_of(model: Reflow, **training: Any) -> Fit:
    data = MEAN + STD * torch.randn((400, 2), generator=torch.Generator().manual_seed(2)).to(model.dtype)
    own = Training(**{"batch": 32, "teacher_steps": 2, "round_steps": 3, **training})
    return Fit(model, own, data, torch.zeros(400, dtype=torch.int64), torch.Generator().manual_seed(3))


class Exact(nn.Module):
    """The straight path's velocity for data N(MEAN, STD^2 I), at the network's input and scale."""

    def __init__(self, model: Diffusion) -> None:
        super().__init__()
        self.model = [model]
        self.keep = nn.Parameter(torch.zeros((), dtype=torch.float64))

    def forward(self, z: Tensor, t: Tensor, label: Tensor | None = None) -> Tensor:
        (model,) = self.model
        a, s = (f(t)[:, None] for f in (model.path.a, model.path.s))
        x = z * torch.sqrt(a**2 * model.design.sigma_data**2 + s**2)
        gain = (t[:, None] * STD**2 - s) / (a**2 * STD**2 + s**2)
        return (MEAN + gain * (x - a * MEAN)) / model.scale(t) + 0 * self.keep


def test_couples_are_the_ends_of_the_exact_flow() -> None:
    """The probability-flow map of N(0, I) to N(m, s^2 I) is z_1 = m + s z_0 (CONVENTIONS.md)."""
    model = made().double()
    model.teacher.net = Exact(model.teacher)
    model.phase.fill_(1)
    fit = fit_of(model, couple_steps=48)
    next(fit.beats())
    assert int(model.pooled) == 256
    assert float(model.z0.std()) == pytest.approx(1, rel=0.1)
    torch.testing.assert_close(model.z1, MEAN + STD * model.z0, rtol=0, atol=5e-3)


def test_phases_follow_each_other_and_the_last_goes_on() -> None:
    model = made(rounds=2)
    fit = fit_of(model)
    names = [beat.name for beat, _ in zip(fit.beats(), range(10), strict=False)]
    assert names == ["teacher"] * 2 + ["round 1"] * 3 + ["round 2"] * 5
    assert int(model.phase) == 2


@pytest.mark.parametrize(("path", "prediction"), [("straight", "velocity"), ("vp", "epsilon"), ("ve", "score")])
def test_a_round_starts_from_the_averaged_flow_it_straightens(path: str, prediction: str) -> None:
    model = made(path=path, prediction=prediction)
    fit = fit_of(model, teacher_steps=40)
    beats = fit.beats()
    for _ in range(39):
        next(beats)
    average: Any = fit.shadow()
    next(beats)
    assert int(model.phase) == 1
    settled = dict(model.teacher.named_parameters())
    own = dict(model.rounds[0].named_parameters())
    alike = path == "straight"
    assert all(torch.equal(own[name], weight) == alike for name, weight in settled.items())
    held = dict(average.teacher.named_parameters())
    gaps = [float((settled[name] - held[name]).detach().abs().max()) for name in held]
    assert max(gaps) < 5e-3, "one more step has moved the average, no more"
    next(beats)
    assert bool(model.z1.isfinite().all())
    assert model.gaussian_source is False
    assert model.path.card.id == "straight"


def test_a_round_beyond_the_newest_is_the_newest() -> None:
    model = made(rounds=2)
    assert model.flow(4) is model.teacher
    model.phase.fill_(2)
    assert [model.flow(k) for k in range(4)] == [model.teacher, *model.rounds, model.rounds[1]]
    start = model.prior(5, torch.Generator().manual_seed(1))
    ends = [[*model.walk(start, Sampling(round=k), torch.Generator())][-1].x for k in range(3)]
    assert not torch.equal(ends[0], ends[1])
    assert not torch.equal(ends[1], ends[2])


def test_it_straightens_and_one_step_suffices() -> None:
    recipe = small(
        "reflow", DataSpec("two-gaussians", {}, 2_000), width=48, layers=2, rounds=1, pool=2048, batch=256,
        teacher_steps=500, round_steps=500, learning_rate=4e-3, couple_steps=8,
    )  # fmt: skip
    run = Run(recipe)
    go(run, 1_000)
    scene = run.scene()
    model: Any = scene.model
    bars = finish(model.bars(scene.points, scene.sampling, scene.generator()))
    assert bars.names == ("Teacher", "Round 1")
    assert float(bars.values[1]) < 0.5 * float(bars.values[0])
    facts = {fact.label: fact.text for fact in finish(model.facts(scene.points, scene.sampling, scene.generator()))}
    assert float(facts["Round 1: W₂ in one step"]) < 0.5 * float(facts["Teacher: W₂ in one step"])


def test_only_a_diffusion_of_the_same_build_is_adopted() -> None:
    model = made()
    with torch.device("meta"):
        other = Diffusion(Design(width=32, layers=1), 2)
        same = Diffusion(Design(width=16, layers=1), 2)
        stranger = VAE(VAE.Design(), 2)
    for teacher, why in ((other, "differs from this design in width"), (stranger, "cannot teach")):
        with pytest.raises(Refused, match=why):
            model.adopt(teacher)
    init(same, torch.Generator().manual_seed(9))
    model.adopt(same)
    assert int(model.phase) == 1
    assert all(torch.equal(a, b) for a, b in zip(model.teacher.parameters(), same.parameters(), strict=True))
    assert next(fit_of(model).beats()).name == "round 1"
