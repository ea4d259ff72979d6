"""Exceptions as sentences: what happened, what is kept, what to do."""

from __future__ import annotations

import traceback

import torch

from dgm_studio.core.errors import Diverged, Refused
from dgm_studio.core.reports import Failure


def explain(error: BaseException, request: int = 0) -> Failure:
    """A Failure for the window; the traceback stands behind "Details"."""
    details = "".join(traceback.format_exception(error))
    if isinstance(error, Diverged):
        return Failure(str(error), details, "halve-learning-rate", request)
    if isinstance(error, Refused):
        return Failure(str(error), details, request=request)
    if is_out_of_memory(error):
        return Failure(
            "There is not enough memory for this. The model is kept as it was; choose a smaller batch, width or number "
            "of points.",
            details,
            request=request,
        )
    name = type(error).__name__
    return Failure(
        f"The engine met an error it does not know ({name}: {error}). This run has stopped with its last state kept; "
        "save it, then play again or reset.",
        details,
        request=request,
    )


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out: torch says so by a subclass on CUDA and by the text of a RuntimeError elsewhere."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and ("out of memory" in text or "can't allocate memory" in text)
