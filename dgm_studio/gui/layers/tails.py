"""Tails: where particles of a film have just been, fading backwards."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from PySide6.QtGui import QColor, QPainter

from dgm_studio.core.arrays import Array
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.lines import draw_lines, line_pen

BANDS = 4
"""Steps of opacity: each is one path."""


def tail_bands(frames: Sequence[Array], index: int, length: int, particles: int) -> list[Array]:
    """Up to BANDS pieces (particles, points, 2), oldest first, of the last `length` steps up to frame
    `index`.

    Neighbouring pieces share a frame, so that the line has no gaps. Particles are the first ones: start noise
    has no order, so that they are a fair choice, and the same from frame to frame.
    """
    first = max(0, index - length)
    if index <= first:
        return []
    track = np.stack([frames[k][:particles] for k in range(first, index + 1)], axis=1)
    cuts = np.unique(np.linspace(0, index - first, BANDS + 1).round().astype(int))
    return [track[:, start : stop + 1] for start, stop in pairwise(cuts)]


def draw_tails(painter: QPainter, lens: Lens, bands: list[Array], colour: QColor, width: float = 1.0) -> None:
    """Pieces from `tail_bands`, the newest most opaque."""
    strong = colour.alphaF()
    for number, band in enumerate(bands, start=1):
        shade = QColor(colour)
        shade.setAlphaF(strong * number / len(bands))
        draw_lines(painter, lens, list(band), line_pen(shade, width * lens.scale))
