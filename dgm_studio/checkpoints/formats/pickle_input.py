"""What a pickle's opcodes take from the file: numbers, texts and lines, each of a bounded length, read in pieces."""

from __future__ import annotations

from dgm_studio.checkpoints.formats.byte_ranges import ByteRange
from dgm_studio.checkpoints.formats.dtypes import damaged, too_large
from dgm_studio.checkpoints.formats.pickle_budget import Budget
from dgm_studio.checkpoints.formats.source import stops_early

LONGEST_TEXT = 16 * 2**20
LONGEST_LINE = 4_096
CHUNK = 2**18


class PickleInput:
    """Reads `data` from `start` on, `chunk` bytes at a time.

    Where it ends too soon: RefusedFile E04 if it is the `whole_file`, else E23 (a piece of a file that is whole).
    """

    def __init__(self, data: ByteRange, start: int, whole_file: bool, chunk: int, budget: Budget) -> None:
        self._budget = budget
        self._data, self._whole_file, self._chunk = data, whole_file, chunk
        self._buffer, self._base, self._at = b"", start, 0

    @property
    def stop(self) -> int:
        """Where the next byte would be read."""
        return self._base + self._at

    def _fill(self, count: int) -> None:
        """Make `count` bytes ready behind `_at`."""
        rest = self._buffer[self._at :]
        begin = self._base + self._at + len(rest)
        left = self._data.size - begin
        if len(rest) + left < count:
            if self._whole_file:
                raise stops_early(self._base + self._at + count, self._data.size)
            raise damaged("a pickle in it ends before its end")
        more = self._data.read(begin, min(left, max(count - len(rest), self._chunk)))
        self._base, self._at, self._buffer = self._base + self._at, 0, rest + more

    def _take(self, count: int) -> bytes:
        if self._at + count > len(self._buffer):
            self._fill(count)
        begin = self._at
        self._at += count
        return self._buffer[begin : self._at]

    def _number(self, count: int) -> int:
        if self._at + count > len(self._buffer):
            self._fill(count)
        begin = self._at
        self._at += count
        return int.from_bytes(self._buffer[begin : self._at], "little")

    def _raw_line(self, most: int) -> bytes:
        while (end := self._buffer.find(b"\n", self._at)) < 0:
            ready = len(self._buffer) - self._at
            if ready > most:
                break
            # Twice as much each time: a long line is copied only as often as it has digits.
            self._fill(max(ready + 1, min(2 * ready, self._data.size - self.stop)))
        if not 0 <= end - self._at <= most:
            raise too_large("a pickle in it has a line without end")
        line = self._buffer[self._at : end]
        self._at = end + 1
        self._budget.take_text(len(line))
        return line

    def _line(self) -> str:
        return self._raw_line(LONGEST_LINE).decode("utf-8", "backslashreplace")

    def _letters(self, count: int) -> bytes:
        if count <= self._data.size - self.stop:  # else the file is said to end first
            if count > LONGEST_TEXT:
                raise too_large(f"it holds a text of {count:,} bytes")
            self._budget.take_text(count)
        return self._take(count)
