"""The difference between learned and exact: a map in the error colours, hatched where it is large."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QPainter

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import ERROR, Ask, Box
from dgm_studio.core.reports import Picture
from dgm_studio.gui.layers.contours import contours
from dgm_studio.gui.layers.exact import LEARNED_VIEWS
from dgm_studio.gui.layers.heat import draw_heat, heat_image, with_alpha
from dgm_studio.gui.layers.layer import Legend
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.line_curve import draw_area, full_height
from dgm_studio.gui.layers.lines import lines_path
from dgm_studio.gui.layers.map import MapLayer
from dgm_studio.gui.theme.colormaps import diverging_map
from dgm_studio.gui.theme.theme import Theme

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
    """The `:error` variant of the lowest learned layer that is on. Too much is error-coloured and hatched /,
    too little (of a signed difference) exact-coloured and hatched \\; a magnitude is error-coloured
    throughout."""

    id, title, token, z = "error", "Error", "error", 15.0

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.view = "density"
        self.base: Array | None = None
        """The exact curve (r,) that a line's difference stands on; None where it stands on the axis."""
        self.referred = False
        """Whether the difference is to a reference from samples, where no closed form is known."""
        self._large: tuple[list[Array], list[Array]] = ([], [])

    def wishes(self, box: Box, resolution: int, t: float, visible: Collection[str]) -> tuple[Ask, ...]:
        # One map at a time: two differences over each other say nothing.
        return (Ask(self.view, ERROR, box, resolution, t),)

    def heed(self, visible: Collection[str]) -> None:
        view = next((view for view in LEARNED_VIEWS if view in visible), "density")
        if view != self.view:
            self.view = view
            self.clear()

    def wants(self, key: str) -> bool:
        return key == f"{self.view}:{ERROR}"

    def accept(self, picture: Picture) -> None:
        super().accept(picture)
        self.base = picture.arrays.get("exact")
        self.referred = self.view != "critic" and "floor" in picture.numbers
        if self.is_curve:
            return
        # Found once for a picture, not once for a painting.
        values, box = _ringed(picture.arrays["values"], picture.ask.box)
        level = HATCH_FROM * self.top
        self._large = (contours(values, level, box), contours(-values, level, box)) if level > 0 else ([], [])

    @property
    def top(self) -> float:
        """The largest magnitude in sight, the end of the scale."""
        if self.values is None:
            return 0.0
        size = np.abs(self.values)
        return float(np.max(size, initial=0.0, where=np.isfinite(size)))

    def draw(self, painter: QPainter, lens: Lens) -> None:
        assert self.values is not None
        if self.is_curve:
            self._draw_areas(painter, lens)
            return
        reach = self.top or 1.0
        share = np.linspace(-1.0, 1.0, 256)
        picture = heat_image(self.values, -reach, reach, with_alpha(self._colours(), STRENGTH * np.abs(share) ** 0.8))
        draw_heat(painter, lens, picture, self.map_box)
        painter.setPen(Qt.PenStyle.NoPen)
        for outlines, pattern in zip(
            self._large, (Qt.BrushStyle.BDiagPattern, Qt.BrushStyle.FDiagPattern), strict=True
        ):
            painter.setBrush(QBrush(self._theme.colour("text", 0.55), pattern))
            painter.drawPath(lines_path([lens.to_pixels(line) for line in outlines]))

    def _draw_areas(self, painter: QPainter, lens: Lens) -> None:
        """On a line: what lies between learned and exact; of fields the size of the difference, to the full height."""
        assert self.values is not None
        scale = {"density": 1.0, "critic": full_height(lens)}.get(self.view, full_height(lens) / (self.top or 1.0))
        base = np.zeros(len(self.values)) if self.base is None else self.base * scale
        learned = base + self.values * scale
        ink = self._theme.colour("text", 0.4)
        for lower, upper, token, pattern in (
            (base, learned, "error", Qt.BrushStyle.BDiagPattern),
            (learned, base, "exact", Qt.BrushStyle.FDiagPattern),
        ):
            colour, hatch = self._theme.colour(token, STRENGTH / 2), QBrush(ink, pattern)
            draw_area(painter, lens, lower, upper, self.map_box, colour, hatch)

    def _colours(self) -> Array:
        """From -reach to reach: too little is exact-coloured, too much error-coloured."""
        return diverging_map(self._theme.tokens)[::-1]

    def legend(self) -> Legend | None:
        colours, title = self._colours(), TITLES[self.view]
        if self.referred:
            title = title.replace("exact", "reference")
        if self.view in SIGNED:
            return Legend(title, f"−{self.top:.2g}", f"+{self.top:.2g}", colours)
        return Legend(title, "0", f"{self.top:.2g}", colours[128:])

    def remark(self) -> str:
        """How well known it is what the learned one is compared with."""
        return f"error: {self.note}" if self.note and self.has_content() else ""


def _ringed(values: Array, box: Box) -> tuple[Array, Box]:
    """The map with a ring of zeros around it, so that outlines of what is large are closed at the edge
    too."""
    x_low, x_high, y_low, y_high = box
    across, down = (x_high - x_low) / values.shape[1], (y_high - y_low) / values.shape[0]
    return np.pad(values, 1), (x_low - across, x_high + across, y_low - down, y_high + down)


LAYER = ErrorLayer
