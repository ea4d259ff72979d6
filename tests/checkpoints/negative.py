"""A file that must be refused, by whom it was made and with which code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple


class Negative(NamedTuple):
    """`make(path)` writes the file `<name><suffix>`; opening it must be refused with `code`."""

    name: str
    suffix: str
    code: str
    make: Callable[[Path], None]
