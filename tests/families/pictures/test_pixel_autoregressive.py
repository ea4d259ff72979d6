"""Pixels from left to right: levels there and back, causality, an exact law."""

from __future__ import annotations

from itertools import pairwise, product
from typing import Any

import pytest
import torch

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Value, fill
from dgm_studio.families.pictures.pixel_autoregressive import PixelAutoregressive
from dgm_studio.lab.run import Run
from tests.pictures import own_pictures, picture_recipe

SMALL: dict[str, Value] = {"levels": 3, "token_width": 8, "token_layers": 3}


def model_of(side: int = 8, steps: int = 10, **design: Value) -> Any:
    """Trained a little, in float64."""
    recipe = picture_recipe(
        "pixel-autoregressive", {**SMALL, **design}, {"learning_rate": 1e-2}, own_pictures(60, side)
    )
    run = Run(recipe)
    for _ in run.steps(steps):
        pass
    model = run.scene().model.double()
    assert isinstance(model, PixelAutoregressive)
    return model


@pytest.mark.parametrize("levels", [2, 16, 256])
def test_levels_go_there_and_back(levels: int) -> None:
    model = model_of(steps=1, levels=levels)
    ids = torch.randint(levels, (5, model.length), generator=torch.Generator().manual_seed(0))
    pictures = model.to_pictures(ids)
    assert torch.equal(model.to_tokens(pictures), ids)
    assert float(pictures.abs().max()) <= 1
    x = 2 * torch.rand((5, model.dim), generator=torch.Generator().manual_seed(1), dtype=torch.float64) - 1
    mean = model.stood(x).view(5, 4, 2, 4, 2).mean((2, 4))
    off = model.stood(model.to_pictures(model.to_tokens(x)))[:, 0, ::2, ::2] - mean
    assert float(off.abs().max()) <= 1 / (levels - 1) + 1e-12


@pytest.mark.parametrize("network", ["mixer", "transformer"])
def test_a_pixel_sees_only_those_before_it_and_the_class(network: str) -> None:
    model = model_of(network=network)
    ids = torch.randint(3, (1, model.length), generator=torch.Generator().manual_seed(0))
    label = torch.tensor([1])
    base = model.logits(ids, label)
    for j in range(model.length):
        other = ids.clone()
        other[0, j] = (other[0, j] + 1) % 3
        moved = (model.logits(other, label) - base)[0].abs().amax(-1) > 1e-12
        assert not moved[: j + 1].any()
        assert moved[j + 1 :].any() or j == model.length - 1
    assert (model.logits(ids, torch.tensor([2])) - base).abs().amax(-1)[0, 0] > 1e-12


def test_probabilities_of_all_pictures_sum_to_one() -> None:
    """4 x 4 pictures are 2 x 2 tokens of 3 levels: 81."""
    model = model_of(side=4)
    ids = torch.tensor(list(product(range(3), repeat=4)))
    for label in (-1, 0, 2):
        costs = model.bound(ids, torch.full((81,), label), torch.Generator())
        assert float((-costs).exp().sum()) == pytest.approx(1.0, abs=1e-9)
        chained = model.logits(ids, torch.full((81,), label)).log_softmax(-1).gather(-1, ids[..., None]).sum((1, 2))
        assert torch.allclose(costs, -chained, atol=1e-9)


def test_it_writes_rows_from_the_top() -> None:
    model = model_of()
    sampling: Any = fill(model.Sampling, {})
    generator = torch.Generator().manual_seed(0)
    states = list(model.walk(model.prior(2, generator), sampling, generator))
    assert len(states) == model.length + 1 == model.frames(sampling)
    assert not model.stood(states[4].x)[:, :, 2:].any()
    for before, after in pairwise(states[4:]):
        assert torch.equal(model.stood(before.x)[:, :, :2], model.stood(after.x)[:, :, :2])
    end = states[-1].x
    assert torch.equal(model.to_pictures(model.to_tokens(end)), end)


def test_rgb_and_odd_sides_are_refused() -> None:
    for data in (own_pictures(12, 8, 3), own_pictures(12, 9)):
        with pytest.raises(Refused, match="Choose grey ones"):
            Run(picture_recipe("pixel-autoregressive", SMALL, None, data))
