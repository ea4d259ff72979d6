"""`inspect` and `diff`: what they print, and exit code 3 with the message's code where a file cannot be read."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from dgm_studio.cli import main
from dgm_studio.core.reader_command import READER
from tests.checkpoints.fixtures import made
from tests.laws.modules import HOUSE

Capture = pytest.CaptureFixture[str]


def said(capsys: Capture, *words: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    code = main(words)
    return code, *capsys.readouterr()


def test_inspect_tells_all_as_json(capsys: Capture) -> None:
    code, out, err = said(capsys, "inspect", str(made("lucidrains")), "--json")
    found = json.loads(out)
    assert (code, err, found["code"], found["kind"]) == (0, "", "", "torch-zip")
    assert found["totals"]["tensors"] == len(found["tensors"]) > 10
    assert {"name", "dtype", "shape", "nbytes"} <= found["tensors"][0].keys()
    best = found["candidates"][0]
    assert best["verdict"] == "match"
    assert best["reasons"]
    assert all(one["reasons"] for one in found["candidates"])


def test_a_model_that_ships_goes_by_its_name(capsys: Capture) -> None:
    code, out, _ = said(capsys, "inspect", "fashion-vae", "--json")
    assert code == 0
    assert json.loads(out)["candidates"][0]["id"] == "dgm-studio"


def test_inspect_says_it_in_a_few_lines(capsys: Capture, tmp_path: Path) -> None:
    save_file({"a\x1b[2J": np.zeros(3, np.float32)}, tmp_path / "a.safetensors")
    code, out, _ = said(capsys, "inspect", str(tmp_path / "a.safetensors"))
    assert code == 0
    assert "1 tensor, 3 numbers, 12 bytes" in out
    # A name from the file never steers the terminal.
    assert "\x1b" not in out
    assert "a\\x1b[2J" in out


def test_a_file_that_cannot_be_read_ends_with_3(capsys: Capture, tmp_path: Path) -> None:
    (tmp_path / "a.pt").write_bytes(b"<!doctype html>")
    code, out, err = said(capsys, "inspect", str(tmp_path / "a.pt"), "--json")
    found = json.loads(out)
    assert (code, found["code"]) == (3, "E02")
    assert (found["candidates"], found["tensors"]) == ([], [])
    (line,) = err.splitlines()
    assert line.startswith("dgm-studio: E02: This is a web page")
    code, out, err = said(capsys, "inspect", str(tmp_path / "a.pt"))
    assert (code, out) == (3, "")


def test_neither_verb_loads_torch_or_qt() -> None:
    path = str(made("torch-zip"))
    code = (
        "import sys; from dgm_studio.cli import main; "
        f"codes = main(['inspect', {path!r}]), main(['diff', {path!r}, {path!r}]); "
        "print(codes, sorted({'torch', 'PySide6', 'safetensors', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=HOUSE, capture_output=True, text=True, timeout=100)
    assert done.stdout.splitlines()[-1] == "(0, 0) []", done.stderr


def test_the_packaged_program_is_its_own_reader() -> None:
    command = [sys.executable, "-m", "dgm_studio", READER]
    done = subprocess.run(command, cwd=HOUSE, stdin=subprocess.DEVNULL, capture_output=True, timeout=100)
    assert done.returncode == 0
    assert json.loads(done.stdout.splitlines()[0])["is"] == "ready"


def test_diff_compares_tensor_by_tensor(capsys: Capture, tmp_path: Path) -> None:
    save_file({"a": np.zeros(4, np.float32), "b": np.ones(2), "c": np.ones(1)}, tmp_path / "1.safetensors")
    save_file({"a": np.full(4, 3, np.float32), "b": np.ones(2), "d": np.ones(1)}, tmp_path / "2.safetensors")
    paths = [str(tmp_path / name) for name in ("1.safetensors", "2.safetensors")]
    code, out, _ = said(capsys, "diff", *paths, "--json")
    found = json.loads(out)
    assert (code, found["code"], found["equal"], found["norm"]) == (0, "", 1, 6.0)
    assert (found["only_first"], found["only_second"]) == (["c"], ["d"])
    row = next(one for one in found["rows"] if one["name"] == "a")
    assert (row["norm"], row["relative"], row["largest"]) == (6.0, "inf", 3.0)
    code, out, _ = said(capsys, "diff", *paths)
    assert "1 of them equal" in out
    code, out, _ = said(capsys, "diff", paths[0], str(tmp_path / "none.pt"), "--json")
    assert (code, json.loads(out)["code"]) == (3, "E25")
