"""Which family a checkpoint is of, from the head of the file alone: a .safetensors file begins with JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

LARGEST = 16_000_000
"""Bytes of a head that is read; ours have some thousand."""

SCHEMA = 2
"""Of the native files that are written now; the steps from older ones are lab.migrations'."""

FRAME = "fit.model.frame"
"""The tensor that every checkpoint of a family of pictures has: their shape."""


@dataclass(frozen=True)
class Head:
    """What the head tells: family and preset ("" where it tells none), and whether the model is one of pictures."""

    family: str = ""
    preset: str = ""
    pictures: bool = False


def head_of(path: str | Path) -> Head:
    """What a DGM Studio checkpoint says of itself; an empty Head where it says nothing: who opens it then says why.

    The format (huggingface/safetensors): eight bytes, the length of the JSON that follows, little-endian; its
    `__metadata__` maps strings to strings, ours has the `recipe`; every other key is a tensor.
    """
    try:
        with Path(path).expanduser().open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            if size > LARGEST:
                return Head()
            head = json.loads(file.read(size))
        recipe = json.loads(head["__metadata__"]["recipe"])
        return Head(str(recipe["family"]), str(recipe.get("preset", "")), FRAME in head)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Head()


def family_of(path: str | Path) -> str:
    """The family's id in a DGM Studio checkpoint; "" where the file tells none."""
    return head_of(path).family
