"""torch.save before 1.6: a magic number, a protocol number, a description of the machine, the object and a list of its
storages, five pickles in a row, and then each storage: how many numbers it has, and the numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dgm_studio.checkpoints.formats.byte_ranges import ByteRange, FileRange
from dgm_studio.checkpoints.formats.dtypes import damaged, shown
from dgm_studio.checkpoints.formats.opened import Opened
from dgm_studio.checkpoints.formats.pickle_budget import Budget
from dgm_studio.checkpoints.formats.pickle_input import CHUNK
from dgm_studio.checkpoints.formats.pickle_machine import PickleMachine
from dgm_studio.checkpoints.formats.pickle_meanings import TorchMeanings
from dgm_studio.checkpoints.formats.pickled import PickledFile, check_size
from dgm_studio.checkpoints.formats.sniff import Format, Head
from dgm_studio.checkpoints.formats.source import Source

MAGIC = bytes.fromhex("80028a0a6cfc9c46f9206aa850192e")
"""The pickle of 0x1950a86a20f9469cfc6c."""
PROTOCOL = 1001
NESTED_CHUNK = 4_096


def open_torch_legacy(path: Path) -> Opened:
    """The file's tensors and tree; RefusedFile E04, E16, E23, E26."""
    source = Source(path)
    root, end = read_legacy(FileRange(source, 0, source.size), whole_file=True)
    return PickledFile(FORMAT.id, FORMAT.title, source, root, {}, source.size - end)


def read_legacy(
    data: ByteRange, whole_file: bool = False, within: str = "", budget: Budget | None = None
) -> tuple[Any, int]:
    """The object with its storages, and where it ended; `within` goes before the storages' keys."""
    budget = budget or Budget()
    if data.size < len(MAGIC) or data.read(0, len(MAGIC)) != MAGIC:
        raise damaged("a piece of it is no old PyTorch file")
    meanings, at, found = TorchMeanings(), len(MAGIC), []
    chunk = CHUNK if whole_file else NESTED_CHUNK
    for _ in range(4):
        machine = PickleMachine(data, meanings, at, whole_file, chunk, budget)
        found.append(machine.run())
        at = machine.stop
    protocol, about, root, keys = found
    if protocol != PROTOCOL or not isinstance(about, dict) or not isinstance(keys, list):
        raise damaged("its first pickles are not those of an old PyTorch file")
    if not all(type(key) in (str, int) for key in keys) or len({*map(str, keys)}) < len(keys):
        raise damaged("its list of storages names one twice")
    names = [str(key) for key in keys]
    if set(names) != set(meanings.storages):
        raise damaged("its list of storages is not that of its tensors")
    for key in names:
        storage = meanings.storages[key]
        count = int.from_bytes(data.read(at, 8), "little" if about.get("little_endian", True) else "big")
        check_size(storage, count * storage.itemsize)
        storage.stretch = data.part(at + 8, storage.nbytes)
        storage.big_endian = about.get("little_endian") is False
        storage.key = within + key
        at += 8 + storage.nbytes
    for part, of in meanings.parts:
        part.stretch, part.big_endian = meanings.storages[of].stretch, meanings.storages[of].big_endian
        part.key = within + shown(part.key)
    return root, at


def _recognises(head: Head) -> bool:
    return head.first.startswith(MAGIC) or (0 < len(head.first) < len(MAGIC) and MAGIC.startswith(head.first))


FORMAT = Format("torch-legacy", "PyTorch file (before 1.6)", _recognises, open_torch_legacy, order=20)
