"""Running a slow generator to its end, for callers who need not stop it: tests, the command line."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeVar

R = TypeVar("R")


def finish(slow: Generator[Any, None, R]) -> R:
    """Exhaust `slow` and give the value it returns."""
    while True:
        try:
            next(slow)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]
