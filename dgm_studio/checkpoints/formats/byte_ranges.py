"""Stretches of bytes: a part of a file that is read when asked for, or bytes that are held already."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from dgm_studio.checkpoints.formats.source import Source, stops_early
from dgm_studio.core.arrays import Array

CHUNK = 4 * 2**20


class ByteRange(Protocol):
    """What pickles and storages are read from; positions count from its own beginning."""

    @property
    def size(self) -> int:
        """Bytes in it."""

    @property
    def at(self) -> int:
        """Where it begins in the file; -1 where it stands in no file as it is."""

    def read(self, offset: int, count: int) -> bytes:
        """`count` bytes; RefusedFile E04 beyond its end."""

    def array(self, offset: int, count: int) -> Array:
        """The same as (count,) uint8."""

    def part(self, offset: int, count: int) -> ByteRange:
        """A stretch of it, not read yet; RefusedFile E04 beyond its end."""


@dataclass(frozen=True)
class FileRange:
    """`size` bytes of a file from `at`."""

    source: Source
    at: int
    size: int

    def read(self, offset: int, count: int) -> bytes:
        """`count` bytes; RefusedFile E04 beyond its end."""
        _within(offset, count, self.size)
        return self.source.read(self.at + offset, count)

    def array(self, offset: int, count: int) -> Array:
        """The same as (count,) uint8."""
        _within(offset, count, self.size)
        return self.source.array(self.at + offset, count)

    def part(self, offset: int, count: int) -> FileRange:
        """A stretch of it, not read yet; RefusedFile E04 beyond its end."""
        _within(offset, count, self.size)
        return FileRange(self.source, self.at + offset, count)


@dataclass(frozen=True)
class HeldBytes:
    """Bytes in memory, of a pickle that writes them as a text (protocol 2) or of a compressed entry."""

    raw: bytes
    at: int = -1

    @property
    def size(self) -> int:
        """Bytes in it."""
        return len(self.raw)

    def read(self, offset: int, count: int) -> bytes:
        """`count` bytes; RefusedFile E04 beyond its end."""
        _within(offset, count, self.size)
        return self.raw[offset : offset + count]

    def array(self, offset: int, count: int) -> Array:
        """The same as (count,) uint8."""
        return np.frombuffer(self.read(offset, count), np.uint8)

    def part(self, offset: int, count: int) -> HeldBytes:
        """A stretch of it."""
        return HeldBytes(self.read(offset, count))


def checksum(stretch: ByteRange) -> int:
    """CRC-32 of the whole stretch, read in pieces."""
    found = 0
    for at in range(0, stretch.size, CHUNK):
        found = zlib.crc32(stretch.array(at, min(CHUNK, stretch.size - at)).data, found)
    return found


def _within(offset: int, count: int, size: int) -> None:
    if offset < 0 or count < 0 or offset + count > size:
        raise stops_early(offset + count, size)
