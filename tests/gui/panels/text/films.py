"""Token films by hand: a sentence of seven positions that is restored in three steps."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.unmasking import TokenFilmReport, TokenStep, Unmasking
from dgm_studio.gui.panels.text.film import TokenFilm

WORDS = ("And", "he", "said", ",", "Go", "↵", "forth", "___")
MASK = 7


def report(length: int = 5, locked: tuple[int, ...] = (0,), steps: int = 3) -> TokenFilmReport:
    glue = np.array([word in (",", "↵") for word in WORDS])
    mine = np.isin(np.arange(length), locked)
    return TokenFilmReport("Hand", "masked", WORDS, glue, MASK, mine, Unmasking(), 0, steps)


def step(
    number: int, ids: tuple[int, ...], revealed: tuple[int, ...] = (), remasked: tuple[int, ...] = (), guess: int = 2
) -> TokenStep:
    length = len(ids)
    left = ids.count(MASK) / max(1, length - 1)
    return TokenStep(
        number, np.array(ids), left, np.array(revealed, dtype=int), np.array(remasked, dtype=int),
        np.linspace(0.1, 0.9, length), np.linspace(0.0, 2.0, length),
        np.tile(np.array([guess, 3, 4, 1, 0]), (length, 1)), np.tile(np.array([0.5, 0.2, 0.1, 0.1, 0.1]), (length, 1)),
        number,
    )  # fmt: skip


def film() -> TokenFilm:
    """And ___ ___ ___ ___ → And he ___ , ___ → And ___ said , ___ (he is masked again) → And he said , Go."""
    made = TokenFilm(report())
    made.add(step(0, (0, 7, 7, 7, 7)))
    made.add(step(1, (0, 1, 7, 3, 7), (1, 3)))
    made.add(step(2, (0, 7, 2, 3, 7), (2,), (1,)))
    made.add(step(3, (0, 1, 2, 3, 4), (1, 4)))
    return made
