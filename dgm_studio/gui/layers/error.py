"""The difference between learned and exact: a map in the error colours, hatched where it is large."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import ERROR, Ask, Box
from dgm_studio.core.reports import Picture
from dgm_studio.gui.layers.exact import LEARNED_VIEWS
from dgm_studio.gui.layers.heat import draw_heat, heat_image, with_alpha
from dgm_studio.gui.layers.layer import Legend
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.map import MapLayer
from dgm_studio.gui.theme.colormaps import diverging_map

SIGNED = ("density", "critic")
STRENGTH = 0.75
HATCH_FROM = 0.3
"""Hatched where the difference is more than this share of the largest."""
TITLES = {
    "density": "density, learned − exact",
    "critic": "critic, learned − exact",
    "velocity": "velocity, |learned − exact|",
    "score": "score, |learned − exact|",
}


class ErrorLayer(MapLayer):
    """The `:error` variant of the lowest learned layer that is on. Too much is error-coloured and hatched /, too little
    (of a signed difference) exact-coloured and hatched \\; a magnitude is error-coloured throughout."""

    id, title, token, z = "error", "Error", "error", 15.0

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.view = "density"

    def wishes(self, box: Box, resolution: int, t: float, visible: Collection[str]) -> tuple[Ask, ...]:
        # One map at a time: two differences over each other say nothing.
        view = next((view for view in LEARNED_VIEWS if view in visible), "density")
        if view != self.view:
            self.view = view
            self.clear()
        return (Ask(view, ERROR, box, resolution, t),)

    def wants(self, key: str) -> bool:
        return key == f"{self.view}:{ERROR}"

    @property
    def top(self) -> float:
        """The largest magnitude in sight, the end of the scale."""
        if self.values is None:
            return 0.0
        size = np.abs(self.values)
        return float(np.max(size, initial=0.0, where=np.isfinite(size)))

    def draw(self, painter: QPainter, lens: Lens) -> None:
        assert self.values is not None
        reach = self.top or 1.0
        share = np.linspace(-1.0, 1.0, 256)
        picture = heat_image(self.values, -reach, reach, with_alpha(self._colours(), STRENGTH * np.abs(share) ** 0.8))
        draw_heat(painter, lens, picture, self.map_box)
        line = self._theme.colour("text", 0.55)
        for sign, pattern in ((1, Qt.BrushStyle.BDiagPattern), (-1, Qt.BrushStyle.FDiagPattern)):
            self._hatch(painter, lens, (sign * share > HATCH_FROM).astype(float), reach, QBrush(line, pattern))

    def _hatch(self, painter: QPainter, lens: Lens, alpha: Array, reach: float, brush: QBrush) -> None:
        """Fill with the pattern where the value's table entry is opaque."""
        assert self.values is not None
        white = np.full((256, 3), 255, dtype=np.uint8)
        mask = heat_image(self.values, -reach, reach, with_alpha(white, alpha))
        left, top, width, height = lens.rectangle(self.map_box)
        sheet = QImage(*lens.device_size, QImage.Format.Format_ARGB32_Premultiplied)
        sheet.setDevicePixelRatio(lens.ratio)
        sheet.fill(QColor(0, 0, 0, 0))
        inner = QPainter(sheet)
        inner.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        inner.drawImage(QRectF(left - lens.left, top - lens.top, width, height), mask)
        inner.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
        inner.fillRect(QRectF(0, 0, lens.width, lens.height), brush)
        inner.end()
        painter.drawImage(QRectF(lens.left, lens.top, lens.width, lens.height), sheet)

    def _colours(self) -> Array:
        """From -reach to reach: too little is exact-coloured, too much error-coloured."""
        return diverging_map(self._theme.tokens)[::-1]

    def legend(self) -> Legend | None:
        colours = self._colours()
        if self.view in SIGNED:
            return Legend(TITLES[self.view], f"−{self.top:.2g}", f"+{self.top:.2g}", colours)
        return Legend(TITLES[self.view], "0", f"{self.top:.2g}", colours[128:])


LAYER = ErrorLayer
