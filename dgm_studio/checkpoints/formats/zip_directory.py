"""A zip file's directory, read and checked by ourselves; entries are read from exactly what was checked (R1, R4)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dgm_studio.checkpoints.formats.byte_ranges import ByteRange, FileRange
from dgm_studio.checkpoints.formats.dtypes import damaged, shown, too_large
from dgm_studio.checkpoints.formats.source import Source
from dgm_studio.core.inspection import RefusedFile

STORED, DEFLATED = 0, 8
MOST_ENTRIES = 250_000
LARGEST_DIRECTORY = 128 * 2**20
LONGEST_NAME = 4_096
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_LONG_COMMENT = 65_535
_ENCRYPTED = 0x0001 | 0x0040 | 0x2000
_DESCRIPTOR = 0x0008


@dataclass(frozen=True)
class ZipEntry:
    """One entry: `size` bytes in the file, `unpacked` as its writer promises, `header` where its own header stands."""

    name: str
    raw_name: bytes
    method: int
    flags: int
    crc: int
    size: int
    unpacked: int
    header: int


class ZipDirectory:
    """All entries of a zip file, checked: unique relative names, none encrypted, none overlapping.

    RefusedFile E04 without a directory at the end, E23 for one that contradicts itself, E25 for an encrypted file, E26
    beyond the limits.
    """

    def __init__(self, data: ByteRange) -> None:
        self._data = data
        start, end, count, self.tail = _bounds(data)
        if end - start > LARGEST_DIRECTORY:
            raise too_large(f"its zip directory has {end - start:,} bytes")
        entries = _entries(data.read(start, end - start))
        if len(entries) != count:
            raise damaged(f"its zip directory promises {count:,} entries and has {len(entries):,}")
        self.entries = {entry.name: entry for entry in entries}
        if len(self.entries) < len(entries):
            raise damaged("its zip directory names an entry twice")
        self._ends = _room(entries, start)

    @property
    def unpacked(self) -> int:
        """Bytes of all entries together, as their writer promises."""
        return sum(entry.unpacked for entry in self.entries.values())

    def stretch(self, name: str) -> ByteRange:
        """Where the entry's bytes stand; RefusedFile E23 where the entry's own header says otherwise."""
        entry = self.entries.get(name)
        if entry is None:
            raise damaged(f"it lacks its entry {shown(name)}")
        raw = self._data.read(entry.header, _LOCAL.size + len(entry.raw_name))
        mark, _, flags, method, _, _, crc, size, unpacked, named, extra = _LOCAL.unpack_from(raw)
        same = mark == b"PK\x03\x04" and method == entry.method and not flags & _ENCRYPTED
        if not same or named != len(entry.raw_name) or raw[_LOCAL.size :] != entry.raw_name:
            raise damaged(f"its entry {shown(name)} has another header than its zip directory says")
        # Beyond 4 GiB the numbers stand in the extra field; the directory's are what is read in any case.
        told = not flags & _DESCRIPTOR and 0xFFFFFFFF not in (size, unpacked)
        if told and (crc, size, unpacked) != (entry.crc, entry.size, entry.unpacked):
            raise damaged(f"its entry {shown(name)} has another size than its zip directory says")
        begin = entry.header + _LOCAL.size + named + extra
        if begin + entry.size > self._ends[entry.header]:
            raise damaged(f"its entry {shown(name)} reaches into the next one")
        return self._data.part(begin, entry.size)

    def unpack(self, name: str, most: int) -> bytes:
        """A small entry's bytes, inflated where it is compressed and checked; RefusedFile E07 beyond `most` bytes, E06
        where the checksum does not hold."""
        stretch, entry = self.stretch(name), self.entries[name]
        if entry.unpacked > most or entry.size > most:
            raise compressed(entry.unpacked)
        raw = stretch.read(0, entry.size)
        if entry.method == DEFLATED:
            try:
                raw = zlib.decompressobj(-zlib.MAX_WBITS).decompress(raw, entry.unpacked + 1)
            except zlib.error:
                raise damaged(f"its compressed entry {shown(name)} cannot be unpacked") from None
        if len(raw) != entry.unpacked or entry.method not in (STORED, DEFLATED):
            raise damaged(f"its entry {shown(name)} has another size than its zip directory says")
        if zlib.crc32(raw) != entry.crc:
            raise RefusedFile(
                "E06", f"Damaged: the checksum of {shown(name)} does not match. Copy or download the file again."
            )
        return raw


def entry_names(path: Path) -> Iterable[str]:
    """The names in a zip file's directory; RefusedFile where it has none that holds."""
    return open_zip(Source(path)).entries


def open_zip(source: Source) -> ZipDirectory:
    """The directory of a zip file."""
    return ZipDirectory(FileRange(source, 0, source.size))


def compressed(unpacked: int) -> RefusedFile:
    """E07: entries that a PyTorch file never compresses."""
    return RefusedFile(
        "E07",
        "A PyTorch file with compressed entries. PyTorch never writes those, and unpacking could take "
        f"{unpacked / 1e9:,.3g} GB. Not opened; ask its author for the file as PyTorch wrote it.",
    )


def _bounds(data: ByteRange) -> tuple[int, int, int, int]:
    """Where the directory begins and ends, how many entries it promises, and how many bytes follow the end record."""
    most = min(data.size, _END.size + _LONG_COMMENT)
    last = data.read(data.size - most, most)
    found = last.rfind(b"PK\x05\x06")
    if found < 0 or found + _END.size > len(last):
        raise RefusedFile(
            "E04",
            f"The file stops early: after {data.size:,} bytes the list of its entries is missing, which stands at "
            "the end. It is an incomplete copy or download. Copy or download it again.",
        )
    at = data.size - most + found
    _, disk, first_disk, here, count, size, start, comment = _END.unpack_from(last, found)
    tail = data.size - at - _END.size - comment
    end = at
    if at >= _LOCATOR.size:
        mark, _, end64, _ = _LOCATOR.unpack(data.read(at - _LOCATOR.size, _LOCATOR.size))
        if mark == b"PK\x06\x07":
            if end64 + _END64.size > at - _LOCATOR.size:
                raise damaged("its zip directory has no end")
            record = _END64.unpack(data.read(end64, _END64.size))
            if record[0] != b"PK\x06\x06":
                raise damaged("its zip directory has no end")
            disk, first_disk, here, count, size, start = record[4:]
            end = end64
    if disk or first_disk or here != count:
        raise damaged("it is one piece of a zip in several files")
    if count > MOST_ENTRIES:
        raise too_large(f"it has {count:,} entries")
    if start + size != end or tail < 0:
        raise damaged("its zip directory does not stand where its end says")
    return start, end, count, tail


def _entries(raw: bytes) -> list[ZipEntry]:
    out, at = [], 0
    while at < len(raw):
        if at + _CENTRAL.size > len(raw):
            raise damaged("its zip directory ends within an entry")
        mark, _, _, flags, method, _, _, crc, size, unpacked, named, extra, comment, disk, _, _, header = (
            _CENTRAL.unpack_from(raw, at)
        )
        begin, at = at + _CENTRAL.size, at + _CENTRAL.size + named + extra + comment
        if mark != b"PK\x01\x02" or at > len(raw) or disk not in (0, 0xFFFF):
            raise damaged("its zip directory does not hold together")
        raw_name = raw[begin : begin + named]
        size, unpacked, header = _wide(raw[begin + named : begin + named + extra], size, unpacked, header)
        if flags & _ENCRYPTED:
            raise RefusedFile(
                "E25", "The file could not be read: it is a zip with a password. Unpack it and open what is inside."
            )
        if method == STORED and size != unpacked:
            raise damaged("an entry of its zip directory has two sizes")
        out.append(ZipEntry(_name(raw_name), raw_name, method, flags, crc, size, unpacked, header))
    return out


def _wide(extra: bytes, size: int, unpacked: int, header: int) -> tuple[int, int, int]:
    """The numbers beyond 4 GiB, which stand in the extra field 1, those that are needed, in this order."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == 1:
            numbers = iter(struct.unpack_from(f"<{min(length, len(extra) - at - 4) // 8}Q", extra, at + 4))
            unpacked = next(numbers, unpacked) if unpacked == 0xFFFFFFFF else unpacked
            size = next(numbers, size) if size == 0xFFFFFFFF else size
            header = next(numbers, header) if header == 0xFFFFFFFF else header
        at += 4 + length
    return size, unpacked, header


def _name(raw: bytes) -> str:
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError:
        name = raw.decode("latin-1")
    parts = name.split("/")
    if not name or len(name) > LONGEST_NAME or name.startswith("/") or ".." in parts:
        raise damaged(f"its zip directory has the name {shown(name)}, which leads out of it")
    if "\\" in name or "\0" in name or ":" in parts[0]:
        raise damaged(f"its zip directory has the name {shown(name)}, which is none inside a zip")
    return name


def _room(entries: list[ZipEntry], end: int) -> dict[int, int]:
    """For each entry's header where the next one begins; RefusedFile E23 for an overlap or one outside."""
    ordered = sorted(entries, key=lambda one: one.header)
    ends = [entry.header for entry in ordered[1:]] + [end]
    for entry, until in zip(ordered, ends, strict=False):
        if entry.header + _LOCAL.size + len(entry.raw_name) + entry.size > until:
            raise damaged(f"its entry {shown(entry.name)} reaches into the next one")
    return {entry.header: until for entry, until in zip(ordered, ends, strict=False)}
