"""Point clouds as pixels: every dot is stamped into an ARGB32 premultiplied buffer by a few fancy
assignments.

A dot is a disc whose edge fades over one pixel. Pixels of equal coverage are written together, the faintest
first, so that a dot's core is never dimmed by a neighbour's edge and the cost is one numpy call per shade,
not per point.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from dgm_studio.core.arrays import Array

SHADES = 6
"""Coverage is rounded to this many steps."""

FINE_UP_TO = 8_000
"""Up to this many points a dot is placed to half a pixel; beyond, to a whole one (nobody sees it
there)."""


def padding(diameter: float) -> int:
    """Pixels to leave on each side of the buffer given to `splat`, so that half-visible dots need no
    clipping."""
    return 2 * _reach(diameter)


def splat(pixels: Array, xy: Array, diameter: float, colours: Array, classes: Array | None = None) -> None:
    """Stamp dots into `pixels` (h + 2 pad, w + 2 pad) uint32 ARGB32 premultiplied, pad = `padding(diameter)`.

    `xy` (n, 2) are centres in pixels from the unpadded top-left corner, y downwards; `colours` (c, 4) uint8
    RGBA, and `classes` (n,) picks one per point (None: the first). Points that are not finite or out of sight
    are left out.
    """
    reach = _reach(diameter)
    height, width = (side - 4 * reach for side in pixels.shape)
    x, y = xy[:, 0], xy[:, 1]
    # NaN compares false: what is not a number is out of sight.
    seen = (x >= -reach) & (x < width + reach) & (y >= -reach) & (y < height + reach)
    if not seen.all():
        x, y = x[seen], y[seen]
        classes = classes[seen] if classes is not None else None
    stride = pixels.shape[1]
    # Adding the padding first makes both positive, so that truncation is the floor.
    x, y = x + 2 * reach, y + 2 * reach
    column, row = x.astype(np.intp), y.astype(np.intp)
    corner = row * stride + column
    per_axis = 2 if len(corner) <= FINE_UP_TO else 1
    groups = _by_phase(x - column, y - row, per_axis)
    flat = pixels.reshape(-1)
    shades = _premultiplied(colours)
    one_colour = classes is None or len(colours) == 1
    for shade, stamps in enumerate(_stamps(diameter, per_axis), start=1):
        for members, offsets in zip(groups, stamps, strict=True):
            if not len(offsets):
                continue
            start = corner if members is None else corner[members]
            steps = offsets[:, 0] * stride + offsets[:, 1]
            value = shades[shade, 0] if one_colour else shades[shade][_of(classes, members)]
            if members is None:
                for step in steps:
                    flat[start + step] = value
            else:
                # Few points: one call for all pixels of a shade, for calls are what costs then.
                flat[start + steps[:, None]] = value


def _of(classes: Array | None, members: Array | None) -> Array:
    assert classes is not None
    return classes if members is None else classes[members]


def _reach(diameter: float) -> int:
    return math.ceil(diameter / 2 + 0.5)


def _by_phase(across: Array, down: Array, per_axis: int) -> list[Array | None]:
    """Indices of the points in each sub-pixel cell; [None] means all of them."""
    if per_axis == 1:
        return [None]
    phase = (down * per_axis).astype(np.uint8) * per_axis + (across * per_axis).astype(np.uint8)
    order = np.argsort(phase, kind="stable")
    ends = np.cumsum(np.bincount(phase, minlength=per_axis**2))
    return list(np.split(order, ends[:-1]))


@lru_cache(maxsize=64)
def _stamps(diameter: float, per_axis: int) -> tuple[tuple[Array, ...], ...]:
    """[shade - 1][phase]: (row, column) offsets of the pixels a dot covers to that shade."""
    reach = _reach(diameter)
    axis = np.arange(-reach, reach + 1)
    rows, columns = np.meshgrid(axis, axis, indexing="ij")
    levels = []
    for phase in range(per_axis**2):
        down, across = (phase // per_axis + 0.5) / per_axis, (phase % per_axis + 0.5) / per_axis
        distance = np.hypot(rows + 0.5 - down, columns + 0.5 - across)
        levels.append(np.rint(np.clip(diameter / 2 + 0.5 - distance, 0, 1) * SHADES).astype(int))
    return tuple(
        tuple(np.stack([rows[level == shade], columns[level == shade]], axis=1) for level in levels)
        for shade in range(1, SHADES + 1)
    )


def _premultiplied(colours: Array) -> Array:
    """(SHADES + 1, c) uint32 ARGB32 premultiplied: each RGBA colour at each coverage."""
    rgba = np.asarray(colours, dtype=np.float64).reshape(-1, 4)
    alpha = np.linspace(0, 1, SHADES + 1)[:, None] * rgba[None, :, 3]
    red, green, blue = (np.rint(rgba[None, :, k] * alpha / 255).astype(np.uint32) for k in range(3))
    return (np.rint(alpha).astype(np.uint32) << 24) | (red << 16) | (green << 8) | blue
