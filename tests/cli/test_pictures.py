"""Training a family of pictures from the command line: the data say which family of an id is meant."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dgm_studio.core.knobs import knobs_of
from dgm_studio.core.resources import resource
from dgm_studio.families import families
from dgm_studio.families.pictures import picture_families
from dgm_studio.lab.native import load
from tests.cli.command import Capture, run
from tests.contracts.test_families import same

SMALL = ("--set", "width=4", "--set", "latent=2", "--set", "batch=8")


def folder_of(place: Path, count: int = 4) -> Path:
    """So many small pictures in two classes."""
    for k in range(count):
        inner = place / "own" / "ab"[k % 2]
        inner.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((8, 8), 20 * k, dtype=np.uint8)).save(inner / f"{k}.png")
    return place / "own"


def train(capsys: Capture, family: str, data: object, out: Path, *words: object) -> dict[str, object]:
    said = run(capsys, "train", family, "--data", data, "--steps", 1, "--out", out, "--json", *words)
    assert isinstance(said.json, dict)
    return said.json


def test_the_lists_have_pictures_beside_points(capsys: Capture) -> None:
    rows = run(capsys, "list", "families", "--json").json
    assert {row["id"] for row in rows if row["takes"] == "pictures"} == set(picture_families())
    assert {row["id"] for row in rows if row["takes"] == "points"} == set(families())
    assert "VAE of pictures. " in run(capsys, "list", "families").out
    assert {"fashion-mnist", "glyphs", "moons", "kjv"} <= {
        row["id"] for row in run(capsys, "list", "data", "--json").json
    }


def test_one_id_trains_on_points_and_on_pictures(tmp_path: Path, capsys: Capture) -> None:
    told = train(capsys, "vae", "digits", tmp_path / "a.safetensors", *SMALL)
    assert told["data"] == "digits"
    assert isinstance(load(tmp_path / "a.safetensors").model, picture_families()["vae"])
    train(capsys, "vae", "moons", tmp_path / "b.safetensors", "--set", "width=8")
    assert isinstance(load(tmp_path / "b.safetensors").model, families()["vae"])


def test_a_folder_trains_and_its_recipe_runs_again(tmp_path: Path, capsys: Capture) -> None:
    import json

    out, again = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    told = train(capsys, "vae", folder_of(tmp_path), out, *SMALL)
    assert told["data"] == "own"
    assert "4 pictures" in str(told["source"])
    opened = load(out)
    assert opened.recipe.data.pictures is not None
    assert opened.recipe.data.pictures.names == ("a", "b")
    recipe = tmp_path / "recipe.json"
    recipe.write_text(json.dumps(opened.recipe.to_json()))
    assert run(capsys, "train", "--recipe", recipe, "--out", again, "--quiet").code == 0
    assert same(load(again).fit, opened.fit)


def test_a_font_and_a_familys_preset_by_its_own_id(tmp_path: Path, capsys: Capture) -> None:
    own = picture_families()["vae"]
    preset = own.presets[1].id
    out = tmp_path / "a.safetensors"
    train(capsys, preset, resource("fonts", "Inter-Regular.ttf"), out, "--set", "batch=2", "--set", "width=4")
    opened = load(out)
    assert type(opened.model) is own
    assert opened.recipe.preset == preset
    assert opened.recipe.data.pictures is not None
    assert len(opened.recipe.data.pictures.names) == 62
    assert "width" in {one.name for one in knobs_of(own.Design)}


@pytest.mark.parametrize(
    ("family", "data", "sentence"),
    [
        ("mixture", "fashion-mnist", "'fashion-mnist' are pictures"),
        ("mixture", "FOLDER", "are pictures; Gaussian mixture learns from points"),
        ("masked-codes", "one.png", "needs at least 2"),
        ("masked-codes", "moons", "no set of pictures named 'moons'"),
        ("masked-codes", "EMPTY", "holds no pictures"),
        ("masked-text", "glyphs", "no text named 'glyphs'"),
        ("masked-codes", "none/", "no file or folder"),
    ],
)
def test_what_is_no_picture_for_it_is_refused_before_any_work(
    family: str, data: str, sentence: str, tmp_path: Path, capsys: Capture
) -> None:
    Image.new("L", (8, 8)).save(tmp_path / "one.png")
    (tmp_path / "empty").mkdir()
    named = {"FOLDER": folder_of(tmp_path), "EMPTY": tmp_path / "empty", "one.png": tmp_path / "one.png"}
    out = tmp_path / "a.safetensors"
    said = run(capsys, "train", family, "--data", named.get(data, data), "--steps", 1, "--out", out, "--quiet")
    assert sentence in said.sentence
    assert not out.exists()
