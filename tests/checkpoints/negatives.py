"""Files that cannot be opened, each with its code pinned; pickles and PyTorch's zips have a list of their own."""

from __future__ import annotations

import io
import json
import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from tests.checkpoints.protobuf_bytes import onnx_bytes, tensor_bytes
from tests.checkpoints.small_files import gguf_bytes, npy_bytes, safetensors_bytes


class Negative(NamedTuple):
    """`make(folder)` writes the file (or folder) and says where; opening it is refused with `code`."""

    name: str
    code: str
    make: Callable[[Path], Path]


def file(name: str, code: str, content: bytes, called: str = "model.pt") -> Negative:
    """A file of these bytes."""

    def make(folder: Path) -> Path:
        (folder / called).write_bytes(content)
        return folder / called

    return Negative(name, code, make)


def folder(name: str, code: str, **files: bytes) -> Negative:
    """A folder of these files; in their names "__" stands for a point, "_in_" for a slash turned round."""

    def make(room: Path) -> Path:
        for called, content in files.items():
            path = room / "model" / called.replace("__", ".")
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        (room / "model").mkdir(exist_ok=True)
        return room / "model"

    return Negative(name, code, make)


def zipped(*entries: tuple[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """A zip file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        for name, content in entries:
            file.writestr(name, content)
    return out.getvalue()


def header(table: Any, data: bytes = b"") -> bytes:
    """A safetensors file with this header."""
    text = table if isinstance(table, bytes) else json.dumps(table).encode()
    return struct.pack("<Q", len(text)) + text + data


def one(**changed: Any) -> bytes:
    """A safetensors file of one tensor of four bytes, with something in its row changed."""
    return header({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4], **changed}}, bytes(4))


def two(first: list[int], second: list[int], size: int) -> bytes:
    """A safetensors file of two tensors at these places."""
    rows = {n: {"dtype": "U8", "shape": [o[1] - o[0]], "data_offsets": o} for n, o in (("a", first), ("b", second))}
    return header(rows, bytes(size))


def _pipe(room: Path) -> Path:
    os.mkfifo(room / "pipe.pt")
    return room / "pipe.pt"


def _crowd(room: Path) -> Path:
    for at in range(2_001):
        (room / f"{at}.txt").touch()
    return room


INDEX = "model__safetensors__index__json"
SHARD = safetensors_bytes({"a": (1,)})
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
PAGE = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>"
DEEP = b'{"a":' * 200 + b"1" + b"}" * 200

NOT_MODELS = [
    file("empty", "E03", b""),
    file("empty-safetensors", "E03", b"", "model.safetensors"),
    file("lfs-pointer", "E01", LFS, "model.safetensors"),
    file("lfs-pointer-without-size", "E01", LFS.split(b"size")[0], "model.bin"),
    file("web-page", "E02", PAGE, "model.safetensors"),
    file("web-page-with-mark", "E02", b"\xef\xbb\xbf  \r\n" + PAGE.lower(), "model.ckpt"),
    file("web-page-as-xml", "E02", b'<?xml version="1.0"?>\n<html>', "model.pth"),
    file("server-error", "E02", b'{"error": "Repository not found"}', "model.bin"),
    file("python-source", "E24", b"import torch\n\nclass Net:\n    pass\n"),
    file("plain-text", "E24", b"These are my notes on the model."),
    file("png", "E24", b"\x89PNG\r\n\x1a\n" + bytes(20)),
    file("pdf", "E24", b"%PDF-1.7\n"),
    file("gzip", "E24", b"\x1f\x8b\x08\x00" + bytes(20), "model.pt.gz"),
    file("seven-zip", "E24", b"7z\xbc\xaf\x27\x1c" + bytes(20)),
    file("office-document", "E24", zipped(("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"<x/>"))),
    file("keras-hdf5", "E17", b"\x89HDF\r\n\x1a\n" + bytes(40), "model.h5"),
    file("keras-zip", "E17", zipped(("config.json", b"{}"), ("model.weights.h5", b"\x89HDF")), "model.keras"),
    file("tflite", "E17", b"\x1c\x00\x00\x00TFL3" + bytes(20)),
    file("tensorrt", "E17", b"ftrt" + bytes(range(20)), "model.engine"),
    file("flax", "E17", b"\x81\xa6params\x80", "flax_model.msgpack"),
    file("tensorflow-part", "E17", b"\x00\x01\x02\x03" * 9, "model.ckpt-1.data-00000-of-00001"),
    folder("saved-model", "E17", saved_model__pb=b"\x08\x01\x12\x00"),
    folder("orbax", "E17", _METADATA=b"{}", checkpoint=b"\x80"),
    folder("distributed", "E17", **{"__metadata": b"\x80\x02", "__0_0__distcp".replace("__0_0", "a"): b"x"}),
    file("zeros", "E04", bytes(4_096)),
    file("unknown-bytes", "E24", bytes(range(200, 256)) * 3, "model.dat"),
    file("json-list", "E24", b"[1, 2, 3]", "model.json"),
    file("recipe", "E24", b'{"family": "gan", "knobs": {}}', "recipe.json"),
    file("json-of-depth", "E26", DEEP, "config.json"),
    file("json-broken", "E23", b'{"_class_name": ', "config.json"),
    Negative("missing", "E25", lambda room: room / "nothing.pt"),
    Negative("home-of-nobody", "E25", lambda room: Path("~nobody-of-this-name/model.pt")),
    Negative("name-too-long-for-the-disk", "E25", lambda room: room / ("a" * 5_000)),
    Negative("name-with-nul", "E25", lambda room: room / "no\0thing.pt"),
]

FOLDERS = [
    folder("folder-empty", "E24"),
    folder("folder-of-notes", "E24", notes__txt=b"hello"),
    folder("folder-of-many", "E19", a__safetensors=SHARD, b__safetensors=SHARD),
    folder("index-outside", "E23", **{INDEX: b'{"weight_map": {"a": "../b.safetensors"}}', "config__json": b"{}"}),
    folder("index-of-nothing", "E04", **{INDEX: b'{"weight_map": {"a": "b.safetensors"}}'}),
    folder("index-without-map", "E23", **{INDEX: b"[]"}),
    folder("folder-with-broken-weights", "E04", config__json=b'{"model_type": "bert"}', model__safetensors=SHARD[:-1]),
    Negative("folder-of-a-crowd", "E26", _crowd),
]

SAFETENSORS = [
    file("data-stops", "E04", one()[:-1]),
    file("header-stops", "E04", one()[:30]),
    file("seven-bytes", "E04", b"\x40\x00\x00\x00\x00\x00\x00", "model.safetensors"),
    file("header-of-exabytes", "E23", struct.pack("<Q", 2**63) + b"{}", "model.safetensors"),
    file("header-over-limit", "E23", struct.pack("<Q", 100_000_001) + b"{}", "model.safetensors"),
    file("header-no-object", "E23", header(b"[1]"), "model.safetensors"),
    file("header-no-json", "E23", header(b'{"a": }'), "model.safetensors"),
    file("header-and-more", "E23", header(b'{} {"a": 1}'), "model.safetensors"),
    file("header-no-text", "E23", header(b'{"\xff": 1}'), "model.safetensors"),
    file("name-twice", "E23", header(b'{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{}}')),
    file("overlap", "E23", two([0, 4], [2, 6], 6)),
    file("overlap-whole", "E23", two([0, 4], [0, 4], 4)),
    file("hole", "E23", two([0, 4], [6, 8], 8)),
    file("hole-first", "E23", one(data_offsets=[4, 8]) + bytes(4)),
    file("unknown-dtype", "E23", one(dtype="F31")),
    file("dtype-no-text", "E23", one(dtype=[])),
    file("negative-offset", "E23", one(data_offsets=[-4, 0])),
    file("offsets-reversed", "E23", one(data_offsets=[4, 0])),
    file("offsets-of-points", "E23", one(data_offsets=[0.0, 4.0])),
    file("offsets-of-truths", "E23", one(data_offsets=[False, 4])),
    file("three-offsets", "E23", one(data_offsets=[0, 2, 4])),
    file("shape-does-not-fit", "E23", one(shape=[2])),
    file("shape-negative", "E23", one(shape=[-1, -1])),
    file("shape-overflows", "E23", one(shape=[2**40, 2**40])),
    file("shape-overflows-with-zero", "E23", one(shape=[0, 2**40, 2**40], data_offsets=[0, 0])),
    file("seventeen-axes", "E23", one(shape=[1] * 17)),
    file("name-too-long", "E23", header({"a" * 1_025: {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]}})),
    file("row-no-object", "E23", header({"a": 1}), "model.safetensors"),
    file("row-without-shape", "E23", header({"a": {"dtype": "F32"}}), "model.safetensors"),
    file("metadata-no-text", "E23", header({"__metadata__": {"a": 1}})),
    file("number-of-digits", "E26", header(b'{"a": ' + b"9" * 10_000 + b"}")),
    file("header-of-depth", "E26", header(DEEP)),
    file("header-of-abyss", "E26", header(b'{"a":' * 100_000)),
    file("header-of-pieces", "E26", header(b'{"a": [' + b"0," * 3_000_000 + b"0]}")),
]

NUMPY = [
    file("npy-stops", "E04", npy_bytes("<f4", (3,), bytes(12))[:-1]),
    file("npy-of-terabytes", "E04", npy_bytes("<f8", (10**12,), bytes(8))),
    file("npy-version", "E23", b"\x93NUMPY\x09\x00" + bytes(100)),
    file("npy-without-shape", "E23", b"\x93NUMPY\x01\x00\x14\x00{'descr': '<f4'}    "),
    file("npy-header-lie", "E04", b"\x93NUMPY\x01\x00\xff\x7f{}"),
    file("npy-shape-overflows", "E23", npy_bytes("<f4", (2**40, 2**40), b"")),
    file("npz-of-nothing-known", "E23", zipped(("a.npy", b"no array at all")), "a.npz"),
    file("npz-of-terabytes", "E04", zipped(("a.npy", npy_bytes("<f8", (10**12,), b"")), method=zipfile.ZIP_DEFLATED)),
]

GGUF = [
    file("gguf-old", "E23", gguf_bytes(version=1)),
    file("gguf-turned", "E23", b"GGUF\x00\x00\x00\x03" + bytes(40)),
    file("gguf-counts", "E26", gguf_bytes(tensors=2**60)),
    file("gguf-keys", "E26", gguf_bytes(keys=2**40)),
    file("gguf-text-lie", "E23", gguf_bytes(pairs=[struct.pack("<Q", 2**62)])),
    file("gguf-stops", "E04", gguf_bytes()[:20]),
    file("gguf-data-stop", "E04", gguf_bytes(rows=[("a", [64], 0, 0)], data=bytes(255))),
    file("gguf-list-in-list", "E23", gguf_bytes(pairs=[struct.pack("<Q1sIIQ", 1, b"k", 9, 9, 1)])),
    file("gguf-many-texts", "E26", gguf_bytes(pairs=[struct.pack("<Q1sIIQ", 1, b"k", 9, 8, 2**50)])),
    file("gguf-unknown-value", "E23", gguf_bytes(pairs=[struct.pack("<Q1sI", 1, b"k", 99)])),
    file("gguf-unknown-type", "E23", gguf_bytes(rows=[("a", [4], 99, 0)], data=bytes(64))),
    file("gguf-half-block", "E23", gguf_bytes(rows=[("a", [33], 2, 0)], data=bytes(64))),
    file("gguf-name-twice", "E23", gguf_bytes(rows=[("a", [4], 0, 0)] * 2, data=bytes(64))),
    file("gguf-many-axes", "E23", gguf_bytes(rows=[("a", [1] * 17, 0, 0)], data=bytes(64))),
    file(
        "gguf-alignment", "E23", gguf_bytes(pairs=[struct.pack("<Q17sII", 17, b"general.alignment", 4, 0)])
    ),
]  # fmt: skip

ONNX = [
    file("onnx-stops", "E04", onnx_bytes(tensor_bytes("w", [4], 1, bytes(16)))[:-1], "a.onnx"),
    file("onnx-outside", "E28", onnx_bytes(tensor_bytes("w", [4], 1, location="../../etc/passwd"))),
    file("onnx-outside-absolute", "E28", onnx_bytes(tensor_bytes("w", [4], 1, location="/etc/passwd"))),
    file("onnx-outside-drive", "E28", onnx_bytes(tensor_bytes("w", [4], 1, location="C:\\secret"))),
    file("onnx-unknown-type", "E23", onnx_bytes(tensor_bytes("w", [4], 99, bytes(16)))),
    file("onnx-shape-overflows", "E23", onnx_bytes(tensor_bytes("w", [2**40, 2**40], 1, bytes(16)))),
    file("onnx-shape-negative", "E23", onnx_bytes(tensor_bytes("w", [2**64 - 1], 1, bytes(16)))),
    file("onnx-name-twice", "E23", onnx_bytes(tensor_bytes("w", [1], 1, bytes(4)), tensor_bytes("w", [1], 1))),
    file("onnx-graphs-inside", "E26", onnx_bytes(depth=20)),
    file("onnx-part-too-long", "E23", onnx_bytes(b"\x4a\x7f")),
    file("onnx-kind-of-part", "E23", onnx_bytes(b"\x4f\x00")),
]

POSIX = [Negative("pipe", "E25", _pipe)] if os.name == "posix" else []

NEGATIVES: list[Negative] = [*NOT_MODELS, *FOLDERS, *SAFETENSORS, *NUMPY, *GGUF, *ONNX, *POSIX]
