"""Waking the compute tower inside the worker thread, without stopping the window meanwhile."""

from __future__ import annotations

import ctypes
import gc
import importlib.util
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dgm_studio.lab.desk import Desk

M_ARENA_MAX = -8
"""malloc.h's number of the option."""

LIBRARIES = ("libc10", "libtorch_cpu", "libtorch", "libshm", "libtorch_python")


def wake(device: str = "", threads: int = 1) -> Desk:
    """Import torch and make the desk; called on the worker's thread."""
    preload()
    # Collecting while thousands of modules' objects appear stops every thread for hundreds of milliseconds,
    # and afterwards each full collection would walk them all: freeze them instead (shared measurements:
    # PLATFORM.md).
    gc.disable()
    try:
        import torch

        from dgm_studio.lab.desk import Desk

        # The first network that leaves the meta device imports five hundred modules: here, rather than in a beat.
        torch.nn.Linear(1, 1, device="meta").to_empty(device="cpu")
        return Desk(device, threads)
    finally:
        gc.freeze()
        gc.enable()


def share_memory_pool() -> None:
    """Let all threads allocate from one pool (glibc gives a second thread its own); call before any thread begins.
    The worker alone then kept 0.95 of a bare loop instead of 0.88, in one noisy comparison."""
    if sys.platform.startswith("linux"):
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
        if mallopt is not None:
            mallopt(M_ARENA_MAX, 1)


def preload() -> None:
    """Load torch's shared libraries before the import does, which holds the interpreter lock meanwhile, 0.2
    s for the largest. So does ctypes.CDLL, but a foreign function called through it does not: dlopen itself
    is called."""
    if not sys.platform.startswith("linux"):
        return
    spec = importlib.util.find_spec("torch")
    if spec is None or not spec.submodule_search_locations:
        return
    folder = Path(spec.submodule_search_locations[0]) / "lib"
    dlopen = ctypes.CDLL(None).dlopen
    dlopen.argtypes, dlopen.restype = (ctypes.c_char_p, ctypes.c_int), ctypes.c_void_p
    for name in LIBRARIES:
        # One that is missing or broken gives a null handle: the import itself will tell what is wrong.
        dlopen(os.fsencode(folder / f"{name}.so"), os.RTLD_NOW | os.RTLD_GLOBAL)
