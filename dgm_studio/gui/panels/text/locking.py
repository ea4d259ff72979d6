"""Locking a word, and unlocking it: what the next film begins with."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.gui.panels.text.film import TokenFilm


def start_with(film: TokenFilm, index: int, position: int) -> Array:
    """Ids (L,): locked words, the mask (-1 where the model has none) elsewhere; `position` is turned round: locked with
    the word that stands there after the step at `index`, or no longer."""
    ids, locked = np.asarray(film.moments[index].at.ids), film.locked.copy()
    locked[position] = not locked[position]
    return frozen(np.where(locked, ids, film.report.mask).astype(np.int32))
