"""What the verbs do when all is well: every family, every file kind, data units."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dgm_studio.core.recipe import Recipe
from dgm_studio.families import families
from dgm_studio.lab.native import load
from dgm_studio.lab.run import Run
from tests.cli.command import Capture, run, tiny, trained
from tests.lab.recipes import ALL, assert_same, go, painted, points_of, small

DENSE = [id for id in ALL if "log_prob" in families()[id].card.shows]


@pytest.mark.parametrize(
    ("room", "id"), [("families", "diffusion"), ("data", "moons"), ("solvers", "rk4"), ("paths", "straight")]
)
def test_list_gives_cards_with_ids(room: str, id: str, capsys: Capture) -> None:
    cards = run(capsys, "list", room, "--json").json
    assert isinstance(cards, list)
    assert id in [card["id"] for card in cards]
    assert all(card["title"] and card["summary"] and isinstance(card["facts"], dict) for card in cards)
    plain = run(capsys, "list", room)
    assert plain.code == 0
    assert len(plain.out.splitlines()) == len(cards)
    assert all(any(line.startswith(card["id"] + " ") for line in plain.out.splitlines()) for card in cards)


@pytest.mark.parametrize("family", ALL)
def test_train_sample_and_trace(family: str, capsys: Capture, tmp_path: Path) -> None:
    path = trained(capsys, tmp_path, family)
    npy, csv, png = (tmp_path / f"s.{kind}" for kind in ("npy", "csv", "png"))
    told = run(capsys, "sample", path, "-n", 30, "--seed", 2, "--out", npy, "--json").json
    assert told["n"] == 30
    assert told["units"] == "data"
    assert told["evaluations"] >= 0
    points = np.load(npy)
    assert points.shape == (30, 2)
    assert np.isfinite(points).all()
    assert run(capsys, "sample", path, "-n", 30, "--seed", 2, "--out", csv).code == 0
    assert csv.read_text().startswith("x1,x2\n")
    assert np.allclose(np.loadtxt(csv, delimiter=",", skiprows=1), points, rtol=1e-6)
    assert run(capsys, "sample", path, "-n", 30, "--out", png).code == 0
    with Image.open(png) as picture:
        assert picture.size[0] > 100
    npz = tmp_path / "f.npz"
    told = run(capsys, "trace", path, "-n", 30, "--seed", 2, "--out", npz, "--json").json
    film = np.load(npz)
    assert film["x"].shape == (told["frames"], 30, 2)
    assert film["t"].shape == (told["frames"],)
    assert np.array_equal(film["x"][-1], points), "the film ends at the samples of its seed"
    assert film["t"][-1] == 1
    # Langevin dynamics make several frames at one time; every other way moves on with each.
    moved = np.diff(film["t"])
    assert (moved >= 0).all() if family == "ncsn" else (moved > 0).all()
    if "denoiser" in families()[family].card.shows:
        assert film["x1_hat"].shape == film["x"].shape
        assert np.isfinite(film["x1_hat"]).any()


@pytest.mark.parametrize("kind", ["gif", "png"])
def test_a_film_as_a_picture(kind: str, capsys: Capture, tmp_path: Path) -> None:
    path, out = trained(capsys, tmp_path, "diffusion"), tmp_path / f"f.{kind}"
    assert run(capsys, "trace", path, "-n", 20, "--set", "steps=3", "--out", out).code == 0
    with Image.open(out) as picture:
        assert getattr(picture, "n_frames", 1) == (4 if kind == "gif" else 1)


@pytest.mark.parametrize("family", DENSE)
def test_logprob_says_its_kind(family: str, capsys: Capture, tmp_path: Path) -> None:
    path, points, out = trained(capsys, tmp_path, family), tmp_path / "p.npy", tmp_path / "l.npy"
    np.save(points, np.random.default_rng(0).normal(size=(7, 2)))
    told = run(capsys, "logprob", path, "--points", points, "--out", out, "--json").json
    assert told["kind"] == load(path).model.log_prob_kind
    assert told["unit"] == "nats"
    found = np.load(out)
    assert found.shape == (7,)
    assert not np.isnan(found).any()
    assert (found < np.inf).all()
    mean = told["mean"] if told["mean"] != "-inf" else -np.inf  # outside a histogram's box there is no mass
    assert mean == pytest.approx(found.mean())


@pytest.mark.parametrize("family", [id for id in ALL if id not in DENSE])
def test_logprob_without_a_likelihood_is_refused_with_the_reason(family: str, capsys: Capture, tmp_path: Path) -> None:
    path, points = trained(capsys, tmp_path, family), tmp_path / "p.npy"
    np.save(points, np.zeros((1, 2)))
    said = run(capsys, "logprob", path, "--points", points, "--out", tmp_path / "l.npy", "--json")
    assert "no likelihood" in said.sentence
    assert not (tmp_path / "l.npy").exists()


def test_everything_is_in_the_datas_own_units(capsys: Capture, tmp_path: Path) -> None:
    """A flow trained on large units: samples come back in them, and the density integrates to 1 over them."""
    rng = np.random.default_rng(0)
    centre, spread = np.array([1_500.0, -40_000.0]), np.array([30.0, 900.0])
    table = tmp_path / "big.csv"
    np.savetxt(table, centre + spread * rng.normal(size=(500, 2)), delimiter=",", header="a,b", comments="")
    path = trained(capsys, tmp_path, "realnvp", "--data", table, "--set", "learning_rate=0.003", steps=150)
    npy, grid_file, out = tmp_path / "s.npy", tmp_path / "g.npy", tmp_path / "l.npy"
    assert run(capsys, "sample", path, "-n", 500, "--out", npy).code == 0
    points = np.load(npy)
    assert np.allclose(points.mean(0), centre, atol=spread)
    assert np.allclose(points.std(0) / spread, 1, atol=0.5)
    axes = [np.linspace(c - 7 * s, c + 7 * s, 120) for c, s in zip(centre, spread, strict=True)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 2)
    np.save(grid_file, grid)
    assert run(capsys, "logprob", path, "--points", grid_file, "--out", out).code == 0
    cell = (axes[0][1] - axes[0][0]) * (axes[1][1] - axes[1][0])
    assert np.exp(np.load(out)).sum() * cell == pytest.approx(1, abs=0.02)
    npz, norm = tmp_path / "f.npz", points_of(load(path)).normalisation
    assert run(capsys, "trace", path, "-n", 500, "--out", npz).code == 0
    noise = norm.to_model(np.load(npz)["x"][0])
    assert np.abs(noise.mean(0)).max() < 0.2, "noise too is in data units"
    assert np.abs(noise.std(0) - 1).max() < 0.2


def test_minus_infinity_is_a_string_in_json(capsys: Capture, tmp_path: Path) -> None:
    path, points = trained(capsys, tmp_path, "realnvp"), tmp_path / "p.npy"
    np.save(points, np.array([[1e30, 1e30], [0.0, 0.0]]))
    told = run(capsys, "logprob", path, "--points", points, "--out", tmp_path / "l.npy", "--json").json
    assert told["mean"] in ("-inf", "nan")


def test_a_preset_by_its_own_id_and_by_option(capsys: Capture, tmp_path: Path) -> None:
    for index, words in enumerate((["ddpm"], ["diffusion", "--preset", "ddpm"])):
        out = tmp_path / f"{index}.safetensors"
        assert run(capsys, "train", *words, "--set", "width=16", "--steps", 2, "--out", out).code == 0
        recipe = load(out).recipe
        assert (recipe.family, recipe.preset, recipe.design["prediction"]) == ("diffusion", "ddpm", "epsilon")


def test_seed_knobs_and_data_reach_the_run(capsys: Capture, tmp_path: Path) -> None:
    path = trained(capsys, tmp_path, "vae", "--data", "moons:noise=0.2", "--seed", 9, "--set", "learning_rate=5e-4")
    recipe = load(path).recipe
    assert recipe.seed == 9
    assert recipe.training["learning_rate"] == 5e-4
    assert recipe.data.name == "moons"
    assert recipe.data.knobs == {"noise": 0.2}
    assert (recipe.step, recipe.design["width"]) == (5, 16)


def test_a_recipe_file_is_the_same_run_with_its_edits(capsys: Capture, tmp_path: Path) -> None:
    original = Run(small("gan", painted()))
    go(original, 3)
    original.change_training("batch", 16)
    original.change_data(painted(5))
    go(original, 4)
    file, out = tmp_path / "r.json", tmp_path / "r.safetensors"
    file.write_text(json.dumps(original.recipe.to_json()))
    told = run(capsys, "train", "--recipe", file, "--out", out, "--json").json
    assert told["steps"] == 7
    assert told["data"] == "Painted"
    assert_same(load(out), original)
    assert run(capsys, "train", "--recipe", file, "--steps", 2, "--out", out, "--json").json["steps"] == 2


def test_a_recipe_of_step_0_runs_as_long_as_it_is_told(capsys: Capture, tmp_path: Path) -> None:
    file = tmp_path / "r.json"
    file.write_text(json.dumps(replace(small("vae"), step=0).to_json()))
    start = time.perf_counter()
    told = run(capsys, "train", "--recipe", file, "--seconds", 0.5, "--out", tmp_path / "r.safetensors", "--json").json
    assert 0.5 <= told["seconds"] < 3
    assert time.perf_counter() - start < 10
    assert told["steps"] > 5
    assert Recipe.from_json(json.loads(file.read_text())).step == 0


def test_divergence_keeps_the_last_good_weights(capsys: Capture, tmp_path: Path) -> None:
    out = tmp_path / "d.safetensors"
    said = run(
        capsys,
        "train",
        "realnvp",
        "--set",
        "learning_rate=1000",
        "--steps",
        3000,
        "--out",
        out,
        "--set",
        "width=16",
    )
    assert "diverged" in said.sentence
    assert str(out) in said.sentence
    assert "learning_rate" in said.sentence
    assert all(bool(weight.isfinite().all()) for weight in load(out).model.parameters())


def test_what_becomes_of_a_files_columns_and_units_is_said(capsys: Capture, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("name,a,b\np,1,10\nq,2,20\nr,3,60\n")
    words = ("train", "vae", "--data", table, "--steps", 1, *tiny("vae"), "--out", tmp_path / "v")
    told = run(capsys, *words, "--json").json
    assert "columns 'a' and 'b'" in told["source"]
    assert told["model_units"]["shift"] == [2, 30]
    assert "columns 'a' and 'b'" in run(capsys, *words).out
