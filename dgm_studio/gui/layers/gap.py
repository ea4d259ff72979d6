"""The error to the exact path: from each particle to where the known truth would have carried it."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from PySide6.QtGui import QPainter

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Ask, Box
from dgm_studio.gui.layers.layer import Layer
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.line_room import at_level, spread
from dgm_studio.gui.layers.lines import line_pen, segments_path
from dgm_studio.gui.splat import draw_cloud
from dgm_studio.gui.theme.theme import Theme

SHOWN = 300
"""Particles whose error is drawn: the first ones, as with tails."""
DOT = 3.0
ROWS, ON_LINE = 12, 60
"""Of data on a line: levels that the particles take turns on, and how many there is room for."""


class GapLayer(Layer):
    """Two films of the same start noise: x (n, d) and `truth` (n, d), each frame by frame."""

    id, title, token, z = "gap", "Path error", "error", 71.0

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._films: tuple[list[Array], list[Array | None]] = ([], [])
        self._index = 0

    def wishes(self, box: Box, resolution: int, t: float, visible: Collection[str]) -> tuple[Ask, ...]:
        # Both are films of their own.
        return ()

    def append(self, x: Array) -> None:
        """One more frame of the film."""
        self._films[0].append(x)
        self.changed()

    def append_truth(self, x: Array) -> None:
        """One more frame of the exact film."""
        self._films[1].append(x)
        self.changed()

    def clear_truth(self, unknown: int = 0) -> None:
        """Another exact film begins, after so many frames that have none."""
        self._films = (self._films[0], [None] * unknown)
        self.changed()

    def clear(self) -> None:
        self._films = ([], [])
        self.changed()

    @property
    def frame_count(self) -> int:
        return min(len(self._films[0]), len(self._films[1]))

    def set_frame(self, index: int) -> None:
        if index != self._index:
            self._index = index
            self.changed()

    def pair(self, index: int | None = None) -> tuple[Array, Array] | None:
        """Where the particles are and where they would be (n, d) at a frame, by itself the one shown; None until both
        are known."""
        at = self._index if index is None else index
        if not 0 <= at < self.frame_count:
            return None
        here, there = self._films[0][at], self._films[1][at]
        return None if there is None or len(here) != len(there) else (here, there)

    def has_content(self) -> bool:
        return self.pair() is not None

    def rms(self, index: int | None = None) -> float | None:
        """sqrt(mean |x - truth|^2) over all particles of a frame, in model units."""
        pair = self.pair(index)
        if pair is None:
            return None
        gap = np.asarray(pair[0], dtype=np.float64) - pair[1]
        return float(np.sqrt(np.mean(np.sum(gap**2, axis=1))))

    def draw(self, painter: QPainter, lens: Lens) -> None:
        pair = self.pair()
        assert pair is not None
        here, there = (one[:SHOWN] for one in pair)
        if here.shape[1] == 1:
            here, there = here[:ON_LINE], there[:ON_LINE]
            level = spread(ROWS)[np.arange(len(here)) % ROWS]
            here, there = at_level(lens, here, level), at_level(lens, there, level)
        painter.setPen(line_pen(self._theme.colour(self.token, 0.9), lens.scale))
        painter.drawPath(segments_path(np.stack([lens.to_pixels(here), lens.to_pixels(there)], axis=1)))
        draw_cloud(painter, lens, there, DOT, [self._theme.colour("exact", 0.95)])


LAYER = GapLayer
