"""numpy's .npy and .npz: a header and raw numbers; arrays of Python objects are pickles and stay closed."""

from __future__ import annotations

import math
import re
import struct
import zlib
from pathlib import Path
from typing import Any, NamedTuple

from dgm_studio.checkpoints.formats.byte_ranges import ByteRange, FileRange, HeldBytes, checksum
from dgm_studio.checkpoints.formats.dtypes import DTYPES, checked_name, checked_shape, damaged, decode, shown
from dgm_studio.checkpoints.formats.memory import claim
from dgm_studio.checkpoints.formats.opened import Opened
from dgm_studio.checkpoints.formats.sniff import Format, Head
from dgm_studio.checkpoints.formats.source import Source, stops_early
from dgm_studio.checkpoints.formats.zip_directory import STORED, ZipDirectory, open_zip
from dgm_studio.core.arrays import Array
from dgm_studio.core.inspection import INFO, Finding, RefusedFile, TensorEntry

MAGIC = b"\x93NUMPY"
LONGEST_HEADER = 65_536
_FIELDS = {
    "descr": re.compile(r"""['"]descr['"]\s*:\s*['"]([<>|=]?)([a-zA-Z])(\d{0,6})[^'"]{0,20}['"]"""),
    "order": re.compile(r"""['"]fortran_order['"]\s*:\s*(True|False)"""),
    "shape": re.compile(r"""['"]shape['"]\s*:\s*\(([\d,\sL]{0,2000})\)"""),
}
_NAMES = {
    "b1": "bool", "u1": "uint8", "i1": "int8", "u2": "uint16", "i2": "int16", "u4": "uint32", "i4": "int32",
    "u8": "uint64", "i8": "int64", "f2": "float16", "f4": "float32", "f8": "float64", "c8": "complex64",
    "c16": "complex128",
}  # fmt: skip


class _Numbers(NamedTuple):
    """What a .npy header says; `start` is where the numbers begin."""

    dtype: str
    shape: tuple[int, ...]
    columns_first: bool
    big_endian: bool
    start: int


class NumpyFile(Opened):
    """One array ("array"), or those of an .npz by their names; every stored entry's checksum can be verified."""

    def __init__(self, path: Path) -> None:
        self.path = path
        source = Source(path)
        self.size = source.size
        self.tree: Any = {"metadata": {}}
        self._zip: ZipDirectory | None = None
        self._ranges: dict[str, ByteRange] = {}
        self._heads: dict[str, _Numbers] = {}
        tensors: dict[str, TensorEntry] = {}
        if source.read(0, min(2, source.size)) == b"PK":
            self.kind, self.title, self._zip = "npz", "numpy arrays (.npz)", open_zip(source)
            for entry in self._zip.entries.values():
                name = checked_name(entry.name.removesuffix(".npy"))
                stretch = self._zip.stretch(entry.name)
                stored = entry.method == STORED
                first = stretch if stored else HeldBytes(_unpacked(stretch, min(LONGEST_HEADER, entry.unpacked)))
                tensors[name] = self._entry(name, first, entry.unpacked, stretch.at if stored else -1)
                self._ranges[name] = stretch
        else:
            self.kind, self.title = "npy", "numpy array (.npy)"
            stretch = FileRange(source, 0, source.size)
            tensors["array"] = self._entry("array", stretch, source.size, 0)
            self._ranges["array"] = stretch
        self.tensors = tensors
        closed = [name for name, entry in tensors.items() if entry.dtype not in DTYPES]
        self.findings = (_closed(closed),) if closed else ()

    def read(self, name: str) -> Array:
        """The array; E27 for one of objects, texts or records."""
        head, entry = self._heads[name], self.tensors[name]
        if head.dtype not in DTYPES:
            raise RefusedFile(
                "E27",
                f"Array {shown(name)} holds {head.dtype}, which is listed and not read here. Save it as an array of "
                "numbers to see it.",
            )
        claim(2 * entry.nbytes)
        stretch = self._ranges[name]
        if self._zip is not None and (zipped := self._zip.entries[name + ".npy"]).method != STORED:
            claim(zipped.unpacked)
            stretch = HeldBytes(self._zip.unpack(zipped.name, max(zipped.size, zipped.unpacked)))
        shape = head.shape[::-1] if head.columns_first else head.shape
        out = decode(stretch.array(head.start, entry.nbytes), head.dtype, shape, head.big_endian)
        return out.T if head.columns_first else out

    def verify(self, name: str) -> bool | None:
        """The zip's CRC-32; None for a bare .npy."""
        if self._zip is None:
            return None
        entry = self._zip.entries[name + ".npy"]
        if entry.method == STORED:
            return checksum(self._ranges[name]) == entry.crc
        try:
            claim(entry.unpacked)
            self._zip.unpack(entry.name, max(entry.size, entry.unpacked))
        except RefusedFile as refusal:
            if refusal.code != "E06":
                raise
            return False
        return True

    def _entry(self, name: str, first: ByteRange, size: int, at: int) -> TensorEntry:
        head = self._heads[name] = _header(first)
        if head.dtype in DTYPES:
            nbytes = DTYPES[head.dtype].size * math.prod(head.shape)
            if head.start + nbytes > size:
                raise stops_early(head.start + nbytes, size)
        else:
            nbytes = size - head.start
        return TensorEntry(name, head.dtype, head.shape, nbytes, offset=at + head.start if at >= 0 else -1)


def _header(data: ByteRange) -> _Numbers:
    """Magic, version, length, a Python dict as text: read by its three fields, never evaluated."""
    start = data.read(0, 10)
    if not start.startswith(MAGIC) or start[6] not in (1, 2, 3):
        raise damaged("an array in it does not begin as numpy's do")
    wide = start[6] > 1
    length = struct.unpack("<I", data.read(8, 4))[0] if wide else struct.unpack("<H", start[8:10])[0]
    begin = 12 if wide else 10
    if length > LONGEST_HEADER - 12:
        raise damaged(f"an array's header says it is {length:,} bytes long")
    text = data.read(begin, length).decode("utf-8", "replace")
    order, shape = _FIELDS["order"].search(text), _FIELDS["shape"].search(text)
    if order is None or shape is None or "descr" not in text:
        raise damaged("an array's header lacks its type, order or shape")
    sizes = [int(one) for part in shape[1].split(",") if (one := part.strip().rstrip("L"))[:19].isdecimal()]
    descr = _FIELDS["descr"].search(text)
    kind = descr[2] + descr[3] if descr else ""
    dtype = _NAMES.get(kind) or {"O": "Python objects", "U": "texts", "S": "texts", "a": "texts"}.get(
        kind[:1], "records"
    )
    return _Numbers(
        dtype, checked_shape("", sizes), order[1] == "True", descr is not None and descr[1] == ">", begin + length
    )


def _unpacked(stretch: ByteRange, most: int) -> bytes:
    """The first bytes of a compressed entry."""
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(stretch.read(0, min(stretch.size, LONGEST_HEADER)), most)
    except zlib.error:
        raise damaged("a compressed array in it cannot be unpacked") from None


def _closed(names: list[str]) -> Finding:
    listed = ", ".join(shown(name) for name in names[:3])
    return Finding("E09", INFO, f"Readable, but {len(names):,} arrays hold no plain numbers and stay closed: {listed}.")


def _recognises(head: Head) -> bool:
    names = head.entries
    return head.first.startswith(MAGIC) or (bool(names) and all(name.endswith(".npy") for name in names))


FORMAT = Format("numpy", "numpy file", _recognises, NumpyFile, order=20)
