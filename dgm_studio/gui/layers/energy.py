"""The energy surface: a map with level lines, deep where the model expects points."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QPainter

from dgm_studio.core.arrays import Array
from dgm_studio.core.reports import Picture
from dgm_studio.gui.layers.contours import contours
from dgm_studio.gui.layers.heat import draw_heat, heat_image, with_alpha
from dgm_studio.gui.layers.layer import Legend
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.line_curve import CURVE, draw_curve, full_height, swatch
from dgm_studio.gui.layers.lines import draw_lines, line_pen
from dgm_studio.gui.layers.map import MapLayer
from dgm_studio.gui.theme.colormaps import density_map
from dgm_studio.gui.theme.theme import Theme

LEVELS = 9
CLIFF = 0.9
"""Quantile at which the scale ends: far from the data an energy climbs without bound and would flatten the rest."""


class EnergyLayer(MapLayer):
    """E(x) minus its least value in sight, low bright, with evenly spaced level lines."""

    id, title, token, z = "energy", "Energy", "accent", 5.0

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.lines: list[Array] = []
        self.top = 1.0

    def accept(self, picture: Picture) -> None:
        super().accept(picture)
        assert self.values is not None
        self.values = self.values - self.values.min()
        self.top = max(1e-6, float(np.quantile(self.values, CLIFF)))
        if self.is_curve:
            self.lines = []
            return
        levels = self.top * np.arange(1, LEVELS) / LEVELS
        self.lines = [line for level in levels for line in contours(self.values, float(level), self.map_box)]

    def draw(self, painter: QPainter, lens: Lens) -> None:
        assert self.values is not None
        if self.is_curve:
            pen = line_pen(self._theme.colour("dim"), CURVE * lens.scale)
            draw_curve(painter, lens, full_height(lens) * self.values / self.top, self.map_box, pen)
            return
        colours = density_map(lens.tokens)[::-1]
        draw_heat(painter, lens, heat_image(self.values, 0.0, self.top, with_alpha(colours, 0.75)), self.map_box)
        draw_lines(painter, lens, self.lines, line_pen(self._theme.colour("dim", 0.5), 1.0))

    def legend(self) -> Legend | None:
        if self.is_curve:
            return Legend("energy above its least", "0", f"{self.top:.2g}", swatch(self._theme.colour("dim")))
        return Legend("energy above its least", "0", f"{self.top:.2g}", density_map(self._theme.tokens)[::-1])


LAYER = EnergyLayer
