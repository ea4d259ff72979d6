"""A field of arrows as one path: velocity, score, and their exact counterparts."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtGui import QColor, QPainter

from dgm_studio.core.arrays import Array
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.line_room import at_level
from dgm_studio.gui.layers.lines import line_pen, segments_path

FILL = 0.66
"""The longest arrow as a share of the grid's spacing, so that neighbours never touch."""
HEAD = 4.5
"""Length of a head's two strokes in design pixels, at most 0.45 of the arrow."""
HEAD_ANGLE = math.radians(28)


def draw_arrows(
    painter: QPainter,
    lens: Lens,
    x: Array,
    v: Array,
    colour: QColor,
    *,
    width: float = 1.0,
    dashed: bool = False,
    longest: float | None = None,
    level: float | Array = 0.0,
) -> None:
    """Arrows centred at x (m, 2) in the direction v (m, 2), both in model units; `longest` as arrow_segments has it.

    Those of a line, x and v (m, 1), lie under its axis at `level`, shares of the room there.
    """
    if len(x):
        if x.shape[1] == 1:
            longest = longest or FILL * spacing(x[:, 0]) * abs(lens.zoom_x)
            x, v = at_level(lens, x, level), np.stack([v[:, 0], np.zeros(len(v))], axis=1)
        painter.setPen(line_pen(colour, width * lens.scale, dashed=dashed))
        painter.drawPath(segments_path(arrow_segments(lens, x, v, longest)))


def arrow_segments(lens: Lens, x: Array, v: Array, longest: float | None = None) -> Array:
    """Shafts and head strokes (3 m', 2, 2) in logical pixels, of the m' arrows that are finite and not zero.

    Lengths are compressed: tanh(|v| / median |v|) of the longest, for a score grows without bound where a
    velocity is mild, and direction is what the eye should read. `longest` is in logical pixels; without it x is a
    regular grid whose spacing bounds them.
    """
    at = lens.to_pixels(x)
    along = np.asarray(v, dtype=np.float64) * (lens.zoom_x, lens.zoom_y)
    norm = np.hypot(along[:, 0], along[:, 1])
    good = np.isfinite(norm) & (norm > 0)
    if not good.any():
        return np.empty((0, 2, 2))
    at, along, norm = at[good], along[good], norm[good]
    if longest is None:
        longest = FILL * min(spacing(x[:, 0]) * abs(lens.zoom_x), spacing(x[:, 1]) * abs(lens.zoom_y))
    length = longest * np.tanh(1.2 * norm / np.median(norm))
    reach = along / norm[:, None] * length[:, None] / 2
    return _with_heads(lens, at - reach, at + reach)


def step_segments(lens: Lens, x: Array, v: Array, factor: float) -> Array:
    """Shafts and head strokes (3 m', 2, 2) in logical pixels from x (m, 2) to x + factor v (m, 2), to scale, of the m'
    arrows that are finite and not zero."""
    at, along = lens.to_pixels(x), np.asarray(v, dtype=np.float64) * (lens.zoom_x, lens.zoom_y) * factor
    size = np.hypot(along[:, 0], along[:, 1])
    good = np.isfinite(at).all(axis=1) & np.isfinite(size) & (size > 1e-6)
    return _with_heads(lens, at[good], at[good] + along[good])


def _with_heads(lens: Lens, tail: Array, tip: Array) -> Array:
    """Shafts from tail to tip (m, 2), no two the same place, and after them the two strokes of each head, (3 m, 2, 2)
    in logical pixels."""
    along = tip - tail
    length = np.hypot(along[:, 0], along[:, 1])[:, None]
    unit = along / np.maximum(length, 1e-12)
    head = np.minimum(HEAD * lens.scale, 0.45 * length)
    cos, sin = math.cos(HEAD_ANGLE), math.sin(HEAD_ANGLE)
    barbs = [
        tip - head * np.stack([cos * unit[:, 0] - s * unit[:, 1], s * unit[:, 0] + cos * unit[:, 1]], axis=1)
        for s in (sin, -sin)
    ]
    return np.concatenate([np.stack([start, tip], axis=1) for start in (tail, *barbs)])


def spacing(coordinates: Array) -> float:
    """Distance between neighbours along one axis of the regular grid; 1 where there is only one."""
    distinct = np.unique(np.round(np.asarray(coordinates, dtype=np.float64), 5))
    return float(np.median(np.diff(distinct))) if len(distinct) > 1 else 1.0
