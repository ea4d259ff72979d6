"""Which file of a folder a training run has just written: new or changed since one began to look, and at rest."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

RESTS = 2
"""Looks in a row at which a file must have been the same: one that is still being written is never told."""


class Stamp(NamedTuple):
    """A file's size in bytes and when it was last written, in nanoseconds."""

    size: int
    mtime_ns: int


def stamps(folder: Path, suffix: str) -> dict[str, Stamp]:
    """The files with that ending, links left out; none where the folder cannot be read."""
    found: dict[str, Stamp] = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.lower().endswith(suffix) and entry.is_file(follow_symlinks=False):
                    facts = entry.stat(follow_symlinks=False)
                    found[entry.path] = Stamp(facts.st_size, facts.st_mtime_ns)
    except OSError:
        return {}
    return found


class NewerFiles:
    """`look` again and again: it tells a file once, when it has been at rest for RESTS looks."""

    def __init__(self, first: Mapping[str, Stamp]) -> None:
        self._known = dict(first)
        self._resting: dict[str, tuple[Stamp, int]] = {}

    def look(self, now: Mapping[str, Stamp]) -> str:
        """The newest file that is new or changed and rests, "" for none; those that are older than it are not told any
        more."""
        ready: dict[str, Stamp] = {}
        resting: dict[str, tuple[Stamp, int]] = {}
        for path, stamp in now.items():
            if self._known.get(path) == stamp or stamp.size == 0:
                continue
            before, looks = self._resting.get(path, (stamp, 0))
            resting[path] = (stamp, looks + 1 if before == stamp else 1)
            if resting[path][1] > RESTS:
                ready[path] = stamp
        self._resting = resting
        if not ready:
            return ""
        newest = max(ready, key=lambda path: ready[path].mtime_ns)
        self._known.update(ready)
        self._resting = {path: one for path, one in resting.items() if path not in ready}
        return newest
