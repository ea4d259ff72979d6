"""Smallest files of three formats, written by their own descriptions, so that anything in them can be made wrong."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping, Sequence


def safetensors_bytes(shapes: Mapping[str, tuple[int, ...]], data: bytes | None = None, **metadata: str) -> bytes:
    """float32 tensors of these shapes, of zeros unless `data` say otherwise."""
    table: dict[str, object] = {"__metadata__": metadata} if metadata else {}
    at = 0
    for name, shape in shapes.items():
        size = 4 * math.prod(shape)
        table[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(table).encode()
    return struct.pack("<Q", len(text)) + text + (bytes(at) if data is None else data)


def npy_bytes(descr: str, shape: tuple[int, ...], data: bytes) -> bytes:
    """A .npy of version 1."""
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


def gguf_bytes(
    *,
    version: int = 3,
    tensors: int | None = None,
    keys: int | None = None,
    pairs: Sequence[bytes] = (),
    rows: Sequence[tuple[str, Sequence[int], int, int]] = (),
    data: bytes = b"",
) -> bytes:
    """A GGUF file: raw key-value `pairs`, `rows` of (name, sizes, type, offset), data aligned to 32 bytes."""
    counts = len(rows) if tensors is None else tensors, len(pairs) if keys is None else keys
    out = b"GGUF" + struct.pack("<IQQ", version, *counts) + b"".join(pairs)
    for name, sizes, kind, offset in rows:
        out += struct.pack("<Q", len(name)) + name.encode() + struct.pack("<I", len(sizes))
        out += struct.pack(f"<{len(sizes)}Q", *sizes) + struct.pack("<IQ", kind, offset)
    return out + bytes(-len(out) % 32) + data if rows else out
