"""The script that makes the pictures: reading IDX files, choosing a balanced subset, and what is written is read."""

from __future__ import annotations

import gzip
import importlib
import lzma
import struct
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from dgm_studio.data.pictures.fashion import FashionPictures

PACKAGING = Path(__file__).resolve().parents[3] / "packaging"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(PACKAGING))
    return importlib.import_module("make_pictures")


def test_an_idx_file_is_read(tmp_path: Path, script: ModuleType) -> None:
    numbers = np.arange(24, dtype=np.uint8).reshape(4, 3, 2)
    (tmp_path / "a.gz").write_bytes(gzip.compress(struct.pack(">HBB3I", 0, 8, 3, 4, 3, 2) + numbers.tobytes()))
    assert (script.read_idx(tmp_path / "a.gz") == numbers).all()
    (tmp_path / "b.gz").write_bytes(gzip.compress(struct.pack(">HBBI", 0, 0x0D, 1, 1) + b"\0\0\0\0"))
    with pytest.raises(SystemExit, match="no IDX file of bytes"):
        script.read_idx(tmp_path / "b.gz")


def test_the_first_of_every_class_are_chosen_one_of_each_at_the_front(script: ModuleType) -> None:
    labels = np.array([1, 1, 0, 2, 1, 0, 2, 2, 0, 1])
    assert script.first_of_each(labels, 2).tolist() == [2, 0, 3, 1, 5, 6]


def test_what_is_written_is_read(tmp_path: Path, script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 1, 3, 2), dtype=np.uint8)
    head = {"learnt": 3, "held_out": 2, "names": ["a", "b"]}
    labels, traits = np.array([0, 1, 1, 0, 1]), {"font": np.arange(5)}
    (tmp_path / "fashion-mnist.xz").write_bytes(lzma.compress(script.packed(head, labels, traits, pixels)))
    monkeypatch.setattr("dgm_studio.data.pictures.stored.resource", lambda *parts: tmp_path / parts[-1])
    found, seen = FashionPictures().load(), FashionPictures().peek(2)
    assert (found.pixels == pixels[:3]).all()
    assert (found.held_out == pixels[3:]).all()
    assert found.labels.tolist() == [0, 1, 1]
    assert found.held_labels.tolist() == [0, 1]
    assert found.names == ("a", "b")
    assert (seen.pixels == pixels[:2]).all()
    assert seen.labels.tolist() == [0, 1]
