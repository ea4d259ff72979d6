"""How far a file being written is."""

from __future__ import annotations

from typing import NamedTuple


class Progress(NamedTuple):
    """`done` of `total` frames are written."""

    done: int
    total: int
