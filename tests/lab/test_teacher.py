"""A teacher from a file: adopted, written down, checked, and no longer needed once the run is saved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.errors import Refused
from dgm_studio.core.recipe import Recipe
from dgm_studio.lab.native import load, save
from dgm_studio.lab.run import Run
from dgm_studio.lab.teacher import with_teacher
from tests.lab.recipes import assert_same, go, small


@pytest.fixture
def teacher(tmp_path: Path) -> Path:
    """A diffusion's checkpoint of a few steps on 300 moons."""
    run = Run(small("diffusion", width=24))
    go(run, 30)
    return save(run, tmp_path / "teacher.safetensors")


@pytest.mark.parametrize("family", ["reflow", "distillation"])
def test_a_teacher_is_adopted_with_its_design_and_data(family: str, teacher: Path, tmp_path: Path) -> None:
    recipe = with_teacher(small(family, DataSpec("circles", {}, 200), pool=256), str(teacher), own_data=False)
    assert (recipe.design["width"], recipe.data.name) == (24, "moons")
    assert with_teacher(small(family, DataSpec("circles", {}, 200)), str(teacher), own_data=True).data.name == "circles"
    run = Run(recipe)
    model: Any = run.model
    average = load(teacher).fit.shadow()
    assert all(torch.equal(a, b) for a, b in zip(model.teacher.parameters(), average.parameters(), strict=True))
    assert run.report().beats != ("teacher",), "its lessons are over"
    go(run, 3)
    assert Recipe.from_json(run.recipe.to_json()) == run.recipe
    straight = Run(run.recipe)
    go(straight, 3)
    assert_same(run, straight)
    saved = save(run, tmp_path / "pupil.safetensors")
    teacher.unlink()
    again = load(saved)
    assert again.recipe.teacher == recipe.teacher
    assert_same(run, again)
    go(run, 4)
    go(again, 4)
    assert_same(run, again)
    with pytest.raises(Refused, match="cannot be read"):
        Run(run.recipe)


def test_a_changed_file_or_another_kind_is_refused(teacher: Path, tmp_path: Path) -> None:
    recipe = with_teacher(small("reflow", pool=256), str(teacher), own_data=False)
    other = save(Run(small("vae")), tmp_path / "other.safetensors")
    with pytest.raises(Refused, match="cannot teach"):
        Run(with_teacher(small("reflow", pool=256), str(other), own_data=False))
    with pytest.raises(Refused, match="takes no teacher"):
        with_teacher(small("vae"), str(teacher), own_data=False)
    with pytest.raises(Refused, match="takes no teacher"):
        Run(replace(small("vae"), teacher=recipe.teacher))
    with pytest.raises(Refused, match="differs from this design in width"):
        Run(replace(recipe, design={**recipe.design, "width": 16}))
    with pytest.raises(Refused, match="names no teacher"):
        Run(replace(recipe, teacher=str(teacher)))
    other.replace(teacher)
    with pytest.raises(Refused, match="has changed"):
        Run(recipe)


def test_recipes_without_a_teacher_read_as_before() -> None:
    body = small("reflow").to_json()
    assert "teacher" not in body
    assert Recipe.from_json(body).teacher == ""
