"""Any other pickle (EDM, StyleGAN, a dictionary of arrays): settings and tensors only; torch writes each storage in one
as a whole small file of the format before 1.6."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dgm_studio.checkpoints.formats.byte_ranges import ByteRange, FileRange
from dgm_studio.checkpoints.formats.dtypes import damaged
from dgm_studio.checkpoints.formats.opened import Opened
from dgm_studio.checkpoints.formats.pickle_budget import Budget
from dgm_studio.checkpoints.formats.pickle_machine import PickleMachine
from dgm_studio.checkpoints.formats.pickle_meanings import TorchMeanings
from dgm_studio.checkpoints.formats.pickled import PickledFile
from dgm_studio.checkpoints.formats.sniff import Format, Head
from dgm_studio.checkpoints.formats.source import Source
from dgm_studio.checkpoints.formats.torch_legacy import MAGIC, read_legacy

NESTED = 200
"""Steps that the start of a file within the pickle counts for."""


def open_raw_pickle(path: Path) -> Opened:
    """The pickle's tensors and tree; RefusedFile E04, E16, E23, E26."""
    source, budget = Source(path), Budget()
    count = 0

    def nested(data: ByteRange) -> Any:
        nonlocal count
        count += 1
        budget.take_steps(NESTED)
        is_legacy = data.size >= len(MAGIC) and data.read(0, len(MAGIC)) == MAGIC
        return read_legacy(data, within=f"{count}/", budget=budget)[0] if is_legacy else None

    meanings = TorchMeanings(nested)
    machine = PickleMachine(FileRange(source, 0, source.size), meanings, whole_file=True, budget=budget)
    root = machine.run()
    if meanings.storages:
        raise damaged("its numbers are not in it, as in a data.pkl that was taken out of a PyTorch file")
    return PickledFile(FORMAT.id, FORMAT.title, source, root, {}, source.size - machine.stop)


def _recognises(head: Head) -> bool:
    if head.path.suffix.lower() in (".pkl", ".pickle") and head.first[:1] in (b"(", b"]", b"}", b"c"):
        return True  # protocols 0 and 1 have no number of their own
    return len(head.first) > 2 and head.first[0] == 0x80 and 2 <= head.first[1] <= 5


FORMAT = Format("raw-pickle", "Python pickle", _recognises, open_raw_pickle, order=50)
