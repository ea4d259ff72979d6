"""The position-by-step map as a picture: one row a step, one column a position, cells with a hairline between."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage

from dgm_studio.core.arrays import Array
from dgm_studio.gui.panels.text.film import TokenFilm
from dgm_studio.gui.theme.colormaps import density_map, heat_map
from dgm_studio.gui.theme.oklab import mix, rgb
from dgm_studio.gui.theme.tokens import Tokens

FIRST_TINT = 70
"""Of 255, on the density map: a token revealed at the first step; the last ones are the accent itself."""
LEAST_FOR_GAP = 4
"""Pixels a cell must be wide, or high, to be parted from its neighbours."""


def colours(film: TokenFilm, kind: str, tokens: Tokens) -> Array:
    """Of every step and position (moments, L, 3), uint8: by step of revelation, or by "entropy"."""
    since = film.since_map()
    if kind == "entropy":
        entropy = film.entropy_map()
        open_ = since != -2
        high = float(entropy[open_].max(initial=0.0)) or 1.0
        found = heat_map(tokens)[np.clip(255 * entropy / high, 0, 255).astype(int)]
    else:
        last = max(1, film.moments[-1].at.step)
        place = FIRST_TINT + (255 - FIRST_TINT) * np.clip(since, 0, None) / last
        found = density_map(tokens)[place.astype(int)].copy()
        found[since == -1] = _byte(mix(tokens.line, tokens.faint, 0.25))
        found[film.again_map()] = _byte(tokens.error)
    found = found.copy()
    found[since == -2] = _byte(tokens.raised)
    return np.asarray(found)


def picture(cells: Array, width: int, height: int, ground: str) -> QImage:
    """Cells (rows, columns, 3) on `width` x `height` pixels, the ground between them where there is room."""
    rows, row_gaps = _spread(len(cells), height)
    columns, column_gaps = _spread(cells.shape[1], width)
    pixels = cells[rows][:, columns]
    pixels[row_gaps] = _byte(ground)
    pixels[:, column_gaps] = _byte(ground)
    made = QImage(np.ascontiguousarray(pixels).data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return made.convertToFormat(QImage.Format.Format_RGB32)  # a copy, and painted without converting


def _spread(count: int, room: int) -> tuple[Array, Array]:
    """Which of `count` cells each of `room` pixels shows, and which pixels are the gap before the next cell."""
    which = np.arange(room) * count // max(1, room)
    gaps = np.zeros(room, dtype=bool)
    if room >= LEAST_FOR_GAP * count:
        gaps[:-1] = which[1:] != which[:-1]
    return which, gaps


def _byte(colour: str) -> Array:
    return np.round(255 * rgb(colour)).astype(np.uint8)
