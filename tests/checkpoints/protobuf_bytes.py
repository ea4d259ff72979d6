"""ONNX graphs as bytes, field by field, so that what no library would write can be written."""

from __future__ import annotations

from collections.abc import Sequence


def varint(value: int) -> bytes:
    """Seven bits a byte, least first."""
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def whole(number: int, value: int) -> bytes:
    """A field with a number."""
    return varint(number << 3) + varint(value)


def stretch(number: int, content: bytes) -> bytes:
    """A field with bytes."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def tensor_bytes(name: str, dims: Sequence[int], kind: int, raw: bytes = b"", location: str = "") -> bytes:
    """A TensorProto."""
    out = b"".join(whole(1, size) for size in dims) + whole(2, kind) + stretch(8, name.encode())
    if location:
        return out + stretch(13, stretch(1, b"location") + stretch(2, location.encode())) + whole(14, 1)
    return out + stretch(9, raw)


def onnx_bytes(*initialisers: bytes, depth: int = 0) -> bytes:
    """A ModelProto of version 8; with `depth` graphs inside graphs."""
    graph = b"".join(stretch(5, one) for one in initialisers)
    for _ in range(depth):
        graph = stretch(1, stretch(4, b"If") + stretch(5, stretch(6, graph)))
    return whole(1, 8) + stretch(2, b"test") + stretch(7, graph) + stretch(8, whole(2, 17))
