"""Points of a line as the bars of a histogram whose areas are shares: for the stage and for line_picture."""

from __future__ import annotations

import math

import numpy as np

from dgm_studio.core.arrays import Array


def bar_width(span: float, count: int) -> float:
    """The 1, 2 or 5 times a power of ten next to span / (5 n^(1/3)): bars shrink with n as Rice's rule has it, and half
    as wide, for data here have several modes."""
    wanted = math.log10(span / (5 * max(1, count) ** (1 / 3)))
    power = math.floor(wanted)
    nearest = min((power + math.log10(m) for m in (1, 2, 5, 10)), key=lambda step: abs(step - wanted))
    return math.pow(10.0, nearest)


def bars(points: Array, low: float, high: float, width: float, shares: Array | None = None) -> tuple[Array, Array]:
    """Edges (b + 1,), multiples of `width` that hold [low, high], and heights (b, c): the density of each group, whose
    areas sum to the share of all points that lies there. `shares` (n, c) is how much each point belongs to each group,
    None for one group."""
    x = np.asarray(points, dtype=np.float64)[:, 0]
    first, last = math.floor(low / width), math.ceil(high / width)
    with np.errstate(invalid="ignore"):
        place = np.floor(x / width) - first
    seen = (place >= 0) & (place < last - first)  # what is not finite is nowhere
    column = place[seen].astype(np.int64)
    weights = np.ones((len(column), 1)) if shares is None else np.asarray(shares, dtype=np.float64)[seen]
    counts = [np.bincount(column, weights=group, minlength=last - first) for group in weights.T]
    return np.arange(first, last + 1) * width, np.stack(counts, axis=1) / (width * max(1, len(x)))


def highest(points: Array, span: float) -> float:
    """The highest bar of points (n, 1) in a picture so many model units wide."""
    kept = points[np.isfinite(points[:, 0])]
    if not len(kept):
        return 0.0
    _, heights = bars(kept, float(kept.min()), float(kept.max()), bar_width(span, len(kept)))
    return float(heights.max(initial=0.0))
