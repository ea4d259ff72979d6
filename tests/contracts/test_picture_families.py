"""Claims over every family of pictures: a new file is judged the moment it exists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Knob, Value, fill, knobs_of
from dgm_studio.core.pictures import PictureShape
from dgm_studio.families.pictures import picture_families
from dgm_studio.families.pictures.picture_family import PictureFamily
from dgm_studio.lab.native import load, load_pictures, save
from dgm_studio.lab.run import Run
from tests.contracts.test_families import ends, same
from tests.pictures import own_pictures, picture_recipe

ALL = sorted(picture_families())
TINY: dict[str, Value] = {
    "width": 4, "blocks": 0, "latent": 3, "codes": 6, "code_dim": 2, "token_width": 8, "token_layers": 2, "layers": 1,
    "flow_width": 8, "flow_layers": 1, "mapping": 1, "levels": 4, "prior_couplings": 2, "components": 4,
}  # fmt: skip
QUICK: dict[str, Value] = {"batch": 4, "first_steps": 2, "warm_up": 1}
FEW: dict[str, Value] = {"steps": 2}


def known(group: type, values: dict[str, Value]) -> dict[str, Value]:
    """Those of them that are knobs of the group."""
    names = {one.name for one in knobs_of(group)}
    return {name: value for name, value in values.items() if name in names}


def run_of(
    id: str, design: dict[str, Value] | None = None, training: dict[str, Value] | None = None, steps: int = 0
) -> Run:
    """A tiny run of the small pictures after so many steps; three are past a first stage."""
    family = picture_families()[id]
    own = {**known(family.Design, TINY), **(design or {})}
    run = Run(picture_recipe(id, own, {**known(family.Training, QUICK), **(training or {})}))
    for _ in run.steps(steps) if steps else ():
        pass
    return run


def drawn(run: Run, seed: int = 5) -> list[Tensor]:
    """The states of a short walk of two pictures."""
    model, family = run.fit.shadow(), type(run.model)
    sampling: Any = fill(family.Sampling, {**vars(run.sampling), **known(family.Sampling, FEW)})
    generator = torch.Generator().manual_seed(seed)
    states = list(model.walk(model.prior(2, generator), sampling, generator))
    assert len(states) <= model.frames(sampling)
    return [state.x for state in states]


def choices(group: str) -> list[Any]:
    """(family, knob, value): every choice but the default."""
    return [
        pytest.param(id, one, value, id=f"{id}-{one.name}-{value}")
        for id in ALL
        for one in knobs_of(getattr(picture_families()[id], group))
        if one.type not in (int, float)
        for value in ends(one)
        if value != one.default
    ]


def extreme(group: type, side: int) -> dict[str, Value]:
    """Every number at its lowest (0) or highest (-1)."""
    return {one.name: sorted(ends(one))[side] for one in knobs_of(group) if one.type in (int, float)}


@pytest.mark.parametrize("id", ALL)
def test_the_largest_design_can_be_built_and_the_smallest_learns(id: str) -> None:
    family = picture_families()[id]
    design: Any = fill(family.Design, extreme(family.Design, -1))
    with torch.device("meta"):
        assert family(design, PictureShape(1, 28, 28, 10)).dim == 784
    smallest = run_of(id, extreme(family.Design, 0), steps=3)
    assert bool(drawn(smallest)[-1].isfinite().all())


@pytest.mark.parametrize(("id", "one", "value"), choices("Design"))
def test_every_choice_of_a_design_learns_and_draws(id: str, one: Knob, value: Value) -> None:
    others: dict[str, Value] = {one.when[0]: one.when[1][0]} if one.when else {}
    run = run_of(id, {**others, one.name: value}, steps=3)
    assert all(np.isfinite(values[-1]) for _, values in run.losses.values())
    last = drawn(run)[-1]
    assert last.shape == (2, 64)
    assert bool(last.isfinite().all())


@pytest.mark.parametrize(("id", "one", "value"), choices("Training"))
def test_every_choice_of_a_training_takes_its_steps(id: str, one: Knob, value: Value) -> None:
    others: dict[str, Value] = {one.when[0]: one.when[1][0]} if one.when else {}
    for beat in run_of(id, training={**others, one.name: value}).steps(3):
        assert all(np.isfinite(value) for value in beat.values.values())


@pytest.mark.parametrize("id", ALL)
def test_a_run_learns_goes_on_after_saving_and_is_opened_without_its_data(id: str, tmp_path: Path) -> None:
    part, whole = run_of(id, steps=2), run_of(id, steps=4)
    file = save(part, tmp_path / "half")
    opened = load(file)
    for _ in opened.steps(2):
        pass
    assert same(opened.fit, whole.fit)
    assert opened.losses == whole.losses
    alone = load_pictures(file).model
    assert alone.shape == (1, 8, 8, 3)
    for own, weight in zip(alone.state_dict().values(), part.fit.shadow().state_dict().values(), strict=True):
        assert torch.equal(own, weight)


@pytest.mark.parametrize("id", ALL)
def test_pictures_are_flat_and_repeat_by_seed(id: str) -> None:
    run = run_of(id, steps=3)
    first, again, other = drawn(run), drawn(run), drawn(run, 6)
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[-1], other[-1])
    assert all(x.shape == (2, 64) for x in first), "every state is a picture"


@pytest.mark.parametrize("id", ALL)
def test_every_weight_is_in_exactly_one_group(id: str) -> None:
    model = run_of(id).model
    grouped = [weight.data_ptr() for group in model.groups().values() for weight in group]
    learnt = {weight.data_ptr() for weight in model.parameters()}
    assert len(set(grouped)) == len(grouped)
    assert set(grouped) <= learnt


@pytest.mark.parametrize("id", ALL)
def test_it_learns_pictures_in_colour(id: str) -> None:
    family = picture_families()[id]
    own = known(family.Design, TINY), known(family.Training, QUICK)
    try:
        run = Run(picture_recipe(id, *own, own_pictures(60, 8, 3)))
    except Refused as refusal:
        pytest.skip(str(refusal))
    for _ in run.steps(3):
        pass
    assert drawn(run)[-1].shape == (2, 192)


@pytest.mark.parametrize("id", ALL)
def test_presets_are_sound_and_named_once(id: str) -> None:
    family = picture_families()[id]
    assert issubclass(family, PictureFamily)
    assert family.takes == "pictures"
    taken = [preset.id for other in picture_families().values() for preset in other.presets]
    for preset in family.presets:
        assert all((preset.title, preset.summary, preset.lecture, preset.paper))
        assert taken.count(preset.id) == 1
        fill(family.Sampling, preset.sampling)
        tiny = {**known(family.Design, TINY), **{k: v for k, v in preset.design.items() if isinstance(v, (str, bool))}}
        run_of(id, tiny, {**preset.training, **known(family.Training, QUICK)}, steps=1)


@pytest.mark.parametrize("id", ALL)
def test_idle_knobs_are_knobs_with_a_reason(id: str) -> None:
    run = run_of(id, steps=3)
    names = {one.name for group in (type(run.model).Training, type(run.model).Sampling) for one in knobs_of(group)}
    for name, why in run.model.idle(run.fit.training).items():
        assert name in names
        assert why.endswith(".")
