"""Two stages: the first learns as it would alone, then stands still; or it is taken from a checkpoint."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from dgm_studio.core.errors import Refused
from dgm_studio.core.resources import resource
from dgm_studio.families.pictures.masked_codes import MaskedCodes
from dgm_studio.families.pictures.vqvae import VQVAE
from dgm_studio.lab.native import load, load_pictures, save
from dgm_studio.lab.run import Run
from dgm_studio.lab.teacher import with_teacher
from tests.contracts.test_families import same
from tests.families.pictures.codes import FIRST, SMALL_CODES, code_run
from tests.pictures import picture_recipe


def test_the_first_stage_learns_as_it_would_alone() -> None:
    """Same data and random numbers: the same first stage after as many steps, whatever stands behind it."""
    run = code_run("masked-codes", {"batch": 8, "ema": 0.0}, steps=0)
    model = run.model
    assert isinstance(model, MaskedCodes)
    alone = Run(picture_recipe("vqvae", FIRST, {"batch": 32, "ema": 0.0}))
    alone.model.load_state_dict(model.first.state_dict())
    alone.fit.generator.set_state(run.fit.generator.get_state())
    for _ in range(3):
        together, by_itself = next(run.steps(1)), next(alone.steps(1))
        assert together.values["first stage loss"] == by_itself.values["loss"]
    assert all(torch.equal(a, b) for a, b in zip(model.first.parameters(), alone.model.parameters(), strict=True))


def test_the_second_stage_leaves_the_first_alone() -> None:
    run = code_run("masked-codes", steps=4)
    model = run.model
    assert isinstance(model, MaskedCodes)
    assert model.in_second
    before = {name: value.clone() for name, value in model.first.state_dict().items()}
    net = [weight.detach().clone() for weight in model.net.parameters()]
    for beat in run.steps(3):
        assert "first stage loss" not in beat.values
    assert all(torch.equal(value, before[name]) for name, value in model.first.state_dict().items())
    assert any(not torch.equal(a, b) for a, b in zip(net, model.net.parameters(), strict=True))


def test_it_goes_on_from_a_file_in_either_stage(tmp_path: Path) -> None:
    for first in (2, 5):
        whole, part = code_run("masked-codes", steps=0), code_run("masked-codes", steps=0)
        for _ in whole.steps(7):
            pass
        for _ in part.steps(first):
            pass
        opened = load(save(part, tmp_path / f"half{first}"))
        for _ in opened.steps(7 - first):
            pass
        assert same(opened.fit, whole.fit)


def test_a_checkpoint_is_adopted_with_its_design(tmp_path: Path) -> None:
    alone = Run(picture_recipe("vqvae", {**FIRST, "codes": 12}))
    for _ in alone.steps(2):
        pass
    file = save(alone, tmp_path / "vq", slim=True)
    recipe = with_teacher(picture_recipe("masked-codes", SMALL_CODES), str(file), own_data=True)
    run = Run(recipe)
    model = run.model
    assert isinstance(model, MaskedCodes)
    assert model.in_second
    assert recipe.design["codes"] == 12
    x = model.seen(run.fit.points)
    assert torch.equal(model.codes(x), load_pictures(file).model.codes(x))  # type: ignore[operator]
    assert "first stage loss" not in next(run.steps(1)).values
    shown = load_pictures(save(run, tmp_path / "prior", slim=True)).model
    assert isinstance(shown, MaskedCodes)
    assert (shown.codes(x) == model.codes(x)).float().mean() > 0.9  # half precision moves a few


def test_another_kind_of_model_is_refused(tmp_path: Path) -> None:
    file = save(Run(picture_recipe("vae")), tmp_path / "vae")
    with pytest.raises(Refused, match="VQ-VAE"):
        Run(with_teacher(picture_recipe("masked-codes", SMALL_CODES), str(file), own_data=True))


def test_a_teacher_that_ships_is_written_by_its_bare_name() -> None:
    """So that a recipe means the same on every machine."""
    for name in ("fashion-vqvae", str(resource("checkpoints", "fashion-vqvae.safetensors"))):
        recipe = with_teacher(picture_recipe("masked-codes", SMALL_CODES), name, own_data=True)
        assert recipe.teacher_file == "fashion-vqvae"
    with pytest.raises(Refused, match="size of its pictures"):
        Run(recipe)


def test_the_first_stage_of_another_prior_is_adopted(tmp_path: Path) -> None:
    masked = code_run("masked-codes", steps=4)
    file = save(masked, tmp_path / "masked")
    run = Run(with_teacher(picture_recipe("autoregressive-codes", SMALL_CODES), str(file), own_data=True))
    own, theirs = run.model.first, masked.fit.shadow().first
    assert isinstance(own, VQVAE)
    assert isinstance(theirs, VQVAE)
    assert run.model.in_second
    assert torch.equal(own.codebook, theirs.codebook)
