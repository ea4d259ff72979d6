"""Which family a checkpoint is of, from the head of the file alone: a .safetensors file begins with JSON."""

from __future__ import annotations

import json
from pathlib import Path

LARGEST = 16_000_000
"""Bytes of a head that is read; ours have some thousand."""


def family_of(path: str | Path) -> str:
    """The family's id in a DGM Studio checkpoint; "" where the file tells none: who opens it then says why.

    The format (huggingface/safetensors): eight bytes, the length of the JSON that follows, little-endian; its
    `__metadata__` maps strings to strings, ours has the `recipe`.
    """
    try:
        with Path(path).expanduser().open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            if size > LARGEST:
                return ""
            head = json.loads(file.read(size))
        return str(json.loads(head["__metadata__"]["recipe"])["family"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""
