"""Protocol buffers' wire format: numbered fields, read where they stand; without a schema and without recursion."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dgm_studio.checkpoints.formats.cursor import Cursor, Window
from dgm_studio.checkpoints.formats.dtypes import damaged, too_large

VARINT, WIDE, BYTES, NARROW = 0, 1, 2, 5
"""Wire types: a whole number, eight bytes, a stretch of bytes, four bytes."""


class Field(NamedTuple):
    """`value` of a varint, else -1; the content stands from `begin` to `end` in the file."""

    number: int
    wire: int
    value: int
    begin: int
    end: int


class Message:
    """A stretch of a file as a message; `budget` is shared by all messages of one file: the fields they may have."""

    def __init__(self, window: Window, begin: int, end: int, budget: list[int]) -> None:
        self.window, self.begin, self.end, self._budget = window, begin, end, budget

    def fields(self) -> Iterator[Field]:
        """Every field in its order; RefusedFile E23 for what is no message, E04 where the file ends within it."""
        cursor = Cursor(self.window, self.begin, self.end)
        while cursor.at < self.end:
            self._budget[0] -= 1
            if self._budget[0] < 0:
                raise too_large("it has more parts than any network")
            key = varint(cursor)
            number, wire, value, begin = key >> 3, key & 7, -1, cursor.at
            if wire == VARINT:
                value = varint(cursor)
            elif wire == BYTES:
                length = varint(cursor)
                begin = cursor.at
                cursor.skip(length)
            elif wire in (WIDE, NARROW):
                cursor.skip(8 if wire == WIDE else 4)
            else:
                raise damaged("a part of it is of an unknown kind")
            yield Field(number, wire, value, begin, cursor.at)

    def inside(self, field: Field) -> Message:
        """The message that stands in a field."""
        return Message(self.window, field.begin, field.end, self._budget)

    def text(self, field: Field, most: int = 65_536) -> str:
        """The text that stands in a field, cut at `most` bytes."""
        return self.window.read(field.begin, min(most, field.end - field.begin)).decode("utf-8", "replace")


def varint(cursor: Cursor) -> int:
    """Seven bits a byte, least first, at most ten bytes; as an unsigned number of 64 bits."""
    value = 0
    for shift in range(0, 70, 7):
        byte = cursor.take(1)[0]
        value |= (byte & 127) << shift
        if byte < 128:
            return value & (2**64 - 1)
    raise damaged("a number in it does not end")


def signed(value: int) -> int:
    """An int64 as varints have it."""
    return value - 2**64 if value >= 2**63 else value
