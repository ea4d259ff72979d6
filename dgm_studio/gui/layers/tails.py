"""Tails: where particles of a film have just been, fading backwards."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from PySide6.QtGui import QColor, QPainter

from dgm_studio.core.arrays import Array
from dgm_studio.gui.layers.colouring import Colouring, stretch
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.lines import draw_lines, line_pen

BANDS = 4
"""Steps of opacity: each is one path."""
FAINTEST = 0.35
"""Opacity of the oldest piece of a tail that is coloured by time, as a share of the newest one's."""


def tail_bands(frames: Sequence[Array], index: int, length: int, which: slice | Array) -> list[Array]:
    """Up to BANDS pieces (particles, points, 2), oldest first, of the last `length` steps up to frame
    `index`.

    Neighbouring pieces share a frame, so that the line has no gaps. `which` particles: start noise has no order, so
    that the first ones are a fair choice, and the same from frame to frame.
    """
    first = max(0, index - length)
    if index <= first:
        return []
    track = np.stack([frames[k][which] for k in range(first, index + 1)], axis=1)
    cuts = np.unique(np.linspace(0, index - first, BANDS + 1).round().astype(int))
    return [track[:, start : stop + 1] for start, stop in pairwise(cuts)]


def draw_tails(painter: QPainter, lens: Lens, bands: list[Array], colour: QColor, width: float = 1.0) -> None:
    """Pieces from `tail_bands`, the newest most opaque."""
    strong = colour.alphaF()
    for number, band in enumerate(bands, start=1):
        shade = QColor(colour)
        shade.setAlphaF(strong * number / len(bands))
        draw_lines(painter, lens, list(band), line_pen(shade, width * lens.scale))


def draw_grouped_tails(painter: QPainter, lens: Lens, bands: list[Array], colours: list[QColor], groups: Array) -> None:
    """The same with one of the `colours` for each particle: `groups` (particles,)."""
    for group in np.unique(groups):
        mine = groups == group
        draw_tails(painter, lens, [band[mine] for band in bands], colours[group])


def draw_timed_tails(
    painter: QPainter, lens: Lens, frames: Sequence[Array], times: Sequence[float], first: int, colours: list[QColor]
) -> None:
    """The ways (n, d) of `frames` from number `first` on, each stretch of `times` in its colour."""
    track = np.stack(frames[first:], axis=1)
    cuts = [first, *(k for k in range(first + 1, len(frames) - 1) if stretch(times[k]) != stretch(times[k - 1]))]
    for start, stop in pairwise([*cuts, len(frames) - 1]):
        shade = QColor(colours[stretch(times[start])])
        age = (stop - first) / (len(frames) - 1 - first)
        shade.setAlphaF(shade.alphaF() * (FAINTEST + (1 - FAINTEST) * age))
        draw_lines(painter, lens, list(track[:, start - first : stop - first + 1]), line_pen(shade, lens.scale))


def draw_ways(
    painter: QPainter,
    lens: Lens,
    frames: Sequence[Array],
    times: Sequence[float],
    length: int,
    which: slice | Array,
    colouring: tuple[Colouring, list[QColor]] | None,
    colour: QColor,
) -> None:
    """Tails of `which` particles over the last `length` steps of `frames` (n, d), in one colour or coloured."""
    index = len(frames) - 1
    groups = None if colouring is None or colouring[0].which is None else colouring[0].classes(len(frames[-1]), 0.0)
    if colouring is not None and colouring[0].which is None and len(times) >= len(frames) and length > 0 < index:
        first = max(0, index - length)
        ways = [frame if k < first else frame[which] for k, frame in enumerate(frames)]
        draw_timed_tails(painter, lens, ways, times, first, colouring[1])
    elif colouring is not None and groups is not None:
        draw_grouped_tails(painter, lens, tail_bands(frames, index, length, which), colouring[1], groups[which])
    else:
        draw_tails(painter, lens, tail_bands(frames, index, length, which), colour)
