"""The family is told from a file's head, and nothing is told of what is no checkpoint."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from dgm_studio.core.checkpoint_head import Head, family_of, head_of
from dgm_studio.core.resources import resource


def test_the_family_of_what_ships() -> None:
    assert family_of(resource("checkpoints", "kjv-masked-word.safetensors")) == "masked-text"


def test_a_file_of_the_library_itself(tmp_path: Path) -> None:
    path = tmp_path / "own.safetensors"
    save_file({"a": torch.zeros(3)}, path, {"recipe": json.dumps({"family": "gan"})})
    assert family_of(path) == "gan"
    assert family_of(str(path)) == "gan"
    save_file({"a": torch.zeros(3)}, path)
    assert family_of(path) == ""


def test_whether_it_draws_pictures_and_its_preset(tmp_path: Path) -> None:
    assert not head_of(resource("checkpoints", "kjv-masked-word.safetensors")).pictures
    path = tmp_path / "own.safetensors"
    save_file({"fit.model.frame": torch.zeros(4)}, path, {"recipe": json.dumps({"family": "vae", "preset": "beta"})})
    assert head_of(path) == Head("vae", "beta", pictures=True)
    assert head_of(tmp_path / "none.safetensors") == Head()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x02\0\0\0\0\0\0\0{}",
        b"\xff" * 40,
        b"\x08\0\0\0\0\0\0\0[1, 2, 3",
        b"\x04\0\0\0\0\0\0\0null",
        (200_000).to_bytes(8, "little") + b"[" * 200_000,
    ],
)
def test_what_is_no_checkpoint_tells_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.safetensors"
    path.write_bytes(content)
    assert family_of(path) == ""
    assert family_of(tmp_path / "none.safetensors") == ""
    assert family_of(tmp_path) == ""
