"""The verbs interpolate, sample and trace of models of pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.command import Capture, run
from tests.lab.pictures.bench import kept


@pytest.fixture(scope="module")
def vae(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small one."""
    return kept("vae", tmp_path_factory.mktemp("vae"))


@pytest.fixture(scope="module")
def flow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small latent flow."""
    return kept("latent-flow", tmp_path_factory.mktemp("flow"))


@pytest.mark.parametrize("mode", ["lerp", "slerp", "norm"])
def test_exactly_so_many_frames(mode: str, vae: Path, tmp_path: Path, capsys: Capture) -> None:
    drawn, out = tmp_path / "drawn.png", tmp_path / "a.npz"
    Image.fromarray(np.arange(144, dtype=np.uint8).reshape(12, 12)).save(drawn)
    words = ("interpolate", vae, "--from", "seed:1", "--via", "data:4", "--to", f"image:{drawn}", "--mode", mode)
    told = run(capsys, *words, "--frames", 17, "--out", out, "--json").json
    assert told["frames"] == 17
    assert told["points"] == ["seed:1", "data:4", f"image:{drawn}"]
    assert set(told["reconstruction_error"]) == {"data:4", f"image:{drawn}"}
    with np.load(out) as held:
        x, z = held["x"], held["z"]
    assert (x.shape, x.dtype, z.shape) == ((17, 1, 8, 8), np.float32, (17, 3))
    assert x.min() >= -1
    assert x.max() <= 1
    run(capsys, *words, "--frames", 3, "--out", out)
    with np.load(out) as held:
        assert np.allclose(held["x"], x[[0, 8, 16]], atol=1e-5), "the points themselves"


@pytest.mark.parametrize("ending", ["png", "gif", "mp4"])
def test_as_a_picture_and_as_a_film(ending: str, vae: Path, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / f"a.{ending}"
    words = ("interpolate", vae, "--from", "seed:1", "--to", "seed:2", "--frames", 6, "--closed", "--out", out)
    assert run(capsys, *words).code == 0
    assert out.stat().st_size > 100
    if ending == "gif":
        with Image.open(out) as film:
            assert film.n_frames == 6  # type: ignore[attr-defined]


def test_a_flow_goes_through_its_noise(flow: Path, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "a.npz"
    words = ("interpolate", flow, "--from", "data:1", "--to", "seed:2", "--label", 1, "--gamma", 2, "--frames", 4)
    told = run(capsys, *words, "--out", out, "--json").json
    assert told["reconstruction_error"]["data:1"] > 0
    assert np.load(out)["x"].shape == (4, 1, 8, 8)


def test_sample_and_trace(flow: Path, tmp_path: Path, capsys: Capture) -> None:
    npy, npz = tmp_path / "a.npy", tmp_path / "a.npz"
    options = ("-n", 3, "--seed", 4, "--set", "steps=2")
    assert run(capsys, "sample", flow, *options, "--out", npy, "--json").json["n"] == 3
    samples = np.load(npy)
    assert (samples.shape, samples.dtype) == ((3, 1, 8, 8), np.float32)
    told = run(capsys, "trace", flow, *options, "--out", npz, "--json").json
    with np.load(npz) as film:
        assert film["x"].shape == (told["frames"], 3, 1, 8, 8)
        assert film["t"].shape == film["evaluations"].shape == (told["frames"],)
        assert np.allclose(film["x"][-1], samples), "the film ends at the samples of its seed"
    for verb, ending in (("sample", "png"), ("trace", "png"), ("trace", "gif"), ("trace", "mp4")):
        assert run(capsys, verb, flow, *options, "--out", tmp_path / f"{verb}.{ending}").code == 0
        assert (tmp_path / f"{verb}.{ending}").stat().st_size > 100


def test_a_caption_is_drawn_at_a_gamma(tmp_path: Path, capsys: Capture) -> None:
    said = ("--set", "caption=bold serif letter g, rotated", "--set", "steps=2", "-n", 2)
    out, other = tmp_path / "g.npy", tmp_path / "h.npy"
    assert run(capsys, "sample", "glyph-text-flow", *said, "--set", "gamma=3", "--out", out).code == 0
    assert run(capsys, "sample", "glyph-text-flow", *said, "--set", "guidance=1", "--out", other).code == 0
    assert np.load(out).shape == (2, 1, 28, 28)
    assert not np.allclose(np.load(out), np.load(other))
    wrong = run(capsys, "sample", "glyph-text-flow", "--set", "caption=blod serif g", "--out", out).sentence
    assert "'blod' is no word of the captions. Did you mean bold? Known are light, regular, bold" in wrong


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--from", "seed:x", "--to", "seed:1"), "'x' is not a whole number"),
        (("--from", "1", "--to", "seed:1"), "'1' is no point: write seed:1"),
        (("--from", "seed:1", "--to", "image:gone.png"), "gone.png"),
        (("--from", "seed:1", "--to", "data:999"), "no training picture 999"),
        (("--from", "seed:1", "--to", "seed:2", "--frames", 1), "1 frames cannot pass through 2 points"),
        (("--from", "seed:1", "--to", "seed:2", "--mode", "cubic"), "choose lerp, slerp, norm"),
    ],
)
def test_refusals(words: tuple[object, ...], says: str, vae: Path, tmp_path: Path, capsys: Capture) -> None:
    assert says in run(capsys, "interpolate", vae, *words, "--out", tmp_path / "a.npz").sentence
    assert list(tmp_path.iterdir()) == []


def test_the_ending_and_what_is_no_model(vae: Path, tmp_path: Path, capsys: Capture) -> None:
    ends = ("--from", "seed:1", "--to", "seed:2")
    sentence = run(capsys, "interpolate", vae, *ends, "--out", tmp_path / "a.avi").sentence
    assert "end its name in .png or .gif or .mp4 or .npz" in sentence
    out = tmp_path / "a.npz"
    assert "no model that ships" in run(capsys, "interpolate", "fashion-vea", *ends, "--out", out).sentence
    assert "cannot be written" in run(capsys, "sample", vae, "--out", tmp_path / "a.csv").sentence
