"""Tails: where particles of a film have just been, fading backwards."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from PySide6.QtGui import QColor, QPainter

from dgm_studio.core.arrays import Array
from dgm_studio.gui.layers.colouring import Ink
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.lines import draw_lines, line_pen

BANDS = 4
"""Steps of opacity: each is one path."""


def ways(frames: Sequence[Array], index: int, length: int, which: slice | Array) -> Array:
    """(particles, points, 2): the last `length` steps up to frame `index` of `which` particles.

    The first ones are a fair choice, for start noise has no order, and the same from frame to frame.
    """
    if not frames:
        return np.empty((0, 0, 2))
    return np.stack([frames[k][which] for k in range(max(0, index - length), index + 1)], axis=1)


def draw_ways(
    painter: QPainter, lens: Lens, track: Array, ink: Ink, *, fading: bool = True, width: float = 1.0
) -> None:
    """Ways (particles, points, 2), `fading` backwards but where each group has a colour of its own: what fades is cut
    into pieces, and each piece of each colour costs a path."""
    last = track.shape[1] - 1
    fading = fading and ink.groups is None
    whole = last > 0 and not fading and ink.steps is None
    for start, stop in pairwise([0, last] if whole else cuts(last, ink.steps)):
        strength = max(1 / BANDS, stop / last) if fading else 1.0
        # Neighbouring pieces share a point, so that the line has no gaps.
        piece = track[:, start : stop + 1]
        if ink.groups is None:
            shade = ink.colours[0 if ink.steps is None else int(ink.steps[start])]
            _draw(painter, lens, piece, shade, strength, width)
            continue
        for group in np.unique(ink.groups):
            _draw(painter, lens, piece[ink.groups == group], ink.colours[int(group)], strength, width)


def cuts(last: int, steps: Array | None = None) -> list[int]:
    """Where ways of points 0 to `last` are cut into pieces of one opacity and one colour; [] where there is no step."""
    if last < 1:
        return []
    if steps is None:
        return sorted({round(k * last / BANDS) for k in range(BANDS + 1)})
    return [0, *(1 + np.flatnonzero(np.diff(steps[:last]))).tolist(), last]


def _draw(painter: QPainter, lens: Lens, lines: Array, colour: QColor, strength: float, width: float) -> None:
    shade = QColor(colour)
    shade.setAlphaF(colour.alphaF() * strength)
    draw_lines(painter, lens, list(lines), line_pen(shade, width * lens.scale))
