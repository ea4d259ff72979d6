"""numpy files, GGUF and ONNX: bit by bit what their own writers wrote; what stays closed says so."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from dgm_studio.checkpoints.formats import onnx as onnx_format
from dgm_studio.checkpoints.formats.opening import open_checkpoint
from dgm_studio.core.inspection import RefusedFile
from tests.checkpoints.protobuf_bytes import onnx_bytes, tensor_bytes
from tests.checkpoints.small_files import gguf_bytes

ARRAYS: dict[str, np.ndarray] = {
    "plain": np.arange(6, dtype=np.float32).reshape(2, 3),
    "columns": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "turned": np.arange(4, dtype=">i4"),
    "truth": np.array([True, False]),
    "one": np.array(3, np.float16),
    "empty": np.zeros((0, 3), np.int64),
    "complex": np.array([1 + 2j]),
}


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_npz_reads_as_numpy_wrote_it(save: object, tmp_path: Path) -> None:
    assert callable(save)
    save(tmp_path / "a.npz", **ARRAYS)
    opened = open_checkpoint(tmp_path / "a.npz")
    assert set(opened.tensors) == set(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(opened.read(name), array)
        assert opened.tensors[name].shape == array.shape
        assert opened.verify(name) is True


def test_a_flipped_bit_is_seen(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", a=np.zeros(8, np.float32))
    opened = open_checkpoint(tmp_path / "a.npz")
    raw = bytearray((tmp_path / "a.npz").read_bytes())
    raw[opened.tensors["a"].offset] ^= 1
    (tmp_path / "a.npz").write_bytes(raw)
    assert open_checkpoint(tmp_path / "a.npz").verify("a") is False


def test_arrays_of_objects_are_listed_and_stay_closed(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", good=np.zeros(2), objects=np.array([{}], object), words=np.array(["x"]))
    opened = open_checkpoint(tmp_path / "a.npz")
    assert [one.code for one in opened.findings] == ["E09"]
    for name in ("objects", "words"):
        with pytest.raises(RefusedFile, match="E27"):
            opened.read(name)
    assert opened.read("good").tolist() == [0, 0]


def test_gguf_has_its_keys_and_reads_what_is_not_quantised(tmp_path: Path) -> None:
    pairs = [
        struct.pack("<Q4sIQ3s", 4, b"name", 8, 3, b"abc"),
        struct.pack("<Q1sIf", 1, b"x", 6, 0.5),
        struct.pack("<Q4sIIQ100B", 4, b"list", 9, 0, 100, *range(100)),
    ]
    rows = [("a", [3, 2], 0, 0), ("h", [2], 1, 32), ("q", [32], 2, 64)]
    values = np.arange(6, dtype="<f4")
    data = values.tobytes().ljust(32, b"\0") + np.array([1, -2], "<f2").tobytes().ljust(32, b"\0") + bytes(18)
    (tmp_path / "a.gguf").write_bytes(gguf_bytes(pairs=pairs, rows=rows, data=data))
    opened = open_checkpoint(tmp_path / "a.gguf")
    metadata = opened.tree["metadata"]
    assert (metadata["name"], metadata["x"]) == ("abc", 0.5)
    assert metadata["list"] == [*range(64), "<36 more>"]
    assert opened.read("a").tolist() == values.reshape(2, 3).tolist()
    assert opened.read("h").tolist() == [1, -2]
    assert (opened.tensors["q"].dtype, opened.tensors["q"].nbytes) == ("q4_0", 18)
    with pytest.raises(RefusedFile, match="quantised"):
        opened.read("q")


def initialisers() -> list[onnx.TensorProto]:
    """Every way in which a graph keeps numbers: raw, and in a field for each kind."""
    kept: list[tuple[str, int, list[float]]] = [
        ("float", TensorProto.FLOAT, [1.0, -2.5]), ("double", TensorProto.DOUBLE, [1.0, -2.5]),
        ("half", TensorProto.FLOAT16, [1.5, -2.0]), ("brain", TensorProto.BFLOAT16, [1.5, -2.0]),
        ("int64", TensorProto.INT64, [-(2**40), 7]), ("int32", TensorProto.INT32, [-5, 7]),
        ("int8", TensorProto.INT8, [-5, 7]), ("uint8", TensorProto.UINT8, [200, 7]),
        ("uint64", TensorProto.UINT64, [2**63, 7]), ("bool", TensorProto.BOOL, [True, False]),
    ]  # fmt: skip
    raw = numpy_helper.from_array(np.arange(6, dtype=np.float32).reshape(2, 3), "raw")
    return [raw, *(helper.make_tensor(name, kind, [2], values) for name, kind, values in kept)]


@pytest.mark.parametrize("outside", [False, True])
def test_onnx_reads_as_onnx_does(outside: bool, tmp_path: Path) -> None:
    tensors = initialisers()
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "raw"], ["y"]), helper.make_node("Own", ["y"], ["z"], domain="mine")],
        "net",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 2]) for name in ("x", "raw")],
        [helper.make_tensor_value_info("z", TensorProto.FLOAT, None)],
        tensors,
    )
    path = tmp_path / "net.onnx"
    onnx.save(helper.make_model(graph), str(path), save_as_external_data=outside, location="w.bin", size_threshold=0)
    opened = open_checkpoint(path)
    for tensor in tensors:
        wanted = numpy_helper.to_array(tensor)
        found = opened.read(tensor.name)
        np.testing.assert_array_equal(found, wanted.astype(found.dtype))
        assert found.shape == wanted.shape
    assert opened.tree["inputs"] == [{"name": "x", "dtype": "float32", "shape": ["n", 2]}]
    assert opened.tree["outputs"][0]["name"] == "z"
    assert opened.tree["operators"] == {"MatMul": 1, "Own": 1}
    assert opened.tree["domains"] == {"mine": 1}
    assert ("w.bin" in opened.files) == outside


def test_onnx_follows_no_link_out_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(bytes(16))
    for name, target in (("inside", "w.bin"), ("outside", "../secret")):
        room = tmp_path / name
        room.mkdir()
        (room / "w.bin").write_bytes(bytes(range(16)))
        (room / "link").symlink_to(target)
        (room / "net.onnx").write_bytes(onnx_bytes(tensor_bytes("w", [4], 1, location="link")))
    assert open_checkpoint(tmp_path / "inside" / "net.onnx").read("w").tobytes() == bytes(range(16))
    with pytest.raises(RefusedFile, match=r"E28.*out of its folder"):
        open_checkpoint(tmp_path / "outside" / "net.onnx")


def test_an_onnx_graph_has_a_bounded_number_of_inputs_and_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = [helper.make_tensor_value_info(f"x{at}", TensorProto.FLOAT, [1]) for at in range(4)]
    graph = helper.make_graph([helper.make_node("Sum", ["x0", "x1"], ["y"])], "net", values, values[:1])
    path = tmp_path / "net.onnx"
    onnx.save(helper.make_model(graph), str(path))
    assert len(open_checkpoint(path).tree["inputs"]) == 4
    for limit in ("MOST_VALUES", "MOST_FIELDS"):
        with monkeypatch.context() as lower:
            lower.setattr(onnx_format, limit, 3)
            with pytest.raises(RefusedFile, match="E26"):
                open_checkpoint(path)
