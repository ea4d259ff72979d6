"""Silhouettes: points where a picture has ink, uniform within each pixel, so that the density is the ink itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from dgm_studio.core.arrays import Array

PIXELS = 120
"""Pixels along the longer side."""
SPAN = 6.0
"""Model units along the longer side: from -3 to 3."""
_EDGE = 1e-4


@dataclass(frozen=True, eq=False)
class Silhouette:
    """`ink` (h, w) >= 0, row 0 on top, sums to 1; the picture is centred on the origin."""

    ink: Array

    @staticmethod
    def of(picture: Image.Image, *, dark: bool = True) -> Silhouette | None:
        """The picture's ink: darkness (or light), its longer side PIXELS long; None where it has none."""
        grey = picture.convert("L")
        scale = PIXELS / max(grey.size)
        # Even sides put the origin between two pixels for every picture.
        size = tuple(2 * max(1, round(scale * side / 2)) for side in grey.size)
        small = np.asarray(grey.resize((size[0], size[1]), Image.Resampling.BOX), dtype=np.float64) / 255
        ink = 1 - small if dark else small
        ink = np.where(ink < 0.05, 0.0, ink)  # paper is never quite white
        return Silhouette(ink / ink.sum()) if ink.sum() > 0 else None

    @property
    def pixel(self) -> float:
        """Side of a pixel in model units."""
        return SPAN / float(max(self.ink.shape))

    def draw(self, n: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """n points (n, 2) float32, and the pixel (row, column) of each (n, 2)."""
        height, width = self.ink.shape
        which = rng.choice(height * width, size=n, p=self.ink.ravel())
        row, column = np.divmod(which, width)
        # A hair of each pixel stays free at its edges, or float32 could carry a point into its neighbour.
        inside = _EDGE + (1 - 2 * _EDGE) * rng.random((n, 2))
        x = (column + inside[:, 0] - width / 2) * self.pixel
        y = (height / 2 - row - inside[:, 1]) * self.pixel
        return np.stack([x, y], axis=1).astype(np.float32), np.stack([row, column], axis=1)

    def log_density(self, points: Array) -> Array:
        """log(ink / pixel area) in nats at points (n, 2) -> (n,), -inf off the ink."""
        height, width = self.ink.shape
        x, y = np.asarray(points, dtype=np.float64).T / self.pixel
        row, column = np.floor(height / 2 - y).astype(int), np.floor(x + width / 2).astype(int)
        seen = (row >= 0) & (row < height) & (column >= 0) & (column < width)
        share = np.zeros(len(x))
        share[seen] = self.ink[row[seen], column[seen]]
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(share / self.pixel**2))

    def box(self) -> tuple[tuple[float, float], ...]:
        """((left, right), (bottom, top)) of the pixels with ink."""
        height, width = self.ink.shape
        rows, columns = (np.flatnonzero(self.ink.any(axis=axis)) for axis in (1, 0))
        left, right = columns[0] - width / 2, columns[-1] + 1 - width / 2
        bottom, top = height / 2 - rows[-1] - 1, height / 2 - rows[0]
        return (
            (float(left * self.pixel), float(right * self.pixel)),
            (float(bottom * self.pixel), float(top * self.pixel)),
        )
