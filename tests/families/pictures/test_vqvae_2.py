"""Two levels of codes: nearest by brute force, gradients, what the bottom adds, and an exact prior over both."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.knobs import Value, fill
from dgm_studio.families.pictures.vqvae_2 import VQVAE2
from dgm_studio.lab.native import load, save
from dgm_studio.lab.run import Run
from tests.contracts.test_families import same
from tests.families.pictures.codes import SMALL_CODES
from tests.pictures import own_pictures, picture_recipe


def run_of(steps: int, data: DataSpec | None = None, **training: Value) -> Run:
    """After so many steps, three of them the first stage's."""
    own: dict[str, Value] = {"first_steps": 3, "warm_up": 2, "batch": 4, **training}
    run = Run(picture_recipe("vqvae-2", {**SMALL_CODES, "codes": 3}, own, data))
    for _ in run.steps(steps) if steps else ():
        pass
    return run


@pytest.fixture(scope="module")
def model() -> Any:
    """As it samples, in float64."""
    found = run_of(8, learning_rate=1e-2).scene().model.double()
    assert isinstance(found, VQVAE2)
    return found


@pytest.fixture(scope="module")
def x(model: Any) -> torch.Tensor:
    """Some pictures."""
    return 2 * torch.rand((5, model.dim), generator=torch.Generator().manual_seed(0), dtype=torch.float64) - 1


def test_codes_are_the_nearest_on_both_levels(model: Any, x: torch.Tensor) -> None:
    levels = model.first.levels(x)
    for book, level, side in zip((model.first.top, model.first.bottom), levels[:2], (2, 4), strict=True):
        z = level.z.movedim(1, -1)
        assert torch.equal((z[..., None, :] - book.codes).square().sum(-1).argmin(-1), level.ids)
        assert level.ids.shape == (5, side, side)
        assert torch.equal(level.code.movedim(1, -1), book.codes[level.ids])
        assert torch.allclose(level.passed, level.code, atol=1e-12)


def test_gradients_pass_both_choices_as_if_they_were_not_made(model: Any, x: torch.Tensor) -> None:
    """Straight through: the decoder's gradient at the code is the gradient at the encoding."""
    _, bottom, raised = model.first.levels(x)
    z = bottom.z.detach().requires_grad_()
    code = bottom.code.detach()
    passed = model.first.nets.decode(raised.detach(), bottom._replace(z=z).passed).square().sum()
    straight = code.clone().requires_grad_()
    direct = model.first.nets.decode(raised.detach(), straight).square().sum()
    (by_z,), (by_code,) = torch.autograd.grad(passed, z), torch.autograd.grad(direct, straight)
    assert torch.allclose(by_z, by_code, atol=1e-10)
    assert by_z.abs().sum() > 0


def test_tokens_go_there_and_back_and_the_bottom_adds_detail(model: Any, x: torch.Tensor) -> None:
    top, bottom = model.first.codes(x)
    ids = model.to_tokens(x)
    assert ids.shape == (5, 4 + 16) == (5, model.length)
    assert torch.equal(model.to_pictures(ids), model.first.decode_codes(top, bottom))
    assert (ids[:, :4] < 3).all()
    assert (ids[:, 4:] >= 3).all()
    alone = model.first.decode_codes(top, torch.full_like(bottom, -1))
    zeros = torch.zeros((5, 2, 4, 4), dtype=torch.float64)
    raised = model.first.nets.raise_top(model.first.top.codes[top].permute(0, 3, 1, 2))
    assert torch.allclose(alone, model.first.nets.decode(raised, zeros).flatten(1))
    assert not torch.allclose(alone, model.to_pictures(ids))


def test_the_prior_is_a_law_over_each_levels_own_codes(model: Any, x: torch.Tensor) -> None:
    ids, labels = model.to_tokens(x), torch.tensor([0, 1, 2, -1, 0])
    p = model.logits(ids, labels).softmax(-1)
    assert torch.allclose(p[:, :4, :3].sum(-1), torch.ones(5, 4, dtype=torch.float64))
    assert torch.allclose(p[:, 4:, 3:].sum(-1), torch.ones(5, 16, dtype=torch.float64))
    chained = -p.gather(-1, ids[..., None]).log().sum((1, 2))
    assert torch.allclose(model.bound(ids, labels, torch.Generator()), chained)
    for gamma in (0.0, 1.0, 3.0):
        guided = model.logits(ids, labels, gamma)
        assert not guided.isnan().any()
        assert torch.equal(guided.isinf(), p == 0)
    for j in (1, 4, 11):
        other = ids.clone()
        other[:, j] = torch.where(ids[:, j] % 3 == 0, ids[:, j] + 1, ids[:, j] - 1)
        moved = (model.logits(other, labels).softmax(-1) - p).abs().amax((0, 2)) > 1e-14
        assert not moved[: j + 1].any()
        assert moved[j + 1 :].any()


def test_it_writes_the_top_then_the_bottom(model: Any) -> None:
    sampling: Any = fill(model.Sampling, {"guidance": 2.0})
    generator = torch.Generator().manual_seed(0)
    states = list(model.walk(model.prior(2, generator), sampling, generator))
    assert len(states) == model.length + 1
    assert not model.stood(states[2].x)[:, :, 4:].any(), "the top's lower half is not written"
    assert model.stood(states[4].x)[:, :, 4:].any()
    films = list(model.films(torch.tensor([0]), sampling, torch.Generator().manual_seed(1)))
    while model.advance(films, 2.0):
        pass
    ids = torch.tensor(films[0].now.told.ids)[None]
    assert (ids[:, :4] < 3).all()
    assert (ids[:, 4:] >= 3).all()


def test_it_learns_and_goes_on_from_a_file(tmp_path: Any) -> None:
    whole, part = run_of(0), run_of(0)
    for _ in whole.steps(6):
        pass
    for _ in part.steps(4):
        pass
    opened = load(save(part, tmp_path / "half"))
    for _ in opened.steps(2):
        pass
    assert same(opened.fit, whole.fit)


def test_both_stages_learn() -> None:
    run = run_of(0, first_steps=150, learning_rate=1e-2, batch=8, ema=0.9)
    losses: dict[str, list[float]] = {}
    for beat in run.steps(210):
        for name, value in beat.values.items():
            losses.setdefault(name, []).append(value)
    drawn = losses["first stage reconstruction"]
    assert sum(drawn[-10:]) < 0.6 * sum(drawn[:10])
    assert sum(losses["loss"][-5:]) / 5 < 0.9 * math.log(3)


def test_pictures_in_colour() -> None:
    run = run_of(4, own_pictures(12, 8, 3))
    assert run.scene().model.dim == 192
