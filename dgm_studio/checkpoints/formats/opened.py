"""What every format's reader gives: tensors by name, a plain tree of all else, findings. Nothing is executed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dgm_studio.core.arrays import Array
from dgm_studio.core.inspection import WARNING, Finding, TensorEntry


@dataclass(frozen=True)
class Stub:
    """An object of a class that is not run: its dotted name, what it was called with, and the state it was given."""

    name: str
    arguments: tuple[Any, ...] = ()
    state: Any = None


@dataclass(frozen=True)
class TensorRef:
    """In the tree: here stands the tensor of this name."""

    name: str


class Opened(ABC):
    """A file or folder that could be read.

    `tree` is what the file holds, as dicts, lists, tuples, numbers, strings, bytes, None, Stub and TensorRef;
    `tensors` are all tensors by their dotted path in the tree ("state_dict.model.conv.weight"). For safetensors, GGUF
    and the like the tree is {"metadata": ...} and names are the file's own.
    """

    kind: str
    title: str
    path: Path
    size: int
    tensors: Mapping[str, TensorEntry]
    tree: Any
    findings: tuple[Finding, ...]
    files: tuple[str, ...] = ()

    @abstractmethod
    def read(self, name: str) -> Array:
        """The tensor as numpy has it, (shape), read by `pread` and never mapped; bfloat16 and float8 come as float32.
        RefusedFile where the file was rewritten meanwhile (E16) or stops early (E04)."""

    def verify(self, name: str) -> bool | None:
        """Whether the tensor's checksum holds; None where the format has none."""
        return None

    def close(self) -> None:  # noqa: B027 -- most formats hold no file open between two reads
        """Let go of the file."""


def extra_bytes(count: int) -> Finding:
    """E05: bytes after the end."""
    return Finding(
        "E05",
        WARNING,
        f"There are {count:,} extra bytes after the end of the data. The tensors read correctly; the tail is ignored.",
    )
