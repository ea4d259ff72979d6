"""Claims over every family of text: a new file is judged the moment it exists."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from dgm_studio.core.knobs import Knob, Value, fill, knobs_of
from dgm_studio.core.unmasking import AUTOREGRESSIVE, MASKED, UNIFORM, Unmasking
from dgm_studio.families import all_families, families
from dgm_studio.families.pictures import picture_families
from dgm_studio.families.text import text_families
from dgm_studio.families.text.text_family import TextFamily
from dgm_studio.lab.native import load, save
from dgm_studio.lab.run import Run
from dgm_studio.lab.scene import TextScene
from tests.contracts.test_families import ends, same
from tests.texts import text_recipe

ALL = sorted(text_families())


def run_of(id: str, design: dict[str, Value] | None = None, training: dict[str, Value] | None = None) -> Run:
    """A small run at step 0."""
    return Run(text_recipe(id, design, training))


def model_of(run: Run) -> TextFamily:
    """Its live model."""
    assert isinstance(run.model, TextFamily)
    return run.model


def go(run: Run, steps: int) -> list[dict[str, float]]:
    """Train; each beat's scalars."""
    return [dict(beat.values) for beat in run.steps(steps)]


def knob_ends(group: str) -> list[Any]:
    """(family, knob, value) for every end of every knob of one group."""
    return [
        pytest.param(id, one, value, id=f"{id}-{one.name}-{value}")
        for id in ALL
        for one in knobs_of(getattr(text_families()[id], group))
        for value in ends(one)
    ]


def windows(run: Run) -> torch.Tensor:
    """Held-out windows (m, L) without holes."""
    scene = run.scene()
    assert isinstance(scene, TextScene)
    return scene.held_out[(scene.held_out >= 0).all(1)]


def test_families_of_points_and_of_text_are_told_apart() -> None:
    assert not set(families()) & set(text_families())
    assert not set(picture_families()) & set(text_families())
    assert {id: one.takes for id, one in all_families().items()} == {
        **dict.fromkeys(picture_families(), "pictures"),
        **dict.fromkeys(families(), "points"),
        **dict.fromkeys(text_families(), "text"),
    }
    assert {one.kind for one in text_families().values()} == {MASKED, UNIFORM, AUTOREGRESSIVE}


@pytest.mark.parametrize(("id", "one", "value"), knob_ends("Design"))
def test_every_design_builds_takes_a_step_and_writes(id: str, one: Knob, value: Value) -> None:
    run = run_of(id, {one.name: value}, {"batch": 2})
    seen = go(run, 1)
    assert all(np.isfinite(v) for beat in seen for v in beat.values())
    generator = torch.Generator().manual_seed(0)
    model: Any = run.scene().model
    ids = torch.randint(model.count, (1, model.length), generator=generator)
    logits = model.logits(ids, torch.tensor([0.5]))
    assert logits.shape == (1, model.length, run.recipe.design["vocabulary"])
    assert torch.isfinite(logits[..., : model.count]).all()
    assert (logits[..., model.count :] == -torch.inf).all()


@pytest.mark.parametrize(("id", "one", "value"), knob_ends("Training"))
def test_every_training_takes_a_step(id: str, one: Knob, value: Value) -> None:
    if one.name == "learning_rate" and value == one.high:
        value = 1.0  # its range goes where a loss is not finite, which is another test's
    run = run_of(id, None, {one.name: value})
    assert all(np.isfinite(v) for beat in go(run, 2) for v in beat.values())


@pytest.mark.parametrize("id", ALL)
@pytest.mark.parametrize("network", ["mixer", "transformer"])
def test_gradients_reach_every_weight(id: str, network: str) -> None:
    run = run_of(id, {"network": network})
    before = {name: weight.detach().clone() for name, weight in run.model.named_parameters()}
    go(run, 4)
    still = [name for name, weight in run.model.named_parameters() if torch.equal(weight, before[name])]
    assert not still


@pytest.mark.parametrize("id", ALL)
@pytest.mark.parametrize("network", ["mixer", "transformer"])
def test_it_learns_and_beats_the_word_frequencies(id: str, network: str) -> None:
    run = run_of(id, {"network": network}, {"learning_rate": 1e-2, "batch": 16, "ema": 0.9})
    ids = windows(run).repeat(20, 1)
    before = cost(run, ids)
    go(run, 160)
    assert cost(run, ids) < 0.75 * before


def cost(run: Run, ids: torch.Tensor) -> float:
    """Nats of a noised token, over all shares."""
    model: Any = run.scene().model
    total = sum(model.judged(ids, torch.Generator().manual_seed(0)).values())
    return float(total[0] / total[1])


@pytest.mark.parametrize("id", ALL)
def test_a_uniform_predictor_costs_log_v_a_token(id: str) -> None:
    run = run_of(id)
    model = model_of(run).double()
    with torch.no_grad():
        model.net.norm.weight.zero_()
        model.net.norm.bias.zero_()
        model.net.bias.zero_()
    ids, expected = windows(run).repeat(40, 1), math.log(model.count)
    for pair in model.judged(ids, torch.Generator().manual_seed(1)).values():
        assert float(pair[0] / pair[1]) == pytest.approx(expected, rel=1e-6)
    nats = model.bound(ids, torch.Generator().manual_seed(2)).double() / model.length
    # Exact where the terms are counted; of the uniform chain times are drawn, and the mean over them is log V.
    tolerance = 4 * float(nats.std()) / len(nats) ** 0.5 if model.kind == UNIFORM else 1e-5
    assert float(nats.mean()) == pytest.approx(expected, abs=max(tolerance, 1e-5))


@pytest.mark.parametrize("id", ALL)
def test_saved_opened_and_gone_on_is_the_same_run(id: str, tmp_path: Path) -> None:
    whole, part = run_of(id), run_of(id)
    go(whole, 7)
    go(part, 3)
    opened = load(save(part, tmp_path / "half"))
    assert opened.recipe == part.recipe
    go(opened, 4)
    assert same(opened.fit, whole.fit)
    assert opened.losses == whole.losses


@pytest.mark.parametrize("id", ALL)
def test_the_same_seed_writes_the_same_text_and_only_tokens(id: str) -> None:
    run = run_of(id)
    go(run, 3)
    model, sampling = run.scene().model, fill(Unmasking, {"steps": 8})
    films = []
    for _ in range(2):
        generator = torch.Generator().manual_seed(5)
        states = list(model.walk(model.prior(2, generator), sampling, generator))
        assert len(states) <= model.frames(sampling)
        films.append([state.x for state in states])
    assert all(torch.equal(a, b) for a, b in zip(*films, strict=True))
    assert films[0][-1].shape == (2, model.dim)
    assert ((films[0][-1] >= 0) & (films[0][-1] < model.count)).all()  # type: ignore[operator]


@pytest.mark.parametrize("id", ALL)
def test_a_hole_is_never_a_target(id: str) -> None:
    """A window of which only one token is known costs that token alone."""
    run = run_of(id)
    model, ids = model_of(run), windows(run)[:1].clone()
    ids[:, 1:] = -1
    loss = model.bound(ids, torch.Generator().manual_seed(0))
    assert torch.isfinite(loss).all()
    ids[:] = -1
    assert float(model.bound(ids, torch.Generator().manual_seed(0))) == 0.0


@pytest.mark.parametrize("id", ALL)
def test_presets_are_sound_and_named_uniquely(id: str) -> None:
    entry = text_families()[id].entry()
    assert entry.presets[0].id == id
    for preset in entry.presets:
        Run(text_recipe(id, {**preset.design, "vocabulary": 32, "length": 8, "width": 16}, dict(preset.training)))
    taken = [one.id for other in all_families().values() for one in other.presets]
    assert len(set(taken)) == len(taken)


@pytest.mark.parametrize("id", ALL)
def test_idle_knobs_are_knobs_and_change_nothing(id: str) -> None:
    run = run_of(id)
    idle = run.model.idle(run.fit.training)
    assert bool(idle) == (model_of(run).kind != MASKED)
    assert set(idle) <= {one.name for one in knobs_of(Unmasking)}
    other: dict[str, Value] = {"order": "confidence", "remasking": "worst", "worst": 3, "block": 4}
    if "steps" in idle:
        other["steps"] = 3
    if not idle:
        return
    films = []
    for values in ({"steps": 8}, {"steps": 8, **other}):
        generator = torch.Generator().manual_seed(5)
        films.append(
            [one.x for one in run.model.walk(run.model.prior(1, generator), fill(Unmasking, values), generator)]
        )
    assert all(torch.equal(a, b) for a, b in zip(*films, strict=True))
