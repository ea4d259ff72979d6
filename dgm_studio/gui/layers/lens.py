"""The lens: how model units fall on the pixels of one painter, frozen for one drawing."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Box
from dgm_studio.gui.theme.tokens import Tokens


@dataclass(frozen=True)
class Lens:
    """Logical pixel = (zoom_x x + shift_x, zoom_y y + shift_y), zoom_y below zero because pixels count
    downwards.

    The stage covers the logical rectangle from (left, top), `width` x `height`; `ratio` device pixels make
    one logical pixel; `scale` is presenter mode's factor. Two equal lenses give the same picture.
    """

    zoom_x: float
    zoom_y: float
    shift_x: float
    shift_y: float
    left: float
    top: float
    width: float
    height: float
    ratio: float
    scale: float
    tokens: Tokens

    @property
    def device_size(self) -> tuple[int, int]:
        """Width and height of the stage in device pixels."""
        return max(1, math.ceil(self.width * self.ratio)), max(1, math.ceil(self.height * self.ratio))

    def to_pixels(self, points: Array) -> Array:
        """Points (..., 2) in model units to logical pixels, float64."""
        return np.asarray(points) * (self.zoom_x, self.zoom_y) + (self.shift_x, self.shift_y)

    def to_device(self, points: Array) -> Array:
        """Points (n, 2) in model units to device pixels from the stage's top-left corner, float32."""
        zoom = np.array((self.zoom_x, self.zoom_y), dtype=np.float32) * np.float32(self.ratio)
        shift = np.array((self.shift_x - self.left, self.shift_y - self.top)) * self.ratio
        return np.asarray(points, dtype=np.float32) * zoom + shift.astype(np.float32)

    def rectangle(self, box: Box) -> tuple[float, float, float, float]:
        """A box in model units as (left, top, width, height) in logical pixels."""
        left, right = (self.zoom_x * x + self.shift_x for x in box[:2])
        bottom, top = (self.zoom_y * y + self.shift_y for y in box[2:])
        return left, top, right - left, bottom - top
