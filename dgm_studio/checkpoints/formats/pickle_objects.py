"""What a pickle's opcodes build here: records of names, calls, tensors and storages; nothing is looked up or run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dgm_studio.checkpoints.formats.byte_ranges import ByteRange


@dataclass(eq=False, slots=True)
class Global:
    """A name that the pickle refers to ("posix.system"): a text, never imported."""

    name: str


@dataclass(eq=False, slots=True)
class Call:
    """An object that a class or function would make: what it was called with, its state, and what was put in it."""

    name: str
    arguments: tuple[Any, ...] = ()
    state: Any = None
    keyed: dict[Any, Any] | None = None
    listed: list[Any] | None = None


@dataclass(eq=False, slots=True)
class OddKey:
    """A dictionary key that is no plain number or text; kept apart, because hashing what a stranger nests can hang."""

    value: Any


@dataclass(eq=False, slots=True)
class Storage:
    """`count` numbers in a row: `key` names them in the file, `stretch` is set once it is known where they stand."""

    key: str
    dtype: str
    count: int
    itemsize: int
    stretch: ByteRange | None = None
    big_endian: bool = False
    begin: int = 0
    """Where it begins in the stretch, in bytes: old files have storages that are parts of others."""

    @property
    def nbytes(self) -> int:
        """Bytes as stored."""
        return self.count * self.itemsize


@dataclass(eq=False, slots=True)
class Strided:
    """A tensor as torch and numpy have it: entry i stands at offset + sum of i_k stride_k, counted in numbers."""

    storage: Storage
    dtype: str
    itemsize: int
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]
    conjugate: bool = False
    negative: bool = False
