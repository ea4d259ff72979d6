"""What the data and the sample layer share: a cloud of dots, by one colour or by class."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPainter

from dgm_studio.core.arrays import Array
from dgm_studio.gui.layers.layer import Layer
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.line_bars import draw_bars
from dgm_studio.gui.splat import cloud_image, draw_cloud
from dgm_studio.gui.theme.theme import Theme

CLASS_COLOURS = 8
GROUPED = 3.0
"""Least diameter of a dot that is coloured by its group."""


class CloudLayer(Layer):
    """Dots of `diameter` design pixels and `opacity`; `by_class` colours them by their labels, `shares` (n, c) by how
    much they belong to each of c groups. Points of a line are a histogram, `filled` or an outline."""

    diameter: float
    opacity: float
    filled = False

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.by_class = False
        self.shares: Array | None = None

    def points(self) -> Array | None:
        """Points (n, d) now shown, in model units."""
        return None

    def labels(self) -> Array | None:
        """Their labels (n,), where known."""
        return None

    def set_by_class(self, on: bool) -> None:
        """Colour by class instead of by meaning."""
        self.by_class = on
        self.changed()

    def has_content(self) -> bool:
        points = self.points()
        return points is not None and len(points) > 0

    def draw(self, painter: QPainter, lens: Lens) -> None:
        points = self.points()
        assert points is not None
        if points.shape[1] == 1:
            colours, shares = self._groups(points)
            draw_bars(painter, lens, points, colours, shares, filled=self.filled)
            return
        draw_cloud(painter, lens, *self._dots(points))

    def raster(self, lens: Lens) -> tuple[QImage, QPointF]:
        points = self.points()
        assert points is not None
        if points.shape[1] == 1:
            return super().raster(lens)
        return cloud_image(lens, *self._dots(points))

    def _dots(self, points: Array) -> tuple[Array, float, list[QColor], Array | None]:
        """The dots from the lowest to the topmost, their size, their colours, and which each has."""
        return points, self._size(), *self._coloured(points)

    def _size(self) -> float:
        """A dot that means a group has to be told from others by its colour."""
        return self.diameter if self.shares is None else max(self.diameter, GROUPED)

    def _coloured(self, points: Array) -> tuple[list[QColor], Array | None]:
        """Colours, and which of them each point has."""
        if self.shares is None or len(self.shares) != len(points):
            return self._colours(), self._classes()
        own = [self._theme.class_colour(k % CLASS_COLOURS) for k in range(self.shares.shape[1])]
        groups = np.array([(colour.redF(), colour.greenF(), colour.blueF()) for colour in own])
        # Eight steps a channel: few enough colours to stamp quickly, too many to see.
        coarse = np.rint(7 * np.clip(self.shares @ groups, 0, 1))
        found, which = np.unique(coarse, axis=0, return_inverse=True)
        return [QColor.fromRgbF(red, green, blue, 0.8) for red, green, blue in (found / 7).tolist()], which.reshape(-1)

    def _groups(self, points: Array) -> tuple[list[QColor], Array | None]:
        """On a line: the colours of the groups, and each point's shares of them (n, CLASS_COLOURS)."""
        if self.shares is None or len(self.shares) != len(points):
            classes = self._classes()
            return self._colours(), None if classes is None else np.eye(CLASS_COLOURS)[classes]
        folded = np.zeros((len(points), CLASS_COLOURS))
        for group in range(self.shares.shape[1]):
            folded[:, group % CLASS_COLOURS] += self.shares[:, group]
        return [self._theme.class_colour(k) for k in range(CLASS_COLOURS)], folded

    def _classes(self) -> Array | None:
        labels = self.labels()
        return labels % CLASS_COLOURS if self.by_class and labels is not None else None

    def _colours(self) -> list[QColor]:
        if self._classes() is None:
            return [self._theme.colour(self.tint, self.opacity)]
        made = [self._theme.class_colour(label) for label in range(CLASS_COLOURS)]
        for colour in made:
            colour.setAlphaF(self.opacity)
        return made
