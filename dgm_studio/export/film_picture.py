"""A frame of points as a picture, without Qt: for the command line."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Box
from dgm_studio.export.dots import padding, splat
from dgm_studio.export.palette import DARK, Palette

DATA_DOT, SAMPLE_DOT = 2.6, 4.0
"""Diameters in pixels at 640 pixels' side: data is the smaller mark, samples the larger, as on the stage."""


def box_around(*clouds: Array) -> Box:
    """A square box around all finite points of arrays (..., 2), with a margin of 8 %; +-1 around a single
    point."""
    flat = np.concatenate([np.asarray(cloud, dtype=np.float64).reshape(-1, 2) for cloud in clouds])
    flat = flat[np.isfinite(flat).all(axis=1)]
    if not len(flat):
        return (-1.0, 1.0, -1.0, 1.0)
    low, high = flat.min(axis=0), flat.max(axis=0)
    centre, half = (low + high) / 2, float((high - low).max()) / 2 * 1.08 or 1.0
    return (centre[0] - half, centre[0] + half, centre[1] - half, centre[1] + half)


def draw_points(
    samples: Array,
    box: Box,
    *,
    data: Array | None = None,
    caption: str = "",
    side: int = 640,
    palette: Palette = DARK,
) -> Image.Image:
    """An RGB picture of `side` x `side` pixels: data (m, 2) as small dots, samples (n, 2) as larger ones over
    them."""
    ground = np.empty((side, side, 3))
    ground[:] = palette.stage
    grow = side / 640
    if data is not None:
        _stamp(ground, _pixels_of(data, box, side), DATA_DOT * grow, (*palette.data, 150))
    _stamp(ground, _pixels_of(samples, box, side), SAMPLE_DOT * grow, (*palette.sample, 235))
    picture = Image.fromarray(np.rint(ground).astype(np.uint8))
    if caption:
        size = round(15 * grow)
        font = ImageFont.load_default(size=size)
        ImageDraw.Draw(picture).text((size, size), caption, fill=palette.dim, font=font)
    return picture


def _pixels_of(points: Array, box: Box, side: int) -> Array:
    x_low, x_high, y_low, y_high = box
    points = np.asarray(points, dtype=np.float64)
    across = (points[:, 0] - x_low) / (x_high - x_low) * side
    down = (y_high - points[:, 1]) / (y_high - y_low) * side
    return np.stack([across, down], axis=1)


def _stamp(ground: Array, xy: Array, diameter: float, rgba: tuple[int, int, int, int]) -> None:
    """Dots over `ground` (side, side, 3), in place: premultiplied colour + (1 - alpha) ground."""
    pad, side = padding(diameter), len(ground)
    pixels = np.zeros((side + 2 * pad, side + 2 * pad), dtype=np.uint32)
    splat(pixels, xy, diameter, np.array([rgba], dtype=np.uint8))
    inner = pixels[pad : pad + side, pad : pad + side]
    keep = 1 - (inner >> 24) / 255
    for channel, shift in enumerate((16, 8, 0)):
        ground[..., channel] = ((inner >> shift) & 255) + keep * ground[..., channel]
