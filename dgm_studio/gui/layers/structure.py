"""What only this family has, over the samples: components with ellipses, codes with their cells, bins, a latent line.

Which group each training point belongs to is the data layer's to colour, while this one is on."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPen

from dgm_studio.core.arrays import Array
from dgm_studio.core.reports import Picture
from dgm_studio.gui.layers.layer import Layer
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.line_room import at_level, spread
from dgm_studio.gui.layers.lines import draw_lines, line_pen
from dgm_studio.gui.theme.theme import Theme

LEAST_DOT, MOST_DOT = 5.0, 13.0
"""Diameters in design pixels of a place that weighs nothing, and of the one that weighs most."""


class StructureLayer(Layer):
    """Lines and weighted dots. On a line: lines under the axis, each on a level of its own, and dots on it."""

    id, title, token, z = "structure", "Structure", "exact", 72.0

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.lines: list[Array] = []
        self.dots: tuple[Array, Array] | None = None

    def accept(self, picture: Picture) -> None:
        arrays = picture.arrays
        self.lines = np.split(arrays["line"], np.cumsum(arrays["labels"])[:-1]) if "line" in arrays else []
        self.dots = (arrays["dots"], arrays["weights"]) if "dots" in arrays else None
        self.changed()

    def clear(self) -> None:
        self.lines, self.dots = [], None
        self.changed()

    def has_content(self) -> bool:
        return bool(self.lines) or self.dots is not None

    def draw(self, painter: QPainter, lens: Lens) -> None:
        lines = self.lines
        if lines and lines[0].shape[1] == 1:
            lines = [at_level(lens, x, level) for x, level in zip(lines, spread(len(lines)), strict=True)]
        self._draw_lines_and_dots(painter, lens, lines)

    def _draw_lines_and_dots(self, painter: QPainter, lens: Lens, lines: list[Array]) -> None:
        colour = self._theme.colour(self.token)
        draw_lines(painter, lens, lines, line_pen(self._theme.colour(self.token, 0.8), 1.2 * lens.scale))
        if self.dots is None:
            return
        places, weights = self.dots
        if places.shape[1] == 1:
            places = at_level(lens, places, 0.0)
        most = float(weights.max()) if len(weights) else 1.0
        painter.setPen(QPen(self._theme.colour("stage"), 1.5 * lens.scale))
        painter.setBrush(colour)
        for (x, y), weight in zip(lens.to_pixels(places), weights, strict=True):
            size = lens.scale * (LEAST_DOT + (MOST_DOT - LEAST_DOT) * float(np.sqrt(weight / most if most else 0.0)))
            painter.drawEllipse(QPointF(x, y), size / 2, size / 2)
        painter.setBrush(Qt.BrushStyle.NoBrush)


LAYER = StructureLayer
