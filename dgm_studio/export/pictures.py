"""Small pictures (n, c, h, w) in bytes as images: enlarged pixel by pixel, side by side."""

from __future__ import annotations

import numpy as np
from PIL import Image

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused

GROUND = 24
"""Grey level between the pictures of a sheet."""


def enlarged(picture: Array, scale: int = 1) -> Image.Image:
    """One picture (c, h, w) of bytes, c 1 (grey) or 3 (RGB), each pixel a square of `scale`."""
    shape, kind = np.shape(picture), np.asarray(picture).dtype
    if len(shape) != 3 or shape[0] not in (1, 3) or kind != np.uint8:
        raise Refused(f"A picture of {kind} and shape {shape} cannot be written; give bytes (1 or 3, h, w).")
    sized = np.asarray(picture).repeat(scale, 1).repeat(scale, 2)
    return Image.fromarray(sized[0] if shape[0] == 1 else np.ascontiguousarray(sized.transpose(1, 2, 0)))


def sheet(pictures: Array, columns: int, scale: int = 4, gap: int = 1) -> Image.Image:
    """Pictures (n, c, h, w) in rows of `columns`, `gap` pixels of the pictures' own size between them."""
    if np.ndim(pictures) != 4 or len(pictures) == 0:
        raise Refused("There are no pictures to write. Make some first.")
    n, channels, height, width = np.shape(pictures)
    columns = max(1, min(columns, n))
    rows = -(-n // columns)
    whole = np.full((channels, rows * (height + gap) - gap, columns * (width + gap) - gap), GROUND, dtype=np.uint8)
    for index, picture in enumerate(pictures):
        top, left = index // columns * (height + gap), index % columns * (width + gap)
        whole[:, top : top + height, left : left + width] = picture
    return enlarged(whole, scale)
