"""Sniffing: the first bytes of a file, and what a format declares to know its own by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from dgm_studio.checkpoints.formats.opened import Opened
from dgm_studio.checkpoints.formats.source import Source, unreadable
from dgm_studio.checkpoints.formats.zip_directory import entry_names
from dgm_studio.core.inspection import RefusedFile

FIRST = 65_536
"""Bytes that are looked at to know a format."""


@dataclass(frozen=True)
class Head:
    """What a format is recognised by, content first: `first` are the first 64 KiB (b"" of a folder)."""

    path: Path
    size: int
    first: bytes
    folder: bool = False

    @cached_property
    def entries(self) -> tuple[str, ...]:
        """The names in a zip file's directory, () for a file that is no zip or whose directory cannot be read."""
        if not self.first.startswith(b"PK"):
            return ()
        try:
            return tuple(entry_names(self.path))
        except RefusedFile:
            return ()

    @cached_property
    def text(self) -> str:
        """The first bytes as text, "" where they are none."""
        try:
            text = self.first.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            if self.size <= FIRST or error.start < len(self.first) - 4:
                return ""
            text = self.first[: error.start].decode("utf-8-sig")  # the last letter was cut in two
        return "" if "\0" in text else text


class Format(NamedTuple):
    """What a file of this room declares as FORMAT.

    `recognises(head)` looks at content and never raises; formats are asked by `order`, small first, and the first yes
    opens (not-models 10, exact signatures 20 to 40, guesses by parsing 60 and more). `open(path)` gives an Opened or
    raises RefusedFile.
    """

    id: str
    title: str
    recognises: Callable[[Head], bool]
    open: Callable[[Path], Opened]
    order: int = 40


def sniff(path: Path) -> Head:
    """The head of a file or folder; RefusedFile E25 where the system does not let it be read."""
    try:
        if path.is_dir():
            return Head(path, 0, b"", folder=True)
    except (OSError, ValueError) as error:
        raise unreadable(error) from error
    source = Source(path)
    return Head(path, source.size, source.read(0, min(FIRST, source.size)))
