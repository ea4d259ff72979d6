"""What goes wrong: one sentence on standard error, exit code 1 refused, 2 wrong usage, nothing written."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dgm_studio.cli import VERBS, opens_window
from tests.cli.command import Capture, run, trained
from tests.laws.modules import HOUSE


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["train", "vae", "--set", "batch=0"], "must be between 1 and"),
        (["train", "vae", "--set", "learning_rate=fast"], "needs a number"),
        (["train", "vae", "--set", "lerning_rate=1"], "learning_rate"),
        (["train", "vae", "--set", "batch"], "--set knob=value"),
        (["train", "difusion"], "Did you mean diffusion"),
        (["train", "gna"], "Did you mean gan"),
        (["train", "diffusion", "--preset", "ddmp"], "Did you mean ddpm"),
        (["train", "vae", "--data", "mons"], "Did you mean moons"),
        (["train", "vae", "--data", "moons:noise=99"], "must be"),
        (["train", "vae", "--data", "/nowhere/x.csv"], "no file"),
        (["train", "--recipe", "/nowhere/r.json"], "cannot be read"),
    ],
)
def test_what_is_refused_before_training(words: list[str], told: str, capsys: Capture, tmp_path: Path) -> None:
    said = run(capsys, *words, "--steps", 1, "--out", tmp_path / "a.safetensors", "--json")
    assert told in said.sentence
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("name,colour\nann,red\nbob,blue\n", "no column of numbers"),
        ("x,y\n1,2\n3,\n5,6\n", "bad rows (1 of 3), the first in line 3"),
        ("x,y\n1,2\nnan,3\n5,6\n", "bad rows (1 of 3), the first in line 3"),
        ("name\nann\nbob\n", "everything in one column"),
        ("x,y\n1,2\n", "1 row"),
        ("", "empty"),
    ],
)
def test_tables_that_cannot_be_learned_from(content: str, told: str, capsys: Capture, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text(content)
    said = run(capsys, "train", "vae", "--data", table, "--steps", 1, "--out", tmp_path / "a.safetensors")
    assert told in said.sentence
    assert list(tmp_path.iterdir()) == [table]


@pytest.mark.parametrize(
    ("content", "told"),
    [("{half", "not JSON"), ("[]", "not a recipe"), ('{"schema": 99}', "schema 99"), ("\xff", "JSON")],
)
def test_recipe_files_that_are_none(content: str, told: str, capsys: Capture, tmp_path: Path) -> None:
    file = tmp_path / "r.json"
    file.write_bytes(content.encode("latin-1"))
    assert told in run(capsys, "train", "--recipe", file, "--out", tmp_path / "a.safetensors").sentence


@pytest.mark.parametrize("verb", ["sample", "trace", "logprob"])
def test_checkpoints_that_cannot_be_read(verb: str, capsys: Capture, tmp_path: Path) -> None:
    broken, points, empty = tmp_path / "b.safetensors", tmp_path / "p.npy", tmp_path / "empty"
    empty.mkdir()
    broken.write_bytes(b"\0" * 100)
    np.save(points, np.zeros((2, 2)))
    more = ["--points", points] if verb == "logprob" else []
    kind = "npz" if verb == "trace" else "npy"
    foreign = verb != "logprob"  # whatever is no run of the studio is read as another program's, but for a density
    for path, told in (
        (broken, "E04: The file begins with zeros only" if foreign else "truncated"),
        (tmp_path / "none.safetensors", "no file"),
        (empty, "E24: This folder has neither" if foreign else "cannot be read"),
    ):
        said = run(capsys, verb, path, *more, "--out", tmp_path / f"o.{kind}", "--json")
        assert told in said.sentence
    assert not (tmp_path / f"o.{kind}").exists()


def test_points_that_cannot_be_judged(capsys: Capture, tmp_path: Path) -> None:
    path = trained(capsys, tmp_path, "realnvp", steps=1)
    arrays: dict[str, object] = {
        "three.npy": np.zeros((4, 3)), "flat.npy": np.zeros(4), "none.npy": np.zeros((0, 2)),
        "nan.npy": np.array([[np.nan, 0.0]]), "words.npy": np.array([["a", "b"]]),
    }  # fmt: skip
    for name, array in arrays.items():
        np.save(tmp_path / name, array)  # type: ignore[arg-type]
    np.savez(tmp_path / "archive.npz", a=np.zeros((2, 2)))
    (tmp_path / "empty.npy").write_bytes(b"")
    (tmp_path / "text.npy").write_text("1 2\n")
    for name in (*arrays, "archive.npz", "empty.npy", "text.npy", "missing.npy"):
        said = run(capsys, "logprob", path, "--points", tmp_path / name, "--out", tmp_path / "l.out.npy")
        assert name in said.sentence, name
    assert not (tmp_path / "l.out.npy").exists()


def test_places_that_cannot_be_written_are_refused_before_any_work(capsys: Capture, tmp_path: Path) -> None:
    path = trained(capsys, tmp_path, "vae", steps=1)
    for words, told in (
        (["train", "vae", "--out", tmp_path / "no" / "a.safetensors"], "no folder"),
        (["train", "vae", "--out", tmp_path / "a.pickle"], ".safetensors"),
        (["sample", path, "--out", tmp_path / "a.txt"], ".npy or .csv or .png"),
        (["trace", path, "--out", tmp_path / "a.npy"], ".npz or .gif or .mp4 or .png"),
        (["logprob", path, "--points", "p.npy", "--out", tmp_path / "a.csv"], ".npy"),
    ):
        assert told in run(capsys, *words).sentence
    (tmp_path / "s.npy").mkdir()
    assert "could not be saved" in run(capsys, "sample", path, "-n", 3, "--out", tmp_path / "s.npy").sentence
    assert not [one for one in tmp_path.iterdir() if one.suffix == ".part"]


def test_a_sampling_knob_out_of_range(capsys: Capture, tmp_path: Path) -> None:
    path, out = trained(capsys, tmp_path, "diffusion", steps=1), tmp_path / "s.npy"
    assert "between 1 and 1000" in run(capsys, "sample", path, "--set", "steps=0", "--out", out).sentence
    assert "Did you mean" in run(capsys, "sample", path, "--set", "width=8", "--out", out).sentence
    assert "heun" in run(capsys, "trace", path, "--set", "solver=huen", "--out", tmp_path / "f.npz").sentence


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["trian", "vae"], "Did you mean train"),
        (["smaple"], "Did you mean sample"),
        (["list", "familys"], "Did you mean families"),
        (["list"], "room"),
        (["train", "vae"], "--out"),
        (["train", "--out", "a.safetensors"], "FAMILY or --recipe"),
        (["train", "vae", "--recipe", "r.json", "--out", "a"], "either"),
        (["train", "--recipe", "r.json", "--set", "batch=3", "--out", "a"], "leave out --set"),
        (["train", "vae", "--steps", "0", "--out", "a"], "positive whole number"),
        (["train", "vae", "--steps", "many", "--out", "a"], "positive whole number"),
        (["train", "vae", "--seconds", "nan", "--out", "a"], "positive number"),
        (["train", "vae", "--seed", "-1", "--out", "a"], "from 0 to"),
        (["train", "vae", "--seed", "9" * 30, "--out", "a"], "from 0 to"),
        (["sample", "c", "-n", "0", "--out", "a"], "positive whole number"),
        (["sample", "c"], "--out"),
        (["trace", "c"], "--out"),
        (["logprob", "c", "--out", "a.npy"], "--points"),
        (["train", "vae", "--no-such", "--out", "a"], "--no-such"),
        (["screenshot", "train", "--size", "huge", "--out", "a.png"], "1440x900"),
        (["screenshot", "train", "--size", "1x1", "--out", "a.png"], "640x480"),
    ],
)
def test_wrong_usage_is_2(words: list[str], told: str, capsys: Capture) -> None:
    said = run(capsys, *words)
    assert said.code == 2
    assert said.out == ""
    assert told in said.err
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize("words", [[], *([verb] for verb in VERBS)])
def test_help_is_everywhere(words: list[str], capsys: Capture) -> None:
    said = run(capsys, *words, "--help")
    assert said.code == 0
    assert "usage: dgm-studio" in said.out
    assert said.err == ""


def test_version(capsys: Capture) -> None:
    assert run(capsys, "--version").out.startswith("dgm-studio ")


def test_what_opens_the_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run").touch()
    for words in (
        [],
        ["a.safetensors"],
        ["run"],
        ["--offscreen", "--quit-after", "3"],
        ["--quit-after", "3", "run"],
    ):
        assert opens_window(words), words
    for words in (["list", "data"], ["trian"], ["--help"], ["--version"], ["train", "a.csv"]):
        assert not opens_window(words), words


def started(*words: str) -> subprocess.CompletedProcess[str]:
    """The program as a shell starts it."""
    return subprocess.run(
        [sys.executable, "-m", "dgm_studio", *words], cwd=HOUSE, capture_output=True, text=True, timeout=100
    )


def test_the_real_program(tmp_path: Path) -> None:
    out = str(tmp_path / "a.safetensors")
    done = started("train", "vae", "--steps", "3", "--set", "width=8", "--out", out, "--json")
    assert (done.returncode, json.loads(done.stdout)["steps"]) == (0, 3)
    assert done.stderr == ""
    refused = started("train", "vae", "--set", "width=3", "--out", out)
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert "must be between" in refused.stderr
    assert started("trian").returncode == 2
