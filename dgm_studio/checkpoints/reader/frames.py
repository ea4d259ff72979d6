"""Frames: a line of JSON that says how many raw bytes follow, then those bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any, NamedTuple

from dgm_studio.core.inspection_json import plain

LONGEST_LINE = 256 * 2**20
"""A header beyond it is a fault of whoever wrote it."""


class Frame(NamedTuple):
    """What `head` says, and raw bytes that belong to it."""

    head: Mapping[str, Any]
    raw: bytes = b""


def pack(frame: Frame) -> bytes:
    """The frame as it goes through the pipe."""
    line = json.dumps({**plain(frame.head), "bytes": len(frame.raw)}, allow_nan=False, separators=(",", ":"))
    return line.encode("ascii") + b"\n" + frame.raw


def receive(pipe: IO[bytes], longest: int = LONGEST_LINE, most: int | None = None) -> Frame | None:
    """The next frame; None where the other side has closed. ValueError for what is no frame, and, from a side that is
    not trusted, for a head of more than `longest` or more than `most` raw bytes."""
    line = pipe.readline(longest)
    if not line:
        return None
    head = json.loads(line)
    if not isinstance(head, dict):
        raise ValueError("a frame's head is a JSON object")
    count = int(head.pop("bytes", 0))
    if most is not None and not 0 <= count <= most:
        raise ValueError(f"a frame of {count:,} bytes")
    raw = pipe.read(count) if count else b""
    return None if len(raw) < count else Frame(head, raw)
