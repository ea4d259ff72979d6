"""Where each token's cell stands: widths that hold for the whole film, so that nothing jumps while one scrubs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from PySide6.QtCore import QRect

from dgm_studio.core.arrays import Array
from dgm_studio.gui.panels.text.film import TokenFilm


@dataclass(frozen=True)
class Size:
    """Of cells, in design pixels: letters, least width, height, padding, gaps within and between rows."""

    letters: float
    least: float
    high: float
    padding: float
    gap: float
    tight: float
    row_gap: float


WORD_SIZES = (
    Size(23, 30, 48, 28, 10, 4, 16),
    Size(19, 26, 40, 24, 9, 3, 14),
    Size(17, 24, 35, 20, 7, 3, 9),
    Size(15, 20, 30, 15, 5, 2, 7),
    Size(13, 17, 26, 11, 4, 2, 5),
)
CHARACTER_SIZES = (Size(19, 19, 36, 5, 1, 1, 9), Size(17, 17, 32, 4, 1, 1, 7), Size(15, 14, 26, 3, 1, 1, 4))
"""Largest first; characters stand without gaps, as letters do."""
NEWLINES = ("↵",)


class Ruler(Protocol):
    """Measures as the theme is now."""

    def px(self, size: float) -> int:
        """Design pixels as pixels."""

    def wide(self, word: str, letters: float) -> int:
        """How wide a word is in letters of that size."""


@dataclass(frozen=True)
class Places:
    """A rectangle for each position in logical pixels, the height of all, and the size chosen."""

    cells: tuple[QRect, ...]
    height: int
    size: Size

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


def place(film: TokenFilm, width: int, room: int, look: Ruler, *, tiny: bool = False) -> Places:
    """Rows of cells from the left within `width`, in the largest size with which they are at most `room` high, the
    smallest only where they may be `tiny`."""
    stood = widest(film)
    found = None
    sizes = CHARACTER_SIZES if characters(film) else WORD_SIZES
    for size in sizes if tiny else sizes[:-1]:
        found = _place(film, stood, width, size, look)
        if found.height <= room:
            break
    assert found is not None
    return found


def _place(film: TokenFilm, stood: list[set[str]], width: int, size: Size, look: Ruler) -> Places:
    """A newline ends its row."""
    px, glue = look.px, np.asarray(film.report.glue, dtype=bool)
    least, high, padding = px(size.least), px(size.high), px(size.padding)
    cells: list[QRect] = []
    x = y = 0
    broken = False
    for position, words in enumerate(stood):
        letters = (look.wide(word, size.letters) + padding for word in words if word not in NEWLINES)
        wide = min(width, max([least, *letters]))
        token = int(film.final[position]) if len(film.final) else -1
        glued = 0 <= token < len(glue) and bool(glue[token])
        gap = px(size.tight if glued else size.gap)
        if position and (broken or x + gap + wide > width):
            x, y = 0, y + high + px(size.row_gap)
        elif position:
            x += gap
        cells.append(QRect(x, y, wide, high))
        x += wide
        broken = film.word(token) in NEWLINES
    return Places(tuple(cells), y + high if cells else 0, size)
