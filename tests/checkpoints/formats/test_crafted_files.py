"""Good files of kinds that no torch of today writes, put together byte by byte."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from dgm_studio.checkpoints.formats.opening import open_checkpoint
from tests.checkpoints.crafted import legacy, named, pickled, state_dict, storage, tensor, text, torch_zip, zipped


def test_the_constants_of_a_torchscript_file_are_tensors_too(tmp_path: Path) -> None:
    path = tmp_path / "net.pt"
    module = pickled(named("__torch__.Net"), b")\x81}(", text("w"), tensor(), b"ub")
    constants = {"x/constants.pkl": pickled(tensor(), b"\x85"), "x/constants/0": np.ones(4, "<f4").tobytes()}
    path.write_bytes(zipped({"x/data.pkl": module, "x/data/0": bytes(16), **constants}))
    opened = open_checkpoint(path)
    assert opened.kind == "torchscript"
    assert opened.read("w").sum() == 0
    assert opened.read("constants.0").sum() == 4
    assert opened.verify("constants.0") is True


def test_an_exported_program_of_the_first_versions(tmp_path: Path) -> None:
    path = tmp_path / "old.pt2"
    inner = torch_zip(state_dict(w=tensor()))
    path.write_bytes(
        zipped({"serialized_exported_program.json": b'{"a": 1}', "serialized_state_dict.pt": inner, "version": b"5"})
    )
    opened = open_checkpoint(path)
    assert (opened.kind, list(opened.tensors), opened.tree["graph"]) == ("pt2", ["w"], {"a": 1})
    assert opened.read("w").tobytes() == bytes(range(16))


def test_an_exported_program_of_later_versions_keeps_its_weights_in_files(tmp_path: Path) -> None:
    path = tmp_path / "later.pt2"
    inner = {f"m/data/{kind}/model.pt": torch_zip(state_dict(**{kind: tensor()})) for kind in ("weights", "constants")}
    path.write_bytes(zipped({"m/archive_format": b"pt2", "m/models/model.json": b"{}"} | inner))
    opened = open_checkpoint(path)
    assert list(opened.tensors) == ["weights", "constants"]
    assert opened.verify("weights") is True
    assert opened.read("constants").tobytes() == bytes(range(16))


def test_parts_of_a_storage_and_sources_of_modules_in_the_oldest_files(tmp_path: Path) -> None:
    path = tmp_path / "old.pth"
    part = storage(view=b"(" + text("part") + b"K\x01K\x02t")
    module = b"(" + text("module") + named("old.Net") + text("net.py") + text("class Net: ...") + b"tQ"
    net = module + b")\x81}(" + text("w") + tensor(part, shape=(2,)) + b"ub"
    path.write_bytes(legacy(state_dict(net=net)))
    opened = open_checkpoint(path)
    numbers = np.frombuffer(path.read_bytes()[-16:], "<f4")
    assert opened.tree["net"].name == "old.Net"
    assert np.array_equal(opened.read("net.w"), numbers[1:3])
    assert opened.tensors["net.w"].offset == path.stat().st_size - 12


def test_a_zip_whose_directory_is_described_in_64_bits(tmp_path: Path) -> None:
    """As written where a zip has more than 65,535 entries or 4 GiB."""
    path, raw = tmp_path / "wide.pt", torch_zip(state_dict(a=tensor()))
    end = raw.rindex(b"PK\x05\x06")
    _, _, _, here, count, size, start, _ = struct.unpack("<4s4H2LH", raw[end:])
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, here, count, size, start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    path.write_bytes(raw[:end] + record + locator + b"PK\x05\x06" + bytes(4) + b"\xff" * 12 + bytes(2))
    assert open_checkpoint(path).read("a").tobytes() == bytes(range(16))
