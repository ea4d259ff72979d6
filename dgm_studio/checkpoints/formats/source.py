"""Reading a user's file by position: never mapped, and never mixed up with what a training run writes over it (R11)."""

from __future__ import annotations

import os
import stat
from io import FileIO
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.inspection import RefusedFile


class _Mark(NamedTuple):
    """What tells one version of a file from the next."""

    size: int
    changed: int
    node: int


class Source:
    """One regular file as it was when it was first looked at.

    Each read opens it anew, so that nobody is kept from replacing it meanwhile, and compares size and time of change
    before and after: a mapped file that shrinks ends the whole process (SIGBUS), a read one is refused with E16.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        with self._open() as file:
            self._mark = _mark(file)

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self._mark.size

    def read(self, offset: int, count: int) -> bytes:
        """`count` bytes from `offset`; RefusedFile E04 where the file ends before, E16 where it was rewritten."""
        self._within(offset, count)
        with self._open() as file:
            self._unchanged(file)
            file.seek(offset)
            parts, done = [], 0
            while done < count and (part := file.read(count - done)):
                parts.append(part)
                done += len(part)
            self._unchanged(file)
        if done < count:
            raise stops_early(offset + count, offset + done)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def array(self, offset: int, count: int) -> Array:
        """The same as numpy bytes (count,) uint8, without a second copy in memory."""
        self._within(offset, count)
        out = np.empty(count, np.uint8)
        view = out.data
        with self._open() as file:
            self._unchanged(file)
            file.seek(offset)
            done = 0
            while done < count:
                got = file.readinto(view[done:])
                if not got:
                    break
                done += got
            self._unchanged(file)
        if done < count:
            raise stops_early(offset + count, offset + done)
        return out

    def _within(self, offset: int, count: int) -> None:
        if offset < 0 or count < 0 or offset + count > self.size:
            raise stops_early(offset + count, self.size)

    def _open(self) -> FileIO:
        try:
            # A pipe or a device would block or never end; a link that points to a regular file is one.
            if not stat.S_ISREG(self.path.stat().st_mode):
                raise RefusedFile("E25", "This is no regular file but a folder, a pipe or a device. Choose a file.")
            return FileIO(self.path)
        except (OSError, ValueError) as error:
            raise unreadable(error) from error

    def _unchanged(self, file: FileIO) -> None:
        if _mark(file) != self._mark:
            raise RefusedFile("E16", "The file was rewritten while being read (a training run?). Read it again.")


def user_path(text: str | os.PathLike[str]) -> Path:
    """The path a person gave, "~" being their home; as it stands where no such person is known."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def stops_early(want: int, have: int) -> RefusedFile:
    """E04: the file ends before what it promises."""
    return RefusedFile(
        "E04",
        f"The file stops early: the header promises {want:,} bytes, the file has {have:,}. It is an incomplete copy or "
        "download. Copy or download it again.",
    )


def unreadable(error: Exception) -> RefusedFile:
    """E25: the system does not let the file be read."""
    why = (getattr(error, "strerror", None) or "the name is not one of a file").rstrip(".")
    return RefusedFile("E25", f"The file could not be read: {why[:1].lower()}{why[1:]}. Choose another file.")


def _mark(file: FileIO) -> _Mark:
    found = os.fstat(file.fileno())
    return _Mark(found.st_size, found.st_mtime_ns, found.st_ino)
