"""Memory is asked for before it is taken (R12): the free memory of the machine and of this process' own limit."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from dgm_studio.core.inspection import RefusedFile

SMALL = 64 * 2**20
"""Below it nobody asks."""


def claim(nbytes: int) -> None:
    """RefusedFile E08 where `nbytes` more are not free."""
    if nbytes <= SMALL:
        return
    free = free_memory()
    if free is not None and nbytes > free:
        raise RefusedFile(
            "E08",
            f"This asks for {nbytes / 1e9:.1f} GB; {free / 1e9:.1f} GB are free. Look at the table only, or open the "
            "file on a machine with more memory.",
        )


def free_memory() -> int | None:
    """Bytes that this process could still take; None where the system does not tell."""
    known = [free for free in (_of_machine(), _of_limit()) if free is not None]
    return min(known) if known else None


def _of_machine() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        line = next(line for line in lines if line.startswith("MemAvailable"))
        return int(line.split()[1]) * 1024
    except (OSError, StopIteration, ValueError):
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    except (AttributeError, OSError, ValueError):
        return None


def _of_limit() -> int | None:
    """What RLIMIT_AS leaves; Linux alone tells how much of it is used."""
    if sys.platform != "linux":
        return None
    import resource

    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit == resource.RLIM_INFINITY:
        return None
    try:
        used = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return None
    return max(0, limit - used)
