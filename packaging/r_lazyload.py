"""Reading R's lazy-load databases (.rdx with .rdb): just what a data set of strings needs. Standard library only.

The layout is R's serialization format, "R Internals", section 1.8, written as XDR (big-endian).
"""

from __future__ import annotations

import gzip
import struct
import zlib
from pathlib import Path

_NULL, _GLOBAL, _REFERENCE, _SYMBOL, _PAIRS, _STRING = 254, 253, 255, 1, 2, 9
_LOGICAL, _INTEGERS, _STRINGS, _LIST = 10, 13, 16, 19
_HAS_ATTRIBUTES, _HAS_TAG = 1 << 9, 1 << 10


def vectors(index: Path, names: tuple[str, ...]) -> dict[str, list[str]]:
    """The character vectors of these names; `index` is the .rdx file, the .rdb lies beside it."""
    places = _value(gzip.decompress(index.read_bytes()))["variables"]
    heap = index.with_suffix(".rdb").read_bytes()
    found = {}
    for name in names:
        start, length = places[name]
        # A record is the length unpacked (4 bytes) and a zlib stream.
        found[name] = _value(zlib.decompress(heap[start + 4 : start + length]))
    return found


class _Reader:
    """A cursor over a serialized value, with the table of symbols that were met."""

    def __init__(self, content: bytes, at: int) -> None:
        self._content, self._at = content, at
        self._met: list[str] = []

    def number(self) -> int:
        (value,) = struct.unpack_from(">i", self._content, self._at)
        self._at += 4
        return int(value)

    def text(self) -> str:
        length = self.number()
        start, self._at = self._at, self._at + max(length, 0)
        return self._content[start : self._at].decode("utf-8")

    def item(self):  # type: ignore[no-untyped-def]  # an R value: a list, a dict by names, a string or None
        flags = self.number()
        kind = flags & 255
        if kind in (_NULL, _GLOBAL):
            return None
        if kind == _REFERENCE:
            return self._met[(flags >> 8) - 1]
        if kind == _SYMBOL:
            self._met.append(self.item())
            return self._met[-1]
        if kind == _PAIRS:
            if flags & _HAS_ATTRIBUTES:
                self.item()
            name = self.item() if flags & _HAS_TAG else ""
            return {name: self.item()} | (self.item() or {})
        if kind == _STRING:
            return self.text()
        if kind in (_LOGICAL, _INTEGERS):
            values = [self.number() for _ in range(self.number())]
        elif kind in (_STRINGS, _LIST):
            values = [self.item() for _ in range(self.number())]
        else:
            raise ValueError(f"An R value of type {kind} is none that a data set of strings has.")
        attributes = self.item() if flags & _HAS_ATTRIBUTES else {}
        return dict(zip(attributes["names"], values, strict=True)) if "names" in attributes else values


def _value(content: bytes):  # type: ignore[no-untyped-def]  # see _Reader.item
    """The value of one serialized stream."""
    if content[:2] != b"X\n":
        raise ValueError("The data are not serialized as XDR.")
    reader = _Reader(content, 2)
    version = reader.number()
    reader.number(), reader.number()
    if version == 3:
        reader.text()
    return reader.item()
