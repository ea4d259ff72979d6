"""The model's density: a glow from the stage to the accent."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QPainter

from dgm_studio.gui.layers.exact import PLAIN
from dgm_studio.gui.layers.heat import draw_heat, heat_image, with_alpha
from dgm_studio.gui.layers.layer import Legend
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.line_curve import CURVE, draw_curve, swatch
from dgm_studio.gui.layers.lines import line_pen
from dgm_studio.gui.layers.map import MapLayer
from dgm_studio.gui.theme.colormaps import density_map

GLOW = 175
"""The map's last entry that is used, of 255: dots and arrows have to stand out against the densest place."""


class DensityLayer(MapLayer):
    """p(x) from 0 to its largest value in sight."""

    id, title, token, z = "density", "Density", "accent", 0.0

    @property
    def top(self) -> float:
        """The largest finite value, the end of the scale."""
        if self.values is None:
            return 0.0
        return float(np.max(self.values, initial=0.0, where=np.isfinite(self.values)))

    def draw(self, painter: QPainter, lens: Lens) -> None:
        assert self.values is not None
        if self.is_curve:
            pen = line_pen(self._theme.colour(self.token), CURVE * lens.scale)
            draw_curve(painter, lens, self.values, self.map_box, pen)
            return
        colours = density_map(lens.tokens)[np.linspace(0, GLOW, 256).astype(int)]
        draw_heat(painter, lens, heat_image(self.values, 0.0, self.top, with_alpha(colours, 1.0)), self.map_box)

    def legend(self) -> Legend | None:
        title = self.note if self.note.startswith(PLAIN) else f"density {self.note}".strip()
        if self.is_curve:
            return Legend(title, "", "", swatch(self._theme.colour(self.token)))  # the axis is its scale
        return Legend(title, "0", f"{self.top:.2g}", density_map(self._theme.tokens)[: GLOW + 1])


LAYER = DensityLayer
