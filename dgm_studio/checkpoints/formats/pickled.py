"""A file whose tensors stand in a pickle's storages: table, tree and reading, for every format that has them."""

from __future__ import annotations

import math
import zlib
from typing import Any

import numpy as np

from dgm_studio.checkpoints.formats.byte_ranges import checksum
from dgm_studio.checkpoints.formats.dtypes import damaged, decode, shown
from dgm_studio.checkpoints.formats.memory import claim
from dgm_studio.checkpoints.formats.opened import Opened, extra_bytes
from dgm_studio.checkpoints.formats.pickle_objects import Storage, Strided
from dgm_studio.checkpoints.formats.pickle_tree import PERSISTENT, TreeMaker
from dgm_studio.checkpoints.formats.source import Source
from dgm_studio.core.arrays import Array
from dgm_studio.core.inspection import INFO, Finding, RefusedFile, TensorEntry


class PickledFile(Opened):
    """`root` is the pickle's object as records; `checksums` the CRC-32 of each storage by its key, where a file has
    them: checked before the first number of a storage is handed out."""

    def __init__(
        self, kind: str, title: str, source: Source, root: Any, checksums: dict[str, int], tail: int = 0
    ) -> None:
        self.kind, self.title, self.path, self.size = kind, title, source.path, source.size
        self._checksums = checksums
        self._checked: dict[str, bool] = {}
        made = TreeMaker(root)
        self._strided = made.tensors
        self.tensors: dict[str, TensorEntry] = made.entries
        self.tree = made.tree
        self.findings = (*_classes(made, len(self.tensors)), *([extra_bytes(tail)] if tail > 0 else []))

    def read(self, name: str) -> Array:
        """The tensor; RefusedFile E06 where its checksum does not hold, E04 and E16 as promised."""
        tensor = self._strided[name]
        raw, storage = bytes_of(tensor), tensor.storage
        if storage.key in self._checksums and storage.key not in self._checked and raw.size == _size(storage):
            self._checked[storage.key] = zlib.crc32(raw.data) == self._checksums[storage.key]
        if self.verify(name) is False:
            raise RefusedFile(
                "E06",
                f"Damaged: the checksum of tensor {shown(name)} does not match. You can look at the others; copy or "
                "download the file again.",
            )
        return numbers_of(tensor, raw)

    def verify(self, name: str) -> bool | None:
        """Whether the checksum of the tensor's storage holds; None where the format has none."""
        storage = self._strided[name].storage
        if storage.stretch is None or storage.key not in self._checksums:
            return None
        if storage.key not in self._checked:
            self._checked[storage.key] = checksum(storage.stretch) == self._checksums[storage.key]
        return self._checked[storage.key]


def bytes_of(tensor: Strided) -> Array:
    """The stretch between a tensor's first and its last number, (n,) uint8."""
    storage = tensor.storage
    if not math.prod(tensor.shape):
        return np.empty(0, np.uint8)
    if storage.stretch is None:
        raise damaged(f"the numbers of storage {shown(storage.key)} are not in it")
    count = _span(tensor)
    claim(3 * max(count, math.prod(tensor.shape)) * tensor.itemsize)
    return storage.stretch.array(storage.begin + tensor.offset * tensor.itemsize, count * tensor.itemsize)


def numbers_of(tensor: Strided, raw: Array) -> Array:
    """The tensor as numpy has it, of the stretch between its first and its last number."""
    if not math.prod(tensor.shape):
        return decode(raw, tensor.dtype, tensor.shape)
    flat = decode(raw, tensor.dtype, (_span(tensor),), tensor.storage.big_endian)
    steps = [step * flat.itemsize for step in tensor.stride]
    view = np.lib.stride_tricks.as_strided(flat, tensor.shape, steps, writeable=False)
    out: Array = np.ascontiguousarray(view).reshape(tensor.shape)  # which would make one dimension of none
    out = np.conj(out) if tensor.conjugate else out
    return np.negative(out) if tensor.negative else out


def _size(storage: Storage) -> int:
    """Bytes that the storage's checksum is of."""
    return storage.stretch.size if storage.stretch is not None else 0


def _span(tensor: Strided) -> int:
    return 1 + sum((size - 1) * step for size, step in zip(tensor.shape, tensor.stride, strict=True))


def check_size(storage: Storage, nbytes: int) -> None:
    """RefusedFile E23 where `nbytes` in the file are not what the storage asks for."""
    if storage.nbytes != nbytes:
        raise damaged(f"storage {shown(storage.key)} has {nbytes:,} bytes, its tensors ask for {storage.nbytes:,}")


def _classes(made: TreeMaker, tensors: int) -> list[Finding]:
    if PERSISTENT in made.classes:
        return [
            Finding(
                "E10",
                INFO,
                "This is a pickle of NVIDIA's kind (EDM, StyleGAN). It carries its own Python program, which this app "
                f"never runs. {tensors:,} tensors and the settings were read. To sample, use the program that wrote "
                "it; to keep the weights without it, export the tensors as safetensors.",
            )
        ]
    if not made.classes:
        return []
    names = list(made.classes)
    listed = ", ".join(shown(name) for name in names[:8]) + (f" and {len(names) - 8:,} more" if len(names) > 8 else "")
    return [
        Finding(
            "E09",
            INFO,
            f"Readable, but it names Python classes we do not run: {listed}. Their data is shown as opaque entries. "
            f"{tensors:,} tensors found.",
        )
    ]
