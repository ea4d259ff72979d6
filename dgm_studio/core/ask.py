"""Asks: what a visible layer or read-out wants to see, frozen when it is asked."""

from __future__ import annotations

from dataclasses import dataclass

Box = tuple[float, float, float, float]
"""(x low, x high, y low, y high) in model units."""

LEARNED, EXACT, ERROR = "learned", "exact", "error"


@dataclass(frozen=True)
class Ask:
    """One view of a model: `view` names the file in lab/views, `variant` is learned, exact or error.

    `box` and `resolution` say where and how finely, `t` at which time of the clock (0 noise, 1 data).
    `count` is the number of particles where a view draws samples; `runner` which run of a race is meant.
    """

    view: str
    variant: str = LEARNED
    box: Box = (-4.0, 4.0, -4.0, 4.0)
    resolution: int = 64
    t: float = 1.0
    count: int = 2_000
    runner: int = 0

    @property
    def key(self) -> str:
        """One picture a key is kept: the newest."""
        key = self.view if self.variant == LEARNED else f"{self.view}:{self.variant}"
        return f"{key}#{self.runner}" if self.runner else key
