"""A frame of points of a line as a picture, without Qt: bars of data, outline of samples, the known density dashed."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Box
from dgm_studio.export.histogram import bar_width, bars, highest
from dgm_studio.export.palette import DARK, RGB, Palette

FINE = 2
"""Drawn so many times larger, then shrunk: Pillow's own strokes are jagged."""
FILL = 0.42
AXIS, HEADROOM = 0.06, 1.15
"""Room for the numbers under the axis, as a share of the side, and above the highest bar, as a factor."""
DASH = 6
"""Points of a curve in a dash; as many are left out after it."""


def line_box(*clouds: Array, curve: Array | None = None) -> Box:
    """(x low, x high, 0, y high) around all finite points of arrays (..., 1), their bars, and a curve (k, 2)."""
    columns = [np.asarray(cloud, dtype=np.float64).reshape(-1, 1) for cloud in clouds]
    flat = np.concatenate(columns)
    flat = flat[np.isfinite(flat)]
    low, high = (float(flat.min()), float(flat.max())) if len(flat) else (-1.0, 1.0)
    centre, half = (low + high) / 2, (high - low) / 2 * 1.08 or 1.0
    top = max(highest(column, 2 * half) for column in columns)
    if curve is not None:
        top = max(top, float(curve[:, 1].max()))
    return centre - half, centre + half, 0.0, HEADROOM * (top or 1.0)


def draw_line_points(
    samples: Array,
    box: Box,
    *,
    data: Array | None = None,
    curve: Array | None = None,
    caption: str = "",
    side: int = 640,
    palette: Palette = DARK,
) -> Image.Image:
    """An RGB picture of `side` x `side` pixels: data (m, 1) as filled bars, samples (n, 1) as the outline of theirs, a
    curve (k, 2) of places and densities dashed."""
    full, grow = FINE * side, FINE * side / 640
    picture = Image.new("RGB", (full, full), palette.stage)
    pen = ImageDraw.Draw(picture)
    if data is not None:
        pen.polygon(_pixels(_steps(data, box), box, full), fill=_over(palette.data, palette.stage))
    steps = _steps(samples, box)
    empty = (steps[1:, 1] == 0) & (steps[:-1, 1] == 0)  # along the axis, where no bar is, there is no outline
    for piece in np.split(steps, np.flatnonzero(empty) + 1):
        pen.line(_pixels(piece, box, full), fill=palette.sample, width=round(2.5 * grow))
    if curve is not None:
        at = _pixels(curve, box, full)
        for start in range(0, len(at) - 1, 2 * DASH):
            pen.line(at[start : start + DASH + 1], fill=palette.exact, width=round(2.5 * grow))
    base = _pixels(np.array([[box[0], 0.0], [box[1], 0.0]]), box, full)
    pen.line(base, fill=palette.dim, width=max(1, round(grow)))
    font = ImageFont.load_default(size=round(15 * grow))
    step = bar_width(box[1] - box[0], 1)  # a round number of which some five fit in
    for x in np.arange(np.ceil(box[0] / step), box[1] / step) * step:
        across, down = _pixels(np.array([[x, 0.0]]), box, full)[0]
        pen.text((across, down + 6 * grow), f"{x:g}", fill=palette.dim, font=font, anchor="ma")
    if caption:
        pen.text((15 * grow, 15 * grow), caption, fill=palette.dim, font=font)
    return picture.resize((side, side), Image.Resampling.BOX)


def _steps(points: Array, box: Box) -> Array:
    """The tops of the bars (2 b + 2, 2), from the axis to the axis."""
    low, high = box[:2]
    edges, heights = bars(points, low, high, bar_width(high - low, len(points)))
    x = np.concatenate([edges[:1], np.repeat(edges, 2)[1:-1], edges[-1:]])
    return np.stack([x, np.concatenate([[0.0], np.repeat(heights[:, 0], 2), [0.0]])], axis=1)


def _pixels(places: Array, box: Box, side: int) -> list[tuple[float, float]]:
    """Places (k, 2), x and density, in pixels."""
    x_low, x_high, _, y_high = box
    across = (places[:, 0] - x_low) / (x_high - x_low) * side
    down = (1 - AXIS) * side * (1 - places[:, 1] / y_high)
    return list(zip(across.tolist(), down.tolist(), strict=True))


def _over(colour: RGB, ground: RGB) -> RGB:
    """The colour at FILL over the ground."""
    red, green, blue = (round(FILL * one + (1 - FILL) * other) for one, other in zip(colour, ground, strict=True))
    return red, green, blue
