"""GGUF (llama.cpp, versions 2 and 3): keys with values, a table of tensors, data; quantised ones are listed only."""

from __future__ import annotations

import math
import struct
from pathlib import Path
from typing import Any

from dgm_studio.checkpoints.formats.cursor import Cursor
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
from dgm_studio.checkpoints.formats.memory import claim
from dgm_studio.checkpoints.formats.opened import Opened
from dgm_studio.checkpoints.formats.sniff import Format, Head
from dgm_studio.checkpoints.formats.source import Source, stops_early
from dgm_studio.core.arrays import Array
from dgm_studio.core.inspection import RefusedFile, TensorEntry

MAGIC = b"GGUF"
MOST_KEYS = 65_536
MOST_STRINGS = 2_000_000
LONGEST_STRING = 2**24
SHOWN = 64
"""Elements of a list that are kept; a tokenizer has some hundred thousand."""
STRING, ARRAY = 8, 9
SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
TYPES: dict[int, tuple[str, int, int]] = {
    0: ("float32", 1, 4), 1: ("float16", 1, 2), 2: ("q4_0", 32, 18), 3: ("q4_1", 32, 20), 6: ("q5_0", 32, 22),
    7: ("q5_1", 32, 24), 8: ("q8_0", 32, 34), 9: ("q8_1", 32, 36), 10: ("q2_k", 256, 84), 11: ("q3_k", 256, 110),
    12: ("q4_k", 256, 144), 13: ("q5_k", 256, 176), 14: ("q6_k", 256, 210), 15: ("q8_k", 256, 292),
    16: ("iq2_xxs", 256, 66), 17: ("iq2_xs", 256, 74), 18: ("iq3_xxs", 256, 98), 19: ("iq1_s", 256, 50),
    20: ("iq4_nl", 32, 18), 21: ("iq3_s", 256, 110), 22: ("iq2_s", 256, 82), 23: ("iq4_xs", 256, 136),
    24: ("int8", 1, 1), 25: ("int16", 1, 2), 26: ("int32", 1, 4), 27: ("int64", 1, 8), 28: ("float64", 1, 8),
    29: ("iq1_m", 256, 56), 30: ("bfloat16", 1, 2), 34: ("tq1_0", 256, 54), 35: ("tq2_0", 256, 66),
    39: ("mxfp4", 32, 17),
}  # fmt: skip
"""ggml's types: name, numbers a block, bytes a block (ggml.h)."""


class Gguf(Opened):
    """Names, types, sizes and the key-value pairs; ggml writes a shape's fastest axis first, here it comes last."""

    kind = "gguf"
    title = "GGUF file"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._source = Source(path)
        self.size = self._source.size
        cursor = Cursor(self._source, 4)
        version = cursor.whole("I")
        if version not in (2, 3):
            raise RefusedFile(
                "E23", f"A GGUF file of version {version if version < 1000 else '?'}; this reader knows 2 and 3, "
                "little-endian. Convert it with a current llama.cpp."
            )  # fmt: skip
        count, keys = cursor.whole("Q"), cursor.whole("Q")
        if count > MOST_TENSORS or keys > MOST_KEYS:
            raise too_large(f"it promises {count:,} tensors and {keys:,} keys")
        budget = [MOST_STRINGS]
        metadata: dict[str, Any] = {}
        for _ in range(keys):
            key = checked_name(_string(cursor))
            metadata[key] = _value(cursor, cursor.whole("I"), budget)
        infos = [_info(cursor) for _ in range(count)]
        alignment = metadata.get("general.alignment", 32)
        if type(alignment) is not int or not 1 <= alignment <= 2**20:
            raise damaged("its alignment is no reasonable number")
        start = -(-cursor.at // alignment) * alignment
        self.tensors = {}
        for info in infos:
            if info.name in self.tensors:
                raise damaged(f"it names tensor {shown(info.name)} twice")
            end = start + info.offset + info.nbytes
            if end > self.size:
                raise stops_early(end, self.size)
            self.tensors[info.name] = TensorEntry(
                info.name, info.dtype, info.shape, info.nbytes, offset=start + info.offset
            )
        self.tree: Any = {"metadata": metadata, "version": version}
        self.findings = ()

    def read(self, name: str) -> Array:
        """The tensor; E27 for quantised ones, which are not unpacked."""
        entry = self.tensors[name]
        if entry.dtype not in DTYPES:
            raise RefusedFile(
                "E27",
                f"Tensor {shown(name)} is quantised ({entry.dtype}); such tensors are listed and not unpacked here. "
                "Convert the file to F16 or F32 to see its numbers.",
            )
        claim(entry.nbytes)
        return decode(self._source.array(entry.offset, entry.nbytes), entry.dtype, entry.shape)


def _string(cursor: Cursor) -> str:
    length = cursor.whole("Q")
    if length > LONGEST_STRING:
        raise damaged(f"a text in it says it is {length:,} bytes long")
    return cursor.take(length).decode("utf-8", "replace")


def _value(cursor: Cursor, kind: int, budget: list[int]) -> Any:
    """One value; of a long list the first ones and how many there are. Lists of lists are refused."""
    if kind == STRING:
        return _string(cursor)
    if kind in SCALARS:
        return _scalar(cursor, kind)
    if kind != ARRAY:
        raise damaged("a value in it is of an unknown type")
    inner, count = cursor.whole("I"), cursor.whole("Q")
    kept: list[Any]
    if inner == STRING:
        budget[0] -= count
        if budget[0] < 0:
            raise too_large(f"its lists hold more than {MOST_STRINGS:,} texts")
        kept = [_string(cursor) for _ in range(min(count, SHOWN))]
        for _ in range(count - len(kept)):
            cursor.skip(cursor.whole("Q"))
    elif inner in SCALARS:
        kept = [_scalar(cursor, inner) for _ in range(min(count, SHOWN))]
        cursor.skip(struct.calcsize(SCALARS[inner]) * (count - len(kept)))
    else:
        raise damaged("a list in it is of an unknown type")
    return kept if count == len(kept) else [*kept, f"<{count - len(kept):,} more>"]


def _scalar(cursor: Cursor, kind: int) -> Any:
    code = SCALARS[kind]
    (value,) = struct.unpack("<" + code, cursor.take(struct.calcsize(code)))
    return value


def _info(cursor: Cursor) -> TensorEntry:
    """One row of the table, its offset counted from where the data begin."""
    name, dims = checked_name(_string(cursor)), cursor.whole("I")
    if dims > 16:
        raise damaged(f"tensor {shown(name)} has {dims:,} axes")
    shape = checked_shape(name, [cursor.whole("Q") for _ in range(dims)][::-1])
    kind, offset = cursor.whole("I"), cursor.whole("Q")
    if kind not in TYPES:
        raise damaged(f"tensor {shown(name)} is of the unknown type {kind:,}")
    dtype, numbers, size = TYPES[kind]
    count = math.prod(shape)
    if count % numbers:
        raise damaged(f"tensor {shown(name)} is no whole number of blocks")
    return TensorEntry(name, dtype, shape, count // numbers * size, offset=offset)


def _recognises(head: Head) -> bool:
    return head.first.startswith(MAGIC)


FORMAT = Format("gguf", "GGUF file", _recognises, Gguf, order=20)
