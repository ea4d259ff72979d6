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


class CloudLayer(Layer):
    """Dots of `diameter` design pixels and `opacity`; `by_class` colours them by their labels. Points of a line are a
    histogram, `filled` or an outline."""

    diameter: float
    opacity: float
    filled = False

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.by_class = False

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
            classes = self._classes()
            shares = None if classes is None else np.eye(CLASS_COLOURS)[classes]
            draw_bars(painter, lens, points, self._colours(), shares, filled=self.filled)
            return
        draw_cloud(painter, lens, points, self.diameter, self._colours(), self._classes())

    def raster(self, lens: Lens) -> tuple[QImage, QPointF]:
        points = self.points()
        assert points is not None
        if points.shape[1] == 1:
            return super().raster(lens)
        return cloud_image(lens, points, self.diameter, self._colours(), self._classes())

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
