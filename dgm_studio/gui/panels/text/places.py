"""Where each token's cell stands: widths that hold for the whole film, so that nothing jumps while one scrubs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRect

from dgm_studio.core.arrays import Array
from dgm_studio.gui.panels.text.film import TokenFilm

LEAST_WIDTH, CELL_HEIGHT = 26, 40
"""Of a cell of words, design pixels."""
PADDING, GAP, TIGHT, ROW_GAP = 24, 9, 3, 14
SMALL_WIDTH, SMALL_HEIGHT, SMALL_PADDING = 15, 30, 4
"""Of a cell of one character: they stand without gaps, as letters do."""
NEWLINES = ("↵",)


@dataclass(frozen=True)
class Places:
    """A rectangle for each position in logical pixels, and the height of all."""

    cells: tuple[QRect, ...]
    height: int
    small: bool

    def at(self, x: int, y: int) -> int:
        """The position under a point, -1 for none."""
        return next((place for place, cell in enumerate(self.cells) if cell.contains(x, y)), -1)

    def beside(self, position: int, down: int) -> int:
        """The position nearest below (1) or above (-1), the same where there is none."""
        here = self.cells[position]
        rows = sorted({cell.y() for cell in self.cells})
        row = rows.index(here.y()) + down
        if not 0 <= row < len(rows):
            return position
        line = [place for place, cell in enumerate(self.cells) if cell.y() == rows[row]]
        return min(line, key=lambda place: abs(self.cells[place].center().x() - here.center().x()))


def characters(film: TokenFilm) -> bool:
    """Whether the tokens are single characters."""
    return max(map(len, film.report.words[: max(1, len(film.report.words) - (film.report.mask >= 0))])) <= 1


def widest(film: TokenFilm) -> list[set[str]]:
    """Every word that ever stood at each position; where none ever did, the network's last best guess."""
    if not film.moments:
        return [set() for _ in range(film.length)]
    ids = np.stack([np.asarray(moment.at.ids) for moment in film.moments])
    guesses = np.asarray(film.moments[-1].at.top_ids)
    found = []
    for position in range(film.length):
        stood: Array = np.unique(ids[:, position])
        shown = {film.word(int(token)) for token in stood if token != film.report.mask}
        found.append(shown or {film.word(int(guesses[position, 0]))})
    return found


def place(film: TokenFilm, width: int, measure: Callable[[str], int], px: Callable[[float], int]) -> Places:
    """Rows of cells from the left within `width`; a newline ends its row. `measure(word)` is its width in pixels."""
    small = characters(film)
    least, high = px(SMALL_WIDTH if small else LEAST_WIDTH), px(SMALL_HEIGHT if small else CELL_HEIGHT)
    room = px(SMALL_PADDING if small else PADDING)
    glue = np.asarray(film.report.glue, dtype=bool)
    cells: list[QRect] = []
    x = y = 0
    broken = False
    for position, stood in enumerate(widest(film)):
        wide = min(width, max([least, *(measure(word) + room for word in stood if word not in NEWLINES)]))
        token = int(film.final[position]) if len(film.final) else -1
        glued = 0 <= token < len(glue) and bool(glue[token])
        gap = 1 if small else px(TIGHT if glued else GAP)
        if position and (broken or x + gap + wide > width):
            x, y = 0, y + high + px(ROW_GAP if not small else ROW_GAP / 2)
        elif position:
            x += gap
        cells.append(QRect(x, y, wide, high))
        x += wide
        broken = film.word(token) in NEWLINES if token >= 0 else False
    return Places(tuple(cells), y + high if cells else 0, small)
