"""The brush: Shift and drag over particles to follow these through the film while the others fade."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Box
from dgm_studio.gui.layers.brush import BrushLayer
from dgm_studio.gui.layers.samples import SamplesLayer
from dgm_studio.gui.stage import Stage

LEAST = 4.0
"""Pixels that a rectangle is wide or high at least: less is a click, which lets go of all."""


class Brush(QObject):
    """A hand on the stage. Whom it follows are particles by number: another film from the same noise has the same."""

    changed = Signal()
    """Others are followed, or nobody."""

    def __init__(self, stage: Stage, parent: QObject) -> None:
        super().__init__(parent)
        particles, layer = stage.layer(SamplesLayer.id), stage.layer(BrushLayer.id)
        assert isinstance(particles, SamplesLayer)
        assert isinstance(layer, BrushLayer)
        self.followed: Array | None = None
        """(n,) bool, None for nobody."""
        self._stage, self._particles, self._layer = stage, particles, layer
        self._corner: tuple[float, float] | None = None
        stage.add_hand(self)
        stage.layers_changed.connect(self._show)

    def follow(self, followed: Array | None) -> None:
        """These particles (n,), or nobody."""
        self.followed = followed if followed is not None and followed.any() else None
        self._show()
        self.changed.emit()

    def keep(self, count: int) -> None:
        """Another film of so many particles begins."""
        if self.followed is not None and len(self.followed) != count:
            self.follow(None)

    # The hand.

    def takes(self, x: float, y: float, modifiers: Qt.KeyboardModifier) -> bool:
        """With Shift, where there are particles to brush."""
        shown = self._layer.isVisible() and self._particles.has_content()
        return shown and modifiers == Qt.KeyboardModifier.ShiftModifier

    def press(self, x: float, y: float) -> None:
        """The first corner."""
        self._corner = (x, y)

    def drag(self, x: float, y: float) -> None:
        """The other one; what lies between is followed at once."""
        if self._corner is None:
            return
        box = self._box(x, y)
        self._layer.set_rectangle(box)
        self.follow(self._inside(box))

    def release(self, x: float, y: float) -> None:
        """Done; a click follows nobody."""
        if self._corner is not None:
            apart = self._stage.to_pixel(x, y) - self._stage.to_pixel(*self._corner)
            if max(abs(apart.x()), abs(apart.y())) < LEAST:
                self.follow(None)
        self._corner = None
        self._layer.set_rectangle(None)

    def _box(self, x: float, y: float) -> Box:
        assert self._corner is not None
        (left, right), (low, high) = (sorted(pair) for pair in zip(self._corner, (x, y), strict=True))
        return left, right, low, high

    def _inside(self, box: Box) -> Array | None:
        """Which of the particles shown lie in it; on a line its x alone counts."""
        points = self._particles.points()
        if points is None:
            return None
        inside = (points[:, 0] >= box[0]) & (points[:, 0] <= box[1])
        if points.shape[1] > 1:
            inside &= (points[:, 1] >= box[2]) & (points[:, 1] <= box[3])
        return np.asarray(inside)

    def _show(self) -> None:
        shown = self.followed if self._layer.isVisible() else None
        if shown is not self._layer.followed or shown is not self._particles.followed:
            self._layer.set_followed(shown)
            self._particles.set_followed(shown)
