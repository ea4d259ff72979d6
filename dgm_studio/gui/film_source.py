"""What a panel hands to the export dialog: its film, and how to show one frame of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dgm_studio.core.film import Film


@dataclass(frozen=True)
class FilmSource:
    """`film` makes the arrays, in the data's own units; `show(index)` brings the stage to a frame, `index` is now."""

    film: Callable[[], Film]
    frames: int
    index: int
    show: Callable[[int], None]
