"""One line of the table of measurements."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """What was measured, what was asked ("at least N", "at most N", "" where nothing was), what was found,
    and the unit of both."""

    name: str
    asked: str
    got: float
    unit: str

    @property
    def ok(self) -> bool | None:
        """Whether what was asked was got; None where nothing was asked."""
        if not self.asked:
            return None
        which, _, limit = self.asked.rpartition(" ")
        return self.got >= float(limit) if which == "at least" else self.got <= float(limit)
