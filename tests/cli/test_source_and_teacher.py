"""train --source and train --teacher."""

from __future__ import annotations

from pathlib import Path

import pytest

from dgm_studio.lab.native import load
from tests.cli.command import Capture, run, tiny, trained


def test_a_source_is_carried_to_the_data(capsys: Capture, tmp_path: Path) -> None:
    path = trained(capsys, tmp_path, "pair-flow-matching", "--source", "circles", "--data", "moons")
    recipe = load(path).recipe
    assert (recipe.design["source"], recipe.data.name) == ("circles", "moons")


@pytest.mark.parametrize("family", ["reflow", "distillation"])
def test_a_teacher_comes_from_a_file(family: str, capsys: Capture, tmp_path: Path) -> None:
    teacher = trained(capsys, tmp_path, "diffusion", "--data", "moons")
    out = tmp_path / "pupil.safetensors"
    told = run(
        capsys, "train", family, "--teacher", teacher, "--steps", 3, "--out", out, "--set", "batch=32", "--json"
    ).json
    assert told["data"] == load(teacher).recipe.data_now().title
    pupil = load(out)
    assert pupil.recipe.teacher.startswith(str(teacher.resolve()))
    assert pupil.recipe.design["width"] == 16
    out = tmp_path / "own.safetensors"
    words = ("--teacher", teacher, "--data", "circles", "--steps", 2, "--out", out, "--set", "batch=32")
    assert run(capsys, "train", family, *words).code == 0
    assert load(out).recipe.data.name == "circles"
    assert run(capsys, "sample", out, "-n", 20, "--out", tmp_path / "s.npy").code == 0


def test_what_does_not_fit_is_refused_in_one_sentence(capsys: Capture, tmp_path: Path) -> None:
    out, teacher = tmp_path / "a.safetensors", trained(capsys, tmp_path, "diffusion")
    for words, why in (
        (("vae", "--source", "moons"), "leave out --source"),
        (("pair-flow-matching", "--source", "mons"), "moons"),
        (("vae", "--teacher", teacher), "takes no teacher"),
        (("reflow", "--teacher", tmp_path / "none.safetensors"), "cannot be read"),
        (("reflow", "--teacher", teacher, "--set", "width=64"), "differs from this design in width"),
    ):
        assert why in run(capsys, "train", *words, "--steps", 1, "--out", out).sentence
        assert not out.exists()
    wrong = run(capsys, "train", "--recipe", "r.json", "--teacher", teacher, "--out", out)
    assert (wrong.code, "leave out" in wrong.err) == (2, True)


def test_an_own_teacher_needs_no_file(capsys: Capture, tmp_path: Path) -> None:
    path = trained(capsys, tmp_path, "reflow", *tiny("reflow"), "--set", "teacher_steps=2")
    assert load(path).model.beats(None) == ("round 1",)
