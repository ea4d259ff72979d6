"""Pictures to PNG: one file, or a folder of numbered frames."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Generator, Iterable
from pathlib import Path

from PIL import Image

from dgm_studio.core.atomic import writing
from dgm_studio.core.errors import Refused
from dgm_studio.export.progress import Progress


def write_png(path: str | os.PathLike[str], picture: Image.Image) -> Path:
    """One picture as a PNG file, atomically."""
    with writing(path) as file:
        picture.save(file, format="PNG")
    return Path(path)


def write_png_folder(
    folder: str | os.PathLike[str], pictures: Iterable[Image.Image], total: int
) -> Generator[Progress, None, Path]:
    """Write pictures as frame-0001.png, frame-0002.png, ... into a new folder, which appears only when it is
    whole.

    A folder that already holds something is Refused, for its files would be mixed with these.
    """
    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Refused(f"{target.name} already exists and is not an empty folder; choose another name for the frames.")
    part = target.with_name(f".{secrets.token_hex(6)}.part")
    try:
        part.mkdir()
    except OSError as error:
        raise Refused(
            f"{target.name} cannot be made in {target.parent}: {error.strerror}. Choose another folder."
        ) from error
    try:
        done = 0
        for done, picture in enumerate(pictures, start=1):
            with writing(part / f"frame-{done:04d}.png") as file:
                picture.save(file, format="PNG")
            yield Progress(done, total)
        if not done:
            raise Refused("The film has no frames to write; sample first.")
        if target.is_dir():
            target.rmdir()
        part.rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return target
