"""Scales: residual quantisation by hand, causality by scale, an exact law, and what is drawn."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, interpolate

from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.knobs import Value, fill
from dgm_studio.families.pictures.multi_scale import doubling
from dgm_studio.families.pictures.next_scale import NextScale
from dgm_studio.lab.native import load, save
from dgm_studio.lab.run import Run
from tests.contracts.test_families import same
from tests.families.pictures.codes import SMALL_CODES
from tests.pictures import own_pictures, picture_recipe


def run_of(steps: int, data: DataSpec | None = None, codes: int = 4, **training: Value) -> Run:
    """After so many steps, three of them the first stage's."""
    own: dict[str, Value] = {"first_steps": 3, "warm_up": 2, "batch": 4, **training}
    run = Run(picture_recipe("next-scale", {**SMALL_CODES, "codes": codes}, own, data))
    for _ in run.steps(steps) if steps else ():
        pass
    return run


def model_of(side: int, codes: int = 4) -> Any:
    """As it samples, in float64."""
    found = run_of(8, own_pictures(60, side), codes, learning_rate=1e-2).scene().model.double()
    assert isinstance(found, NextScale)
    return found


@pytest.fixture(scope="module")
def model() -> Any:
    """12 x 12 pictures: scales of 1, 4 and 9 cells."""
    return model_of(12)


@pytest.fixture(scope="module")
def x(model: Any) -> Tensor:
    """Some pictures."""
    return 2 * torch.rand((5, model.dim), generator=torch.Generator().manual_seed(0), dtype=torch.float64) - 1


def test_scales_double() -> None:
    assert doubling(7, 7) == ((1, 1), (2, 2), (4, 4), (7, 7))
    assert doubling(8, 8) == ((1, 1), (2, 2), (4, 4), (8, 8))
    assert doubling(2, 7) == ((1, 1), (2, 2), (2, 4), (2, 7))
    assert doubling(1, 1) == ((1, 1),)


def test_each_scale_is_nearest_to_what_is_left(model: Any, x: Tensor) -> None:
    first = model.first
    z = first.encodings(x)
    scales, total = first.quantised(z), torch.zeros_like(z)
    for side, left, ids in zip((1, 2, 3), scales.left, scales.ids, strict=True):
        rest = adaptive_avg_pool2d(z - total, (side, side))
        assert torch.allclose(rest, left)
        places = rest.movedim(1, -1)[..., None, :]
        assert torch.equal((places - first.book.codes).square().sum(-1).argmin(-1), ids)
        grown = first.book.codes[ids].movedim(-1, 1)
        total = total + (interpolate(grown, (3, 3), mode="bilinear", align_corners=False) if side < 3 else grown)
    assert torch.allclose(total, scales.total)
    ids = model.to_tokens(x)
    assert ids.shape == (5, 14)
    assert torch.allclose(model.to_pictures(ids), first.drawn(scales.total))


def test_a_code_sees_only_coarser_scales_and_the_class(model: Any, x: Tensor) -> None:
    ids, labels = model.to_tokens(x), torch.tensor([0, 1, 2, -1, 0])
    base = model.logits(ids, labels)
    starts = (0, 1, 5, 14)
    for j in range(14):
        other = ids.clone()
        other[:, j] = (other[:, j] + 1) % 4
        moved = (model.logits(other, labels) - base).abs().amax((0, 2)) > 1e-13
        end = next(one for one in starts if one > j)
        assert not moved[:end].any()
        assert moved[end:].any() or end == 14
    assert ((model.logits(ids, (labels + 1) % 3) - base).abs().amax((1, 2)) > 1e-9).all()
    for reached in (0, 1, 5):
        upto = model.logits(ids[:, :reached], labels)
        assert torch.allclose(upto, base[:, : upto.shape[1]], atol=1e-12)
        assert upto.shape[1] == starts[starts.index(reached) + 1]


def test_probabilities_of_all_codes_sum_to_one() -> None:
    """8 x 8 pictures: 1 + 4 codes of 3, which is 243 windows."""
    model = model_of(8, codes=3)
    ids = torch.tensor(list(product(range(3), repeat=5)))
    for label in (-1, 1):
        costs = model.bound(ids, torch.full((243,), label), torch.Generator())
        assert float((-costs).exp().sum()) == pytest.approx(1.0, abs=1e-9)


def test_what_is_drawn_follows_the_law() -> None:
    """2000 pictures of 1 + 4 codes, guided: the first scale and a later code against their law, by chi-squared."""
    model = model_of(8, codes=3)
    sampling: Any = fill(model.Sampling, {"guidance": 2.0, "label": 1})
    seen: list[Tensor] = []
    draw = model.to_pictures

    def watched(ids: Tensor) -> Tensor:
        seen.append(ids)
        return torch.as_tensor(draw(ids))

    model.to_pictures = watched
    generator = torch.Generator().manual_seed(0)
    *_, last = model.walk(torch.zeros((2000, 1), dtype=torch.int64), sampling, generator)
    ids = torch.cat([one for one in seen if one.shape[1] == 5])
    assert torch.allclose(last.x, draw(ids))
    windows = torch.tensor(list(product(range(3), repeat=5)))
    told = torch.ones(243, dtype=torch.int64)
    rows = model.logits(windows, told, 2.0).log_softmax(-1).gather(-1, windows[..., None]).sum((1, 2))
    for places in ([0], [0, 3]):
        cells = windows[:, places] @ torch.tensor([1, 3])[: len(places)]
        expected = 2000 * torch.zeros(3 ** len(places), dtype=torch.float64).index_add_(0, cells, rows.exp())
        observed = torch.bincount(ids[:, places] @ torch.tensor([1, 3])[: len(places)], minlength=len(expected))
        chi2 = float(((observed - expected) ** 2 / expected.clamp_min(1.0)).sum())
        assert chi2 < len(expected) + 5 * (2 * len(expected)) ** 0.5


def test_a_walk_is_a_state_a_scale(model: Any) -> None:
    sampling: Any = fill(model.Sampling, {})
    generator = torch.Generator().manual_seed(0)
    states = list(model.walk(model.prior(2, generator), sampling, generator))
    assert len(states) == 4 == model.frames(sampling)
    assert states[-1].t == 1.0
    assert states[-1].x.shape == (2, model.dim)
    assert set(model.idle(None)) == set()


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
    run = run_of(0, first_steps=150, learning_rate=1e-2, batch=8, ema=0.9)
    losses: dict[str, list[float]] = {}
    for beat in run.steps(210):
        for name, value in beat.values.items():
            losses.setdefault(name, []).append(value)
    drawn = losses["first stage reconstruction"]
    assert sum(drawn[-10:]) < 0.7 * sum(drawn[:10])
    assert sum(losses["loss"][-5:]) / 5 < 0.9 * math.log(4)
