"""The course of a sentence into noise, as films: a drag of the time only shows another moment."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.unmasking import Corruption, TokenFilmReport, TokenStep, Unmasking
from dgm_studio.gui.panels.text.film import TokenFilm

FRAMES = 101
"""Moments of the course, from t = 1 (clean) to t = 0."""
NO_MASK = -2
"""No id is this: the uniform chain has no masks."""


def courses(noise: Corruption, schedule: str, report: TokenFilmReport) -> tuple[TokenFilm, TokenFilm]:
    """Both chains from t = 1 to t = 0 as films of FRAMES moments, in the words of `report`."""
    length = len(noise.clean)
    made = []
    for which in (0, 1):
        masks = which == 0
        film = TokenFilm(
            TokenFilmReport(
                "", "masked" if masks else "uniform", report.words, report.glue, report.mask if masks else NO_MASK,
                frozen(np.zeros(length, dtype=bool)), Unmasking(), 0, FRAMES - 1,
            )
        )  # fmt: skip
        before: Array = noise.clean
        for frame in range(FRAMES):
            ids = noise.at(1.0 - frame / (FRAMES - 1), schedule)[which]
            if masks and report.mask != noise.mask:
                ids = frozen(np.where(ids == noise.mask, report.mask, ids))
            film.add(_step(frame, ids, before, noise.clean))
            before = ids
        made.append(film)
    return made[0], made[1]


def _step(frame: int, ids: Array, before: Array, clean: Array) -> TokenStep:
    length, changed = len(ids), ids != clean
    nothing = np.empty(0, dtype=np.int64)
    return TokenStep(
        step=frame, ids=ids, mask_rate=float(changed.mean()), revealed=np.flatnonzero(ids != before), remasked=nothing,
        probability=changed.astype(np.float32), entropy=np.zeros(length, dtype=np.float32),
        top_ids=np.full((length, 5), -1), top_probabilities=np.zeros((length, 5), dtype=np.float32), calls=0,
    )  # fmt: skip
