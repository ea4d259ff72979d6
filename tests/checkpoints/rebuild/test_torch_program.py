"""TorchScript and torch.export programs: inspected without running, refused without consent to the very file, then run
in a process of their own that writes nothing and is killed when it is late."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from dgm_studio.checkpoints.candidates.judging import inspect
from dgm_studio.checkpoints.candidates.torch_program import contents
from dgm_studio.checkpoints.formats.opening import open_checkpoint
from dgm_studio.checkpoints.rebuild import program_process
from dgm_studio.checkpoints.rebuild.program_process import ProgramProcess, end_programs
from dgm_studio.checkpoints.rebuild.rebuilt import Decoder, Denoiser, Rebuilt
from dgm_studio.core.errors import Refused
from dgm_studio.core.inspection import ASKS, PICTURES, POINTS, Candidate, RefusedFile
from dgm_studio.core.slow import finish
from dgm_studio.lab.checkpoints.foreign_points import opened_with
from dgm_studio.lab.checkpoints.rebuilding import rebuilding
from dgm_studio.lab.commands import sample


class Velocity(nn.Module):
    """A flow of points towards two numbers: v = centre - x + 0 t, its centre the only weight."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Linear(3, 2)
        with torch.no_grad():
            self.net.weight.copy_(torch.tensor([[-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]]))
            self.net.bias.copy_(torch.tensor([1.0, -2.0]))

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        out: Tensor = self.net(torch.cat([x, t[:, None]], 1))
        return out


class Generator(nn.Module):
    """Noise (n, 3, 1, 1) to pictures (n, 1, 4, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.main = nn.Sequential(nn.ConvTranspose2d(3, 2, 2), nn.ReLU(), nn.ConvTranspose2d(2, 1, 2, 2), nn.Tanh())

    def forward(self, z: Tensor) -> Tensor:
        out: Tensor = self.main(z)
        return out


class Writer(nn.Module):
    """Writes a file when it is run."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path: str = path
        self.net = nn.Linear(2, 2)

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        torch.save(x, self.path)
        out: Tensor = self.net(x) + t.sum()
        return out


def scripted(net: nn.Module, path: Path) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(cast(Any, torch.jit.script)(net.eval()), str(path))
    return path


def exported(net: nn.Module, path: Path, *examples: Tensor) -> Path:
    rows = torch.export.Dim("rows")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shapes = tuple({0: rows} for _ in examples)
        torch.export.save(torch.export.export(net.eval(), examples, dynamic_shapes=shapes), path)
    return path


def points(folder: Path, kind: str) -> Path:
    if kind == "pt2":
        return exported(Velocity(), folder / "flow.pt2", torch.zeros(2, 2), torch.zeros(2))
    return scripted(Velocity(), folder / "flow.pt")


def hash_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def answer(path: Path) -> Candidate:
    return next(one for one in inspect(path).candidates if one.id == "torch-program")


def rebuilt(path: Path, **choice: str) -> Rebuilt:
    return finish(rebuilding(path, choice, "cpu"))


@pytest.fixture(autouse=True)
def _no_program_left() -> Iterator[None]:
    yield
    end_programs()


@pytest.mark.parametrize("kind", ["torchscript", "pt2"])
def test_it_is_refused_without_consent_and_sampled_with_it(kind: str, tmp_path: Path) -> None:
    path = points(tmp_path, kind)
    found = answer(path)
    assert (found.verdict, found.tier, found.makes) == (ASKS, 4, POINTS)
    assert (found.setting("x"), found.setting("time"), found.setting("prediction")) == ("x", "t", "x0-eps")
    assert inspect(path).best is not found, "nothing runs it by itself"
    out = str(tmp_path / "points.npy")
    for wrong, said in (({}, "consent"), ({"consent": "0" * 64}, "another SHA-256")):
        with pytest.raises(RefusedFile, match=said) as refusal:
            sample(str(path), 4, 0, [f"{name}={value}" for name, value in wrong.items()], out, True)
        assert refusal.value.code == "E11"
    assert not program_process._kept, "no process was started"
    assert not Path(out).exists()
    told = {"consent": hash_of(path), "solver": "euler", "steps": "4"}
    scene = opened_with(path, told, "cpu")
    start = torch.tensor([[3.0, 0.0], [0.0, 0.0], [1.0, 1.0]])
    *_, last = scene.model.walk(start, scene.sampling, torch.Generator().manual_seed(0))
    centre = torch.tensor([1.0, -2.0])
    torch.testing.assert_close(last.x, centre + (start - centre) * 0.75**4)


def test_what_is_rewritten_after_the_consent_is_not_run(tmp_path: Path) -> None:
    path = points(tmp_path, "torchscript")
    consent = hash_of(path)
    scripted(Generator(), path)
    with pytest.raises(RefusedFile, match="another SHA-256"):
        rebuilt(path, consent=consent)
    process = ProgramProcess(("torchscript", str(path), consent))
    with pytest.raises(RefusedFile, match="another SHA-256"):  # the process itself hashes what it loads
        finish(process.loading())
    assert not process.alive


def test_noise_that_becomes_a_picture_is_a_decoder(tmp_path: Path) -> None:
    net = Generator()
    path = tmp_path / "gan.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(cast(Any, torch.jit.trace)(net.eval(), torch.zeros(2, 3, 1, 1)), str(path))
    assert open_checkpoint(path).tree["traced"] == [{"shape": [2, 3, 1, 1], "dtype": "float32"}]
    guessed = answer(scripted(net, tmp_path / "scripted.pt"))
    assert (guessed.setting("latent"), guessed.setting("latent_shape")) == (3, "(n, k, 1, 1)")
    assert answer(path).makes == guessed.makes == PICTURES
    made = rebuilt(path, consent=hash_of(path))
    assert isinstance(made, Decoder)
    assert tuple(made.shape)[:3] == (1, 4, 4)
    z = torch.randn((3, 3), generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(made.decode(z), net(z[:, :, None, None]))


def test_a_program_that_writes_cannot(tmp_path: Path) -> None:
    mark = tmp_path / "written"
    path = scripted(Writer(str(mark)), tmp_path / "writer.pt")
    assert any(word.endswith("save") for word in contents("torchscript", open_checkpoint(path).tree))
    assert not mark.exists(), "looking into the file runs nothing"
    mark.write_bytes(b"kept")
    made = rebuilt(path, consent=hash_of(path), prediction="x0-eps")
    assert isinstance(made, Denoiser)
    (process,) = program_process._kept.values()
    with suppress(Refused):
        made.predict(torch.zeros((1, 2, 1, 1)), torch.zeros(1), torch.zeros(1))
    assert mark.read_bytes() == b"kept" or not process.sealed
    assert mark.stat().st_size <= 4 or sys.platform == "win32"


def test_a_program_that_never_ends_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = nn.Linear(2, 2)

        def forward(self, x: Tensor, t: Tensor) -> Tensor:
            while bool((t >= 0).all()):
                t = t + 1
            out: Tensor = self.net(x) + t.sum()
            return out

    path = scripted(Endless(), tmp_path / "endless.pt")
    process = ProgramProcess(("torchscript", str(path), hash_of(path)))
    finish(process.loading())
    monkeypatch.setattr(program_process, "LONGEST", 0.3)
    zeros = {"x": np.zeros((1, 2), np.float32), "t": np.zeros(1, np.float32)}
    with pytest.raises(Refused, match="took longer"):
        finish(process.making(zeros, 0))
    assert not process.alive


def test_inspection_runs_nothing(tmp_path: Path) -> None:
    """Under an audit hook nothing is imported from the files, executed or started, and nothing is written."""
    mark = tmp_path / "written"
    files = [points(tmp_path, "torchscript"), points(tmp_path, "pt2"), scripted(Writer(str(mark)), tmp_path / "w.pt")]
    lists = []
    for name, listed in (("files", files), ("warm", files[:2])):
        lists.append(tmp_path / f"{name}.json")
        lists[-1].write_text(json.dumps([str(one) for one in listed]))
    command = [sys.executable, "-m", "tests.checkpoints.watched_reading", *map(str, lists)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True)
    told = json.loads(done.stdout)
    assert told["happened"] == []
    assert list(told["found"].values()) == ["torchscript", "pt2", "torchscript"]
    assert not told["torch"]
    assert not mark.exists()
