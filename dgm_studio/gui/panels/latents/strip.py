"""The path's frames as they come from the worker, part by part."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.latents import StripPart
from dgm_studio.core.pictures import PictureShape


class Strip:
    """`total` pictures (total, c, h, w) with their latents (total, k); frames 0 to `ready` - 1 are there."""

    def __init__(self, request: int, shape: PictureShape, latent: int, total: int) -> None:
        self.request, self.total, self.ready = request, total, 0
        self.pixels: Array = np.zeros((total, shape.channels, shape.height, shape.width), dtype=np.uint8)
        self.latents: Array = np.zeros((total, latent), dtype=np.float32)

    def add(self, part: StripPart) -> bool:
        """Take a part; False where it is of another strip."""
        if part.request != self.request:
            return False
        end = part.start + len(part.pixels)
        self.pixels[part.start : end] = part.pixels
        self.latents[part.start : end] = part.latents
        self.ready = max(self.ready, end)
        return True

    @property
    def whole(self) -> bool:
        """Whether all frames are there."""
        return self.ready >= self.total
