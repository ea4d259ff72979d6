"""`dgm-studio trace --exact`: known data along a path without a model, in float64; films of points as MP4."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.cli.command import Capture, run, trained


def test_arrays_of_an_exact_film(capsys: Capture, tmp_path: Path) -> None:
    """Straight path to N(m, s^2 I): x_1 = m + s x_0, and v = m + (s - 1) x_0 on the way, to solver tolerance."""
    out = tmp_path / "f.npz"
    words = ["--exact", "gaussian:mean=1,2;std=0.5", "--path", "straight", "--set", "solver=rk4", "--set", "steps=64"]
    told = run(capsys, "trace", *words, "-n", 40, "--seed", 3, "--out", out, "--json").json
    assert told == {"n": 40, "frames": 65, "evaluations": 255, "units": "data", "out": str(out)}
    film = np.load(out)
    assert {film[name].dtype for name in ("x", "x1_hat", "velocity", "t")} == {np.dtype(np.float64)}
    assert film["x"].shape == film["velocity"].shape == (65, 40, 2)
    assert np.abs(film["x"][-1] - (np.array([1, 2]) + 0.5 * film["x"][0])).max() < 1e-5
    # On the straight path x_t = t m + (t^2 s^2 + (1 - t)^2)^1/2 x_0: at t = 0 it sets off with m - x_0.
    assert np.abs(film["velocity"][0] - (np.array([1, 2]) - film["x"][0])).max() < 1e-12
    assert np.isnan(film["velocity"][-1]).all()


def test_the_path_is_straight_and_the_seed_tells(capsys: Capture, tmp_path: Path) -> None:
    films = []
    for number, more in enumerate((["--path", "straight"], [], ["--seed", "1"])):
        out = tmp_path / f"{number}.npz"
        words = ["--exact", "mixture-1d", "--set", "steps=3", "-n", 5, *more]
        assert run(capsys, "trace", *words, "--out", out).code == 0
        films.append(np.load(out)["x"])
    assert np.array_equal(films[0], films[1])
    assert not np.array_equal(films[0], films[2])


def test_pictures_and_what_is_said_of_finite_data(capsys: Capture, tmp_path: Path) -> None:
    for ending in ("gif", "mp4"):
        out = tmp_path / f"f.{ending}"
        words = ["--exact", "moons", "--path", "vp", "--set", "steps=2", "-n", 20]
        assert "500 of its points" in run(capsys, "trace", *words, "--out", out, "--json").json["note"]
        assert out.stat().st_size > 500


def test_a_trained_models_film_as_mp4(capsys: Capture, tmp_path: Path) -> None:
    import av

    path, out = trained(capsys, tmp_path, "diffusion"), tmp_path / "f.mp4"
    assert run(capsys, "trace", path, "-n", 20, "--set", "steps=3", "--out", out).code == 0
    with av.open(str(out)) as film:
        assert sum(1 for _ in film.decode(video=0)) == 4


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--exact", "moonz"], "Did you mean moons?"), (["--exact", "moons", "--path", "vq"], "Did you mean vp or ve?"),
        (["--exact", "moons", "--set", "steps=1000000"], "between 1 and 1000"),
        (["--exact", "moons", "--set", "solver=dopri5", "--set", "rtol=0"], "rtol"),
        (["--exact", "moons", "--set", "steps"], "--set knob=value"),
        (["--exact", "no/such.csv"], "no/such.csv"),
    ],
)  # fmt: skip
def test_what_is_refused(words: list[str], told: str, capsys: Capture, tmp_path: Path) -> None:
    assert told in run(capsys, "trace", *words, "--out", tmp_path / "f.npz").sentence
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "either a CHECKPOINT or --exact"), (["c", "--exact", "moons"], "either a CHECKPOINT or --exact"),
        (["c", "--path", "vp"], "leave out --path"),
    ],
)  # fmt: skip
def test_wrong_usage(words: list[str], told: str, capsys: Capture, tmp_path: Path) -> None:
    said = run(capsys, "trace", *words, "--out", tmp_path / "f.npz")
    assert (said.code, said.out) == (2, "")
    assert told in said.err
