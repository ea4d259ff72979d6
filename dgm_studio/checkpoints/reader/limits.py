"""What the reader process may take of the machine (R13)."""

from __future__ import annotations

import contextlib
import os
import sys

SHARE = 0.75
LEAST = 2 * 2**30


def limit_memory() -> None:
    """At most three quarters of the machine's memory as address space: a file that asks for more is refused (E08)
    instead of pushing everybody else out. Windows has no such limit; there the claims before each read stand alone."""
    if sys.platform == "win32":
        return
    import resource

    with contextlib.suppress(OSError, ValueError):
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        most = max(LEAST, int(SHARE * memory))
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
