"""What only this family has, over the data: components with ellipses, codes with their cells, bins, a latent line."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from dgm_studio.core.arrays import Array
from dgm_studio.core.reports import Picture
from dgm_studio.gui.layers.cloud import CLASS_COLOURS
from dgm_studio.gui.layers.layer import Layer
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.line_bars import draw_bars
from dgm_studio.gui.layers.line_room import at_level, spread
from dgm_studio.gui.layers.lines import draw_lines, line_pen
from dgm_studio.gui.splat import cloud_image, draw_cloud
from dgm_studio.gui.theme.theme import Theme

LEAST_DOT, MOST_DOT = 5.0, 13.0
"""Diameters in design pixels of a place that weighs nothing, and of the one that weighs most."""


class StructureLayer(Layer):
    """Lines, weighted dots, and the data coloured by the group they belong to."""

    id, title, token, z = "structure", "Structure", "exact", 66.0

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.lines: list[Array] = []
        self.dots: tuple[Array, Array] | None = None
        self.shares: tuple[Array, Array] | None = None

    def accept(self, picture: Picture) -> None:
        arrays = picture.arrays
        self.lines = np.split(arrays["line"], np.cumsum(arrays["labels"])[:-1]) if "line" in arrays else []
        self.dots = (arrays["dots"], arrays["weights"]) if "dots" in arrays else None
        self.shares = (arrays["points"], arrays["shares"]) if "shares" in arrays else None
        self.changed()

    def clear(self) -> None:
        self.lines, self.dots, self.shares = [], None, None
        self.changed()

    def has_content(self) -> bool:
        return bool(self.lines) or self.dots is not None or self.shares is not None

    def draw(self, painter: QPainter, lens: Lens) -> None:
        if self._on_line():
            self._draw_on_line(painter, lens)
            return
        if self.shares is not None:
            points, (colours, which) = self.shares[0], self._mixed(self.shares[1])
            draw_cloud(painter, lens, points, 3.0, colours, which)
        self._draw_lines_and_dots(painter, lens, self.lines)

    def raster(self, lens: Lens) -> tuple[QImage, QPointF]:
        if self.shares is None or self._on_line():
            return super().raster(lens)
        points, (colours, which) = self.shares[0], self._mixed(self.shares[1])
        image, corner = cloud_image(lens, points, 3.0, colours, which)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(-corner)
        self._draw_lines_and_dots(painter, lens, self.lines)
        painter.end()
        return image, corner

    def _on_line(self) -> bool:
        held = [*self.lines[:1], *(pair[0] for pair in (self.dots, self.shares) if pair is not None)]
        return bool(held) and held[0].shape[1] == 1

    def _draw_on_line(self, painter: QPainter, lens: Lens) -> None:
        """Groups as bars that stand on each other; lines under the axis, each on a level of its own; dots on it."""
        if self.shares is not None:
            points, shares = self.shares
            folded = np.zeros((len(points), CLASS_COLOURS))
            for group in range(shares.shape[1]):
                folded[:, group % CLASS_COLOURS] += shares[:, group]
            colours = [self._theme.class_colour(k) for k in range(CLASS_COLOURS)]
            draw_bars(painter, lens, points, colours, folded, filled=True)
        levels = spread(len(self.lines))
        placed = [at_level(lens, x, level) for x, level in zip(self.lines, levels, strict=True)]
        self._draw_lines_and_dots(painter, lens, placed)

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

    def _mixed(self, shares: Array) -> tuple[list[QColor], Array]:
        """Colours, and which of them each point has: its groups' colours in proportion to its shares (n, c)."""
        own = [self._theme.class_colour(k % CLASS_COLOURS) for k in range(shares.shape[1])]
        groups = np.array([(colour.redF(), colour.greenF(), colour.blueF()) for colour in own])
        # Eight steps a channel: few enough colours to stamp quickly, too many to see.
        coarse = np.rint(7 * np.clip(shares @ groups, 0, 1))
        found, which = np.unique(coarse, axis=0, return_inverse=True)
        return [QColor.fromRgbF(red, green, blue, 0.9) for red, green, blue in (found / 7).tolist()], which.reshape(-1)


LAYER = StructureLayer
