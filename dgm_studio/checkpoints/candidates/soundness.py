"""Whether a model may run on these tensors: checksums that hold, numbers that are finite, memory that is there."""

from __future__ import annotations

from collections.abc import Generator, Iterable

import numpy as np

from dgm_studio.checkpoints.formats.dtypes import shown
from dgm_studio.checkpoints.formats.memory import free_memory
from dgm_studio.checkpoints.formats.opened import Opened
from dgm_studio.core.inspection import ERROR, WARNING, Finding, RefusedFile

AT_ONCE = 32 * 2**20
"""Bytes of weights that are checked while a file is inspected; of more, while it is rebuilt or in the background."""

MOST_AT_ONCE = 5_000
"""And tensors."""

NAMED = 3
"""Tensors that a sentence names."""


def unsound(opened: Opened, names: Iterable[str]) -> Generator[None, None, tuple[Finding, ...]]:
    """E06 for checksums that fail and E21 for tensors with NaN or infinity, one tensor (by the file's name) a step."""
    damaged: list[str] = []
    endless: list[str] = []
    asked = 0
    for name in names:
        asked += 1
        entry = opened.tensors[name]
        if opened.verify(name) is False:
            damaged.append(name)
        elif entry.dtype.startswith(("float", "bfloat", "complex")) and not _finite(opened, name):
            endless.append(name)
        yield
    found = []
    if damaged:
        text = (
            f"Damaged: checksum of tensor {shown(damaged[0])} does not match. {len(damaged):,} of {asked:,} tensors "
            "are affected. You can inspect the rest; sampling is off."
        )
        found.append(Finding("E06", ERROR, text))
    if endless:
        text = f"{len(endless):,} tensors hold NaN or infinity: {_listed(endless)}. Sampling would give NaN."
        found.append(Finding("E21", ERROR, text))
    return tuple(found)


def _finite(opened: Opened, name: str) -> bool:
    try:
        return bool(np.isfinite(opened.read(name)).all())
    except RefusedFile:
        return True  # who reads it for the model says why it cannot be read
    except TypeError:
        return True


def too_large(opened: Opened, nbytes: int) -> tuple[Finding, ...]:
    """E08 where the weights (bytes, as float32) do not fit into the free memory: a table, but no model."""
    free = free_memory()
    if free is None or nbytes <= free:
        return ()
    text = (
        f"This file asks for {nbytes / 1e9:.1f} GB; {free / 1e9:.1f} GB are free. Look at the table only, or open it "
        "on a machine with more memory."
    )
    return (Finding("E08", WARNING, text),)


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return ", ".join(shown(name) for name in names[:NAMED]) + more
