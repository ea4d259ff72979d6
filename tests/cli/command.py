"""Running the command line inside this process, with what it said."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dgm_studio.cli import main
from dgm_studio.core.knobs import knobs_of
from dgm_studio.families import families

Capture = pytest.CaptureFixture[str]


@dataclass(frozen=True)
class Said:
    """Exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which must hold JSON and nothing else; standard error must be quiet."""
        assert self.code == 0, self.err
        assert self.err == ""
        return json.loads(self.out, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))

    @property
    def sentence(self) -> str:
        """The one line on standard error of a command that was refused."""
        assert (self.code, self.out) == (1, "")
        (line,) = self.err.splitlines()
        assert line.startswith("dgm-studio: ")
        assert line[-1] in ".?"
        assert "Traceback" not in line
        return line


def run(capsys: Capture, *words: object) -> Said:
    """One command, also where argparse leaves by SystemExit."""
    try:
        code = main([str(word) for word in words])
    except SystemExit as leave:
        code = int(leave.code or 0)
    said = capsys.readouterr()
    return Said(code, said.out, said.err)


def tiny(family: str) -> list[str]:
    """--set options that make a family small."""
    own = families()[family]
    names = {one.name for group in (own.Design, own.Training, own.Sampling) for one in knobs_of(group)}
    small = {"width": 16, "layers": 1, "batch": 32, "steps": 6, "density_steps": 6}
    return [word for name, value in small.items() if name in names for word in ("--set", f"{name}={value}")]


def trained(capsys: Capture, folder: Path, family: str, *words: object, steps: int = 5) -> Path:
    """A small checkpoint."""
    out = folder / f"{family}.safetensors"
    said = run(capsys, "train", family, "--steps", steps, "--out", out, *tiny(family), "--json", *words)
    assert said.json["steps"] == steps
    return out
