"""What a panel hands to the export dialog: its film, and how to show one frame of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from dgm_studio.core.arrays import frozen
from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.film import Film


@dataclass(frozen=True)
class FilmSource:
    """`film` makes the arrays, in the data's own units; `show(index)` brings the stage to a frame.

    `index` is the frame shown now.

    `ready()` says whether all that is visible has been drawn for the frame shown last.
    """

    film: Callable[[], Film]
    frames: int
    index: int
    show: Callable[[int], None]
    ready: Callable[[], bool] = lambda: True


def film_in_data_units(film: Film, data: DataSpec | None) -> Film:
    """A film in model units as a person's own points are measured; named data sets, and models without data, are in
    these already."""
    if data is None or data.points is None:
        return film
    units = data.points.normalisation
    clean = None if film.x1_hat is None else frozen(units.to_data(film.x1_hat))
    return replace(film, x=frozen(units.to_data(film.x)), x1_hat=clean)
