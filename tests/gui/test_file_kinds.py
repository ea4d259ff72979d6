"""What a file on the window is for, by its content before its name."""

from __future__ import annotations

import json
from pathlib import Path

from dgm_studio.gui.file_kinds import CHECKPOINT, DATA, RUN, kind_of_file


def safetensors(path: Path, metadata: dict[str, str]) -> Path:
    head = json.dumps({"__metadata__": metadata}).encode()
    path.write_bytes(len(head).to_bytes(8, "little") + head)
    return path


def test_runs_data_and_all_else(tmp_path: Path) -> None:
    own = safetensors(tmp_path / "own.safetensors", {"recipe": json.dumps({"family": "diffusion"})})
    assert kind_of_file(own) == RUN
    assert kind_of_file(safetensors(tmp_path / "theirs.safetensors", {"recipe": "soup"})) == CHECKPOINT
    assert kind_of_file(tmp_path / "points.CSV") == DATA
    assert kind_of_file(tmp_path / "face.png") == DATA
    for name in ("model.pt", "paper.pdf", "nothing", "weights.npz"):
        assert kind_of_file(tmp_path / name) == CHECKPOINT


def test_folders(tmp_path: Path) -> None:
    for name in ("empty", "pictures", "classes", "model"):
        (tmp_path / name).mkdir()
    (tmp_path / "pictures" / "a.JPG").touch()
    (tmp_path / "classes" / "cats").mkdir()
    (tmp_path / "classes" / "cats" / "a.png").touch()
    (tmp_path / "model" / "sample.png").touch()
    (tmp_path / "model" / "model.safetensors").touch()
    kinds = {name: kind_of_file(tmp_path / name) for name in ("empty", "pictures", "classes", "model")}
    assert kinds == {"empty": CHECKPOINT, "pictures": DATA, "classes": DATA, "model": CHECKPOINT}
