"""One line of the table of measurements."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """What was measured, what was asked ("" where nothing was), what was found, and the unit of both."""

    name: str
    asked: str
    got: float
    unit: str
