"""Writing a file so that it is either wholly the new one or still the old one."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from dgm_studio.core.errors import Refused


@contextlib.contextmanager
def writing(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A binary file to write; on leaving it is flushed to disk and takes `path`'s place at once.

    A folder that cannot be written, a full disk and the like are Refused in one sentence. Whatever fails,
    also in the caller's own block, the old file is untouched and no temporary file is left.
    """
    shown = Path(path)
    try:
        with _beside(shown) as (file, target, part):
            yield file
            file.flush()
            os.fsync(file.fileno())
            file.close()
            if target.exists():
                shutil.copymode(target, part)
            part.replace(target)
            _flush_folder(target.parent)
    except OSError as error:
        raise _not_saved(shown, error) from error


def write_bytes(path: str | os.PathLike[str], content: bytes) -> None:
    """Write `content` atomically; Refused with one sentence where that fails."""
    with writing(path) as file:
        file.write(content)


def write_text(path: str | os.PathLike[str], content: str) -> None:
    """Write `content` as UTF-8 atomically; Refused with one sentence where that fails."""
    write_bytes(path, content.encode("utf-8"))


@contextlib.contextmanager
def _beside(shown: Path) -> Iterator[tuple[BinaryIO, Path, Path]]:
    """An open file in the target's folder, the target, the file's own path; gone if it was not renamed."""
    # A link keeps pointing where it pointed: what it names is replaced, not the link.
    target = shown.resolve()
    if target.exists() and not target.is_file():
        # Renaming onto a device such as /dev/full would replace the device itself.
        raise OSError(None, "that name belongs to a folder or a device")
    part = target.with_name(f".{secrets.token_hex(6)}.part")
    file = part.open("xb")
    try:
        yield file, target, part
    finally:
        with contextlib.suppress(OSError):
            # Closing flushes once more, which on a full disk fails once more; the first failure is told.
            file.close()
        part.unlink(missing_ok=True)


def _flush_folder(folder: Path) -> None:
    """The rename reaches the disk only with its folder; where a system cannot do that, the file stands."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _not_saved(path: Path, error: OSError) -> Refused:
    why = error.strerror or str(error)
    return Refused(
        f"{path.name or path} could not be saved to {path.parent}: {why[:1].lower()}{why[1:]}. "
        "Choose another folder; nothing was lost."
    )
