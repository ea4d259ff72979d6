"""Reading a file from front to back in small pieces, a window of it at a time."""

from __future__ import annotations

import struct

from dgm_studio.checkpoints.formats.dtypes import damaged
from dgm_studio.checkpoints.formats.source import Source, stops_early

WINDOW = 1 << 16


class Cursor:
    """A place in a file that moves on with what is taken; RefusedFile E04 where less is left than is asked for."""

    def __init__(self, source: Source, at: int = 0, end: int | None = None) -> None:
        self._source = source
        self.at = at
        self.end = source.size if end is None else end
        self._held, self._begin = b"", at

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        self._reach(count)
        if count > WINDOW:
            self.at += count
            return self._source.read(self.at - count, count)
        start = self.at - self._begin
        if start < 0 or start + count > len(self._held):
            self._held, self._begin, start = self._source.read(self.at, min(WINDOW, self.end - self.at)), self.at, 0
        self.at += count
        return self._held[start : start + count]

    def skip(self, count: int) -> None:
        """Leave out the next `count` bytes."""
        self._reach(count)
        self.at += count

    def whole(self, code: str) -> int:
        """The next whole number, little-endian, by struct's letter ("I" four bytes, "Q" eight)."""
        (value,) = struct.unpack("<" + code, self.take(struct.calcsize(code)))
        return int(value)

    def _reach(self, count: int) -> None:
        if count < 0 or self.at + count > self.end:
            if self.end < self._source.size:
                raise damaged("a part of it reaches beyond what it stands in")
            raise stops_early(self.at + count, self.end)
