"""safetensors: eight bytes, the length of a JSON header, the header, the data; checked by ourselves throughout (R7)."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from dgm_studio.checkpoints.formats.dtypes import (
    DTYPES,
    MOST_TENSORS,
    checked_name,
    checked_shape,
    damaged,
    decode,
    shown,
    too_large,
)
from dgm_studio.checkpoints.formats.json_reader import parse_json
from dgm_studio.checkpoints.formats.memory import claim
from dgm_studio.checkpoints.formats.opened import Opened, extra_bytes
from dgm_studio.checkpoints.formats.sniff import Format, Head
from dgm_studio.checkpoints.formats.source import Source, stops_early
from dgm_studio.core.arrays import Array
from dgm_studio.core.inspection import RefusedFile, TensorEntry

LARGEST_HEADER = 100_000_000
"""The format's own limit."""

NAMES = {
    "BOOL": "bool", "U8": "uint8", "I8": "int8", "U16": "uint16", "I16": "int16", "U32": "uint32", "I32": "int32",
    "U64": "uint64", "I64": "int64", "F16": "float16", "F32": "float32", "F64": "float64", "BF16": "bfloat16",
    "C64": "complex64", "F8_E4M3": "float8_e4m3fn", "F8_E5M2": "float8_e5m2", "F8_E4M3FNUZ": "float8_e4m3fnuz",
    "F8_E5M2FNUZ": "float8_e5m2fnuz", "F8_E8M0": "float8_e8m0fnu",
}  # fmt: skip
PACKED = {"F4": 4, "F6_E2M3": 6, "F6_E3M2": 6}
"""Bits each; listed and not read."""


class Safetensors(Opened):
    """One file, its table read, its data not yet."""

    kind = "safetensors"
    title = "safetensors file"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._source = Source(path)
        self.size = self._source.size
        header, start = _header(self._source)
        metadata = header.pop("__metadata__", {})
        if not isinstance(metadata, dict) or not all(isinstance(one, str) for one in metadata.values()):
            raise damaged("the header's __metadata__ is no list of texts")
        if len(header) > MOST_TENSORS:
            raise too_large(f"it lists {len(header):,} tensors")
        self.tensors = {name: _entry(name, one, start) for name, one in header.items()}
        end = _contiguous(self.tensors, start)
        if end > self.size:
            raise stops_early(end, self.size)
        self.tree: Any = {"metadata": metadata}
        self.findings = (extra_bytes(self.size - end),) if end < self.size else ()

    def read(self, name: str) -> Array:
        """The tensor; packed types below a byte are refused with E27."""
        entry = self.tensors[name]
        if entry.dtype not in DTYPES:
            raise RefusedFile(
                "E27",
                f"Tensor {shown(name)} is stored as {entry.dtype}, which is listed and not unpacked here. Save it as "
                "float16 or float32 to see its numbers.",
            )
        claim(entry.nbytes)
        return decode(self._source.array(entry.offset, entry.nbytes), entry.dtype, entry.shape)


def _recognises(head: Head) -> bool:
    return head.first[8:9] == b"{" and 2 <= int.from_bytes(head.first[:8], "little") <= LARGEST_HEADER


def _header(source: Source) -> tuple[dict[str, Any], int]:
    """The header's JSON and where the data begin."""
    if source.size < 8:
        raise stops_early(8, source.size)
    length = int.from_bytes(source.read(0, 8), "little")
    if length > LARGEST_HEADER:
        raise damaged(f"the header says it is {length:,} bytes long")
    if length + 8 > source.size:
        raise stops_early(length + 8, source.size)
    if source.read(8, min(1, length)) != b"{":
        raise damaged("the header does not begin with {")
    # Not held here: a header may have 100 MB, and its text is needed as well.
    found = parse_json(source.read(8, length), "the header", unique=True)
    if not isinstance(found, dict):
        raise damaged("the header is no table of tensors")
    return found, 8 + length


def _entry(name: str, one: Any, start: int) -> TensorEntry:
    checked_name(name)
    if not isinstance(one, dict) or not {"dtype", "shape", "data_offsets"} <= one.keys():
        raise damaged(f"tensor {shown(name)} lacks its dtype, shape or offsets")
    shape, code, offsets = checked_shape(name, one["shape"]), one["dtype"], one["data_offsets"]
    if not isinstance(code, str) or (code not in NAMES and code not in PACKED):
        raise damaged(f"tensor {shown(name)} has the unknown dtype {shown(str(code), 20)}")
    if not isinstance(offsets, list) or len(offsets) != 2 or not all(type(at) is int for at in offsets):
        raise damaged(f"the offsets of tensor {shown(name)} are no two whole numbers")
    begin, end = offsets
    bits = PACKED[code] if code in PACKED else 8 * DTYPES[NAMES[code]].size
    if not 0 <= begin <= end or 8 * (end - begin) != bits * math.prod(shape):
        raise damaged(f"tensor {shown(name)} has {end - begin:,} bytes, its shape and dtype ask for another number")
    return TensorEntry(name, NAMES.get(code, code.lower()), shape, end - begin, offset=start + begin)


def _contiguous(tensors: dict[str, TensorEntry], start: int) -> int:
    """Where the data end; RefusedFile E23 for a hole or an overlap."""
    at = start
    for entry in sorted(tensors.values(), key=lambda one: (one.offset, one.nbytes)):
        if entry.offset != at:
            what = "overlaps another one" if entry.offset < at else "leaves a hole before it"
            raise damaged(f"tensor {shown(entry.name)} {what}")
        at += entry.nbytes
    return at


FORMAT = Format("safetensors", "safetensors file", _recognises, Safetensors, order=20)
