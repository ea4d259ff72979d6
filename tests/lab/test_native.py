"""The native checkpoint: what was saved goes on bit for bit; what is wrong with a file is one sentence."""

from __future__ import annotations

import json
import resource
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.errors import Refused
from dgm_studio.core.recipe import Edit
from dgm_studio.lab.migrations import SCHEMA
from dgm_studio.lab.native import load, save
from dgm_studio.lab.run import Run
from tests.lab.recipes import ALL, assert_same, go, go_beats, nudge, painted, points_of, small

Metadata = dict[str, str]
Tensors = dict[str, torch.Tensor]


def eventful(family: str, beats: int) -> Run:
    """A run with live edits, painted data and a switch of data behind it."""
    run = Run(small(family, painted(1)))
    go(run, 3)
    nudge(run, "learning_rate", 7e-4)
    nudge(run, "ema", 0.9)
    go_beats(run, 3)
    run.change_data(painted(2, scale=0.5))
    go_beats(run, beats)
    return run


def parts(path: Path) -> tuple[Metadata, Tensors]:
    """What stands in a safetensors file."""
    with safe_open(path, framework="pt") as file:
        return dict(file.metadata()), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118


@pytest.mark.parametrize("family", ALL)
@pytest.mark.parametrize("beats", [0, 4, 5])
def test_saved_and_opened_goes_on_as_if_never_stopped(family: str, beats: int, tmp_path: Path) -> None:
    through = eventful(family, beats)
    path = save(eventful(family, beats), tmp_path / "run.safetensors")
    opened = load(path)
    assert_same(through, opened)
    assert points_of(opened).normalisation == points_of(through).normalisation
    assert go_beats(through, 7) == go_beats(opened, 7)
    through.change_data(DataSpec("moons", {}, 100))
    opened.change_data(DataSpec("moons", {}, 100))
    assert go(through, 3) == go(opened, 3)
    assert_same(through, opened)
    assert_same(load(save(opened, path)), through)


def test_the_middle_of_a_gan_step_is_saved(tmp_path: Path) -> None:
    def half() -> Run:
        run = Run(small("gan", d_beats=4))
        go_beats(run, 5 * 6 + 2)
        return run

    through, opened = half(), load(save(half(), tmp_path / "g"))
    assert (opened.fit.step, opened.fit.beat) == (6, 2)
    assert [b.name for b in go_beats(opened, 3)] == [b.name for b in go_beats(through, 3)]
    assert_same(through, opened)


def test_a_gan_of_the_first_schema_goes_on_as_it_was(tmp_path: Path) -> None:
    """Such files had neither the game that was played nor the noise's age; this run's are what they are filled with."""
    through = Run(small("gan", generator_loss="least-squares"))
    go(through, 4)
    metadata, tensors = parts(save(through, tmp_path / "new"))
    old = {name: one for name, one in tensors.items() if name not in ("fit.model.game", "fit.model.noise_age")}
    assert len(old) == len(tensors) - 2
    save_file(old, tmp_path / "old.safetensors", {**metadata, "schema": "1"})
    opened = load(tmp_path / "old.safetensors")
    assert_same(opened, through)
    assert go(opened, 3) == go(through, 3)


def test_divergence_after_opening_returns_to_where_it_was_opened(tmp_path: Path) -> None:
    run = load(save(eventful("vae", 4), tmp_path / "v"))
    step = run.fit.step
    run.change_training("learning_rate", 1e3)
    with pytest.raises(Refused, match="diverged"):
        go(run, 2_000)
    run.go_back(0.5)
    assert run.fit.step in (step, step // 100 * 100, run.fit.kept_step)
    assert all(bool(weight.isfinite().all()) for weight in run.model.parameters())


def test_the_suffix_is_added_and_the_metadata_say_what_it_is(tmp_path: Path) -> None:
    path = save(Run(small("vae")), tmp_path / "my.run")
    assert path.name == "my.run.safetensors"
    metadata, tensors = parts(path)
    assert metadata["format"] == "dgm-studio"
    assert metadata["schema"] == str(SCHEMA)
    assert json.loads(metadata["recipe"])["family"] == "vae"
    assert "torch" in json.loads(metadata["versions"])
    assert int(metadata["threads"]) >= 1
    assert "fit.generator" in tensors


def test_painted_points_travel_once_each_and_not_in_the_json(tmp_path: Path) -> None:
    run = eventful("realnvp", 2)
    metadata, tensors = parts(save(run, tmp_path / "p"))
    held = [name for name in tensors if name.startswith("data.points.")]
    assert len(held) == 2
    assert "points" not in json.loads(metadata["recipe"])["data"]["points"]


def test_edits_that_were_not_reached_are_still_to_come(tmp_path: Path) -> None:
    """A recipe of five steps and two edits, saved after two of them, goes on as if it had never been saved."""
    edits = (Edit(3, "learning_rate", 7e-4), Edit(4, "data", painted(2, scale=0.5)))
    recipe = replace(small("vae", painted(1)), edits=edits)
    through, half = Run(recipe), Run(recipe)
    go(through, 5)
    go(half, 2)
    path = save(half, tmp_path / "half")
    opened = load(path)
    assert opened.ahead.edits == edits
    assert go(opened, 3)
    assert_same(opened, through)
    assert opened.recipe.edits == edits
    assert "ahead" not in parts(save(opened, tmp_path / "whole"))[0]
    opened = load(path)
    opened.change_training("learning_rate", 1e-4)
    assert opened.ahead.edits == (), "another future than the one that was written"


@pytest.mark.parametrize(
    ("key", "value", "words"), [("threads", "64", "with 64 threads and here"), ("device", "cuda", "on cuda and here")]
)
def test_a_run_of_another_machine_says_that_it_is_another(key: str, value: str, words: str, tmp_path: Path) -> None:
    path = save(Run(small("vae")), tmp_path / "here")
    assert load(path).remark == ""
    metadata, tensors = parts(path)
    save_file(tensors, path, {**metadata, key: value})
    remark = load(path).report().remark
    assert words in remark
    assert remark.endswith("but not bit for bit.")


def refused(path: Path) -> str:
    """The sentence with which a file is refused."""
    with pytest.raises(Refused) as caught:
        load(path)
    sentence = str(caught.value)
    assert sentence[-1] in ".?"
    assert "\n" not in sentence
    assert "Traceback" not in sentence
    assert len(sentence) < 400
    return sentence


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "truncated, damaged"),
        (b"not a checkpoint at all, but some text", "truncated, damaged"),
        (b"\x80\x04\x95pickle", "truncated, damaged"),
    ],
)
def test_bytes_that_are_no_checkpoint(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(content)
    assert words in refused(path)


def test_a_truncated_file_at_many_lengths(tmp_path: Path) -> None:
    whole = save(Run(small("vae")), tmp_path / "v").read_bytes()
    path = tmp_path / "cut.safetensors"
    for length in (1, 7, 8, 9, 300, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        assert "truncated" in refused(path)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    assert "There is no file" in refused(tmp_path / "none.safetensors")
    assert "cannot be read" in refused(tmp_path)


def test_a_foreign_safetensors_file(tmp_path: Path) -> None:
    path = tmp_path / "foreign.safetensors"
    save_file({"weight": torch.zeros(2, 2)}, path)
    assert "not a DGM Studio checkpoint" in refused(path)


def change_recipe(**changes: Any) -> Callable[[Metadata, Tensors], None]:
    """A damage: other values in the recipe's JSON."""

    def damage(metadata: Metadata, tensors: Tensors) -> None:
        metadata["recipe"] = json.dumps({**json.loads(metadata["recipe"]), **changes})

    return damage


def change(**texts: str) -> Callable[[Metadata, Tensors], None]:
    """A damage: other metadata."""
    return lambda metadata, tensors: metadata.update(texts)


def drop(prefix: str) -> Callable[[Metadata, Tensors], None]:
    """A damage: the first tensor of that prefix is missing."""

    def damage(metadata: Metadata, tensors: Tensors) -> None:
        del tensors[next(name for name in sorted(tensors) if name.startswith(prefix))]

    return damage


def bend_points(metadata: Metadata, tensors: Tensors) -> None:
    """A damage: the painted points were moved."""
    name = next(name for name in tensors if name.startswith("data.points."))
    tensors[name] = tensors[name] + 1


def reshape(metadata: Metadata, tensors: Tensors) -> None:
    """A damage: a weight of another shape."""
    name = next(name for name in sorted(tensors) if name.startswith("fit.model."))
    tensors[name] = torch.zeros(3, 3, 3)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (change_recipe(schema=99), "schema 99"),
        (change_recipe(family="vea"), "Did you mean vae"),
        (change_recipe(design={"width": 3e9}), "must be"),
        (change_recipe(design={"no_such": 1}), "no knob"),
        (change_recipe(data="moons"), "recipe"),
        (change_recipe(edits=["x"]), "recipe"),
        (change_recipe(seed="one"), "recipe"),
        (change_recipe(design={"width": 24}), "does not fit"),
        (change(recipe="{half"), "damaged"),
        (change(recipe="[1, 2]"), "recipe"),
        (change(fit="{"), "damaged"),
        (change(fit="[]"), "does not fit"),
        (change(fit='{"step": 1}'), "does not fit"),
        (drop("fit.model."), "does not fit"),
        (drop("fit.generator"), "does not fit"),
        (drop("losses.values."), "damaged"),
        (drop("data.labels."), "damaged"),
        (drop("data.points."), "fingerprint"),
        (bend_points, "fingerprint"),
        (reshape, "does not fit"),
    ],
)
def test_a_damaged_checkpoint_is_one_sentence(
    damage: Callable[[Metadata, Tensors], None], words: str, tmp_path: Path
) -> None:
    run = Run(small("vae", painted()))
    go(run, 2)
    path = save(run, tmp_path / "v")
    metadata, tensors = parts(path)
    damage(metadata, tensors)
    save_file(tensors, path, metadata)
    assert words in refused(path)


def test_a_save_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    run = Run(small("vae"))
    path = save(run, tmp_path / "v")
    old = path.read_bytes()
    go(run, 2)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, limits[1]))  # the disk is full
    try:
        with pytest.raises(Refused, match="could not be saved"):
            save(run, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


def test_saving_where_nothing_can_be_saved(tmp_path: Path) -> None:
    run = Run(small("vae"))
    (tmp_path / "folder.safetensors").mkdir()
    for place in (
        tmp_path / "folder.safetensors",
        tmp_path / "none" / "a.safetensors",
        Path("/proc/a.safetensors"),
    ):
        with pytest.raises(Refused, match="could not be saved"):
            save(run, place)
    assert [path.name for path in tmp_path.rglob("*")] == ["folder.safetensors"]
