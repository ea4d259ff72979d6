"""Reading a file from front to back in small pieces, a window of it at a time."""

from __future__ import annotations

import struct

from dgm_studio.checkpoints.formats.dtypes import damaged
from dgm_studio.checkpoints.formats.source import Source, stops_early

WINDOW = 1 << 16


class Window:
    """A piece of a file that is held, shared by all cursors over neighbouring parts: each opens no file of its own."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._held, self._begin = b"", 0

    def read(self, at: int, count: int) -> bytes:
        """`count` bytes from `at`."""
        if count > WINDOW:
            return self.source.read(at, count)
        start = at - self._begin
        if start < 0 or start + count > len(self._held):
            self._held, self._begin, start = self.source.read(at, min(WINDOW, self.source.size - at)), at, 0
        return self._held[start : start + count]


class Cursor:
    """A place in a file that moves on with what is taken; RefusedFile E04 where less is left than is asked for."""

    def __init__(self, file: Source | Window, at: int = 0, end: int | None = None) -> None:
        self._window = file if isinstance(file, Window) else Window(file)
        self.at = at
        self.end = self._window.source.size if end is None else end

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        self._reach(count)
        self.at += count
        return self._window.read(self.at - count, count)

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
            if self.end < self._window.source.size:
                raise damaged("a part of it reaches beyond what it stands in")
            raise stops_early(self.at + count, self.end)
