"""The warped grid: a regular net over the noise, carried by the model to the data."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from PySide6.QtGui import QPainter

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Ask, Box
from dgm_studio.core.reports import Picture
from dgm_studio.gui.layers.layer import Layer
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.lines import draw_lines, line_pen
from dgm_studio.gui.theme.theme import Theme


class GridLayer(Layer):
    """Frames (F, lines, points, 2) from noise to data. Moving the pointer across the stage replays the
    warp."""

    id, title, token, z = "grid", "Grid", "faint", 20.0

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._frames: Array | None = None
        self.fraction = 1.0

    def wishes(self, box: Box, resolution: int, t: float, visible: Collection[str]) -> tuple[Ask, ...]:
        return (Ask("grid"),)

    def accept(self, picture: Picture) -> None:
        self._frames = picture.arrays["frames"]
        self.changed()

    def clear(self) -> None:
        self._frames = None
        self.changed()

    def has_content(self) -> bool:
        return self._frames is not None

    @property
    def frame_count(self) -> int:
        return len(self._frames) if self._frames is not None else 0

    def set_frame(self, index: int) -> None:
        if self.frame_count > 1:
            self.replay(index / (self.frame_count - 1))

    def hover(self, fraction: float | None) -> None:
        self.replay(1.0 if fraction is None else fraction)

    def replay(self, fraction: float) -> None:
        """Show the net that far on its way: 0 over the noise, 1 over the data."""
        fraction = min(1.0, max(0.0, fraction))
        if fraction != self.fraction:
            self.fraction = fraction
            self.changed()

    def lines(self) -> Array | None:
        """The net (lines, points, 2) now shown, in model units: between two frames in proportion."""
        if self._frames is None:
            return None
        place = self.fraction * (len(self._frames) - 1)
        before = int(place)
        after = min(before + 1, len(self._frames) - 1)
        share = place - before
        return np.asarray(self._frames[before] * (1 - share) + self._frames[after] * share)

    def draw(self, painter: QPainter, lens: Lens) -> None:
        lines = self.lines()
        assert lines is not None
        draw_lines(painter, lens, list(lines), line_pen(self._theme.colour("text", 0.42), lens.scale))


LAYER = GridLayer
