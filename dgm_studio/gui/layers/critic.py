"""The critic's map D(x): towards one colour where it says real, towards the other where it says made."""

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
from dgm_studio.gui.theme.colormaps import diverging_map
from dgm_studio.gui.theme.theme import Theme

STRENGTH = 0.4


class CriticLayer(MapLayer):
    """D(x) in [0, 1], or a Wasserstein critic's values around their middle, with the line where it cannot tell."""

    id, title, token, z = "critic", "Critic", "exact", 10.0

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.undecided: list[Array] = []
        self.range = (0.0, 1.0)

    def accept(self, picture: Picture) -> None:
        super().accept(picture)
        self.range = low, high = picture.numbers.get("low", 0.0), picture.numbers.get("high", 1.0)
        values = picture.arrays["values"]
        self.undecided = [] if self.is_curve else contours(values, (low + high) / 2, picture.ask.box)

    def draw(self, painter: QPainter, lens: Lens) -> None:
        assert self.values is not None
        if self.is_curve:
            low, high = self.range
            height = full_height(lens) * (self.values - low) / max(high - low, 1e-9)
            undecided = np.array([(x, full_height(lens) / 2) for x in self.map_box[:2]])
            draw_lines(painter, lens, [undecided], line_pen(self._theme.colour("faint", 0.7), lens.scale))
            draw_curve(painter, lens, height, self.map_box, line_pen(self._theme.colour("text"), CURVE * lens.scale))
            return
        colours = diverging_map(lens.tokens)
        # Clear in the middle, so that what lies below is seen where the critic has no opinion.
        alpha = STRENGTH * np.abs(np.linspace(-1, 1, len(colours))) ** 0.7
        draw_heat(painter, lens, heat_image(self.values, *self.range, with_alpha(colours, alpha)), self.map_box)
        draw_lines(painter, lens, self.undecided, line_pen(self._theme.colour("text"), lens.scale))

    def legend(self) -> Legend | None:
        low, high = self.range
        colours = diverging_map(self._theme.tokens)
        if self.is_curve:
            colours = swatch(self._theme.colour("text"))
        if (low, high) == (0.0, 1.0):
            return Legend("critic D(x)", "0 made", "1 real", colours)
        return Legend("critic f(x) − middle", f"{low:.2g} made", f"+{high:.2g} real", colours)


LAYER = CriticLayer
