"""The files of a folder that may be looked at: bounded in number and depth, none outside the folder (R9)."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from dgm_studio.checkpoints.formats.dtypes import too_large
from dgm_studio.checkpoints.formats.source import unreadable

MOST_FILES = 2_000
DEEPEST = 4


def listing(folder: Path) -> tuple[dict[str, Path], list[str]]:
    """Regular files by their path relative to the folder ("unet/config.json"), sorted, and the names of links that
    lead out of it. RefusedFile E26 for more than MOST_FILES, E25 where it cannot be read; deeper ones are left out."""
    roots = _roots(folder)
    found: dict[str, Path] = {}
    outside: list[str] = []
    below = [("", folder, 1)]
    for _ in range(MOST_FILES):
        if not below:
            break
        prefix, here, depth = below.pop()
        for entry in _entries(here):
            name, path = prefix + entry.name, Path(entry.path)
            mode = _mode(path)
            if mode is None:  # a link to nothing
                continue
            if not _inside(path, roots):
                outside.append(name)
            elif stat.S_ISDIR(mode):
                # A linked folder may lead back to where it lies; its files are reachable without it, if inside.
                if depth < DEEPEST and not path.is_symlink() and entry.name not in (".git", "__pycache__"):
                    below.append((name + "/", path, depth + 1))
            elif stat.S_ISREG(mode):
                found[name] = path
            if len(found) + len(outside) > MOST_FILES:
                raise too_large(f"this folder has more than {MOST_FILES:,} files; open the model's own folder")
    else:
        raise too_large(f"this folder has more than {MOST_FILES:,} folders in it; open the model's own folder")
    return dict(sorted(found.items())), sorted(outside)


def _roots(folder: Path) -> tuple[Path, ...]:
    """Where the files may really lie: in the folder; for a snapshot of the Hugging Face cache also in its blobs."""
    real = folder.resolve()
    blobs = real.parent.parent / "blobs"
    return (real, blobs) if real.parent.name == "snapshots" and blobs.is_dir() else (real,)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return [entry for entry, _ in zip(entries, range(MOST_FILES + 1), strict=False)]
    except OSError as error:
        raise unreadable(error) from error


def _mode(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except OSError:
        return None


def _inside(path: Path, roots: tuple[Path, ...]) -> bool:
    try:
        real = path.resolve()
    except (OSError, RuntimeError):  # a circle of links
        return False
    return any(real.is_relative_to(root) for root in roots)
