"""Grid maps as smooth images."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Box
from dgm_studio.gui.layers.lens import Lens

FINE = 256
"""Side the values are refined to by cubic interpolation before they are coloured; Qt's own bilinear does the
rest."""


def heat_image(values: Array, low: float, high: float, rgba: Array) -> QImage:
    """Values (r, r), row 0 at the bottom, as an image: `low` to `high` through the table rgba (256, 4) uint8.

    What is not finite counts as `low`. Interpolating values, not colours, keeps ridges round.
    """
    clean = np.nan_to_num(values.astype(np.float32), nan=low, posinf=high, neginf=low)
    rows, columns = clean.shape
    fine = _cubic(rows) @ clean @ _cubic(columns).T
    span = high - low
    index = np.clip((fine - low) * (255 / span if span > 0 else 0), 0, 255).astype(np.uint8)
    pixels = np.ascontiguousarray(_argb(rgba)[index[::-1]])
    height, width = pixels.shape
    return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied).copy()


def draw_heat(painter: QPainter, lens: Lens, image: QImage, box: Box) -> None:
    """The image over its box."""
    painter.drawImage(QRectF(*lens.rectangle(box)), image)


def with_alpha(colours: Array, alpha: Array | float) -> Array:
    """A table (256, 3) uint8 with opacity 0 to 1 (a number, or one per entry) as (256, 4) uint8."""
    shade = np.broadcast_to(np.rint(np.asarray(alpha, dtype=np.float64) * 255), len(colours)).astype(np.uint8)
    return np.concatenate([colours, shade[:, None]], axis=1)


def _argb(rgba: Array) -> Array:
    """RGBA uint8 (k, 4) as premultiplied ARGB32 (k,)."""
    wide = rgba.astype(np.uint32)
    red, green, blue = ((wide[:, k] * wide[:, 3] + 127) // 255 for k in range(3))
    return (wide[:, 3] << 24) | (red << 16) | (green << 8) | blue


@lru_cache(maxsize=8)
def _cubic(count: int) -> Array:
    """(FINE, count) float32: Catmull-Rom weights from cell centres to finer cell centres, ends held constant.

    Keys, 1981, with a = -1/2: exact for straight lines, so that constant maps stay constant.
    """
    at = (np.arange(FINE) + 0.5) * count / FINE - 0.5
    base = np.floor(at).astype(int)
    u = at - base
    weights = np.zeros((FINE, count), dtype=np.float32)
    for shift, weight in (
        (-1, -0.5 * u**3 + u**2 - 0.5 * u),
        (0, 1.5 * u**3 - 2.5 * u**2 + 1),
        (1, -1.5 * u**3 + 2 * u**2 + 0.5 * u),
        (2, 0.5 * u**3 - 0.5 * u**2),
    ):
        np.add.at(weights, (np.arange(FINE), np.clip(base + shift, 0, count - 1)), weight)
    return weights
