"""Training a family of text from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dgm_studio.cli import main
from dgm_studio.families import all_families
from dgm_studio.lab.native import load
from tests.contracts.test_families import same
from tests.texts import small_text

SMALL = ("--set", "width=16", "--set", "length=8", "--set", "layers=1", "--set", "vocabulary=32", "--quiet")


def text_file(folder: Path) -> str:
    """A person's own text."""
    file = folder / "own.txt"
    file.write_text(small_text())
    return str(file)


def test_list_families_lists_those_of_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "families", "--json"]) == 0
    assert {row["id"] for row in json.loads(capsys.readouterr().out)} == set(all_families())


def test_list_data_lists_the_corpora(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "data", "--json"]) == 0
    assert {"kjv", "austen", "moons"} <= {row["id"] for row in json.loads(capsys.readouterr().out)}


def test_a_family_of_text_trains_on_a_persons_own_text_and_its_recipe_runs_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, again = str(tmp_path / "a.safetensors"), str(tmp_path / "b.safetensors")
    assert (
        main(["train", "masked-text", "--data", text_file(tmp_path), "--steps", "3", "--out", out, "--json", *SMALL])
        == 0
    )
    told = json.loads(capsys.readouterr().out)
    assert told["data"] == "own.txt"
    assert told["steps"] == 3
    run = load(out)
    recipe = tmp_path / "recipe.json"
    recipe.write_text(json.dumps(run.recipe.to_json()))
    assert main(["train", "--recipe", str(recipe), "--out", again, "--quiet"]) == 0
    assert same(load(again).fit, run.fit)


@pytest.mark.parametrize("verb", ["sample", "trace", "logprob"])
def test_verbs_of_points_name_the_verb_of_text(verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "a.safetensors")
    assert (
        main(["train", "autoregressive-text", "--data", text_file(tmp_path), "--steps", "1", "--out", out, *SMALL]) == 0
    )
    ending = {"sample": ".csv", "trace": ".npz", "logprob": ".npy"}[verb]
    points = ("--points", str(tmp_path / "none.npy")) if verb == "logprob" else ()
    assert main([verb, out, *points, "--out", str(tmp_path / f"x{ending}"), "--quiet"]) == 1
    assert "dgm-studio unmask" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("family", "data", "words"),
    [
        ("masked-text", "moons", "no text named 'moons'"),
        ("uniform-text", "empty.txt", "is empty"),
        ("masked-text", "binary.txt", "binary"),
        ("masked-text", "gone.txt", "no file"),
        ("histogram", "kjv", "is a text"),
    ],
)
def test_what_is_no_text_for_it_is_refused_before_any_work(
    family: str, data: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.txt").write_text("\n")
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)))
    given = str(tmp_path / data) if data.endswith(".txt") else data
    out = tmp_path / "a.safetensors"
    assert main(["train", family, "--data", given, "--steps", "1", "--out", str(out), "--quiet"]) == 1
    assert words in capsys.readouterr().err
    assert not out.exists()
