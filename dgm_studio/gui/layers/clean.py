"""Predicted clean points: where the model, from each particle's place, thinks the datum is. Hollow rings."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Ask, Box
from dgm_studio.gui.layers.layer import Layer
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.line_bars import draw_bars
from dgm_studio.gui.layers.lines import line_pen
from dgm_studio.gui.layers.reel import Reel
from dgm_studio.gui.theme.theme import Theme

RINGED = 400
"""Particles that get a ring: the first ones, as with tails; more would hide what is under them."""
CORNERS = 12
NOTHING = np.empty((0, 2), np.float32)


class CleanLayer(Layer):
    """Rings of `diameter` design pixels at E[x_1 | x_t] (n, 2) of a film's frame, where it was predicted; on a line a
    paler histogram."""

    id, title, token, z = "clean", "Clean", "sample", 72.0
    diameter = 7.0

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._reel = Reel()

    def wishes(self, box: Box, resolution: int, t: float, visible: Collection[str]) -> tuple[Ask, ...]:
        # It comes with the film.
        return ()

    def append(self, clean: Array | None) -> None:
        """The predictions (n, 2) of one more frame, None where it has none."""
        self._reel.append(NOTHING if clean is None else clean)
        self.changed()

    def clear(self) -> None:
        self._reel = Reel()
        self.changed()

    @property
    def frame_count(self) -> int:
        return len(self._reel.frames)

    def set_frame(self, index: int) -> None:
        if self._reel.seek(index):
            self.changed()

    def points(self) -> Array:
        """The predictions (n, 2) now shown, in model units."""
        shown = self._reel.shown()
        return NOTHING if shown is None else shown

    def has_content(self) -> bool:
        return len(self.points()) > 0

    def draw(self, painter: QPainter, lens: Lens) -> None:
        if self.points().shape[1] == 1:
            draw_bars(painter, lens, self.points(), [self._theme.colour(self.tint, 0.5)], filled=False)
            return
        at = lens.to_pixels(self.points()[:RINGED])
        angle = np.linspace(0, 2 * np.pi, CORNERS + 1)
        ring = 0.5 * self.diameter * lens.scale * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        lines = (at[:, None] + ring).reshape(-1, 2)
        connect = np.ones((len(at), CORNERS + 1), dtype=bool)
        connect[:, -1] = False
        painter.setPen(line_pen(self._theme.colour(self.tint, 0.95), lens.scale))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(pg.arrayToQPath(lines[:, 0], lines[:, 1], connect=connect.ravel(), finiteCheck=True))


LAYER = CleanLayer
