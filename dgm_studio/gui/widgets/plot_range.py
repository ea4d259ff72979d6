"""What of the axes' plane a plot shows: round everything that is drawn, unless the plot says otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.sketch import Plot

LOWEST, HIGHEST = -12.0, 15.0
"""Powers of ten that a logarithmic axis may reach."""


class Span(NamedTuple):
    """Left, right, low, high, as drawn: logarithms on a logarithmic axis."""

    left: float
    right: float
    low: float
    high: float


FILLED = 0.65
"""Of an axis: while what is shown needs no less, and no more than there is, the axis stays as it is."""


def steady(before: Span, now: Span, plot: Plot) -> Span:
    """`now`, but with the old ends of each axis that would still serve: one that moves with every number cannot be
    read, and costs a repaint of all its figures. Ends that the plot sets hold, but for its upper one where no hand
    holds on to it."""
    if plot.equal:
        return now
    across = _kept(before[:2], now[:2], (plot.left, plot.right))
    return Span(*across, *_kept(before[2:], now[2:], (plot.low, plot.high if plot.grips else None)))


def _kept(
    before: tuple[float, ...], now: tuple[float, ...], told: tuple[float | None, float | None]
) -> tuple[float, ...]:
    if any(end is not None and old != new for end, old, new in zip(told, before, now, strict=True)):
        return now
    serves = before[0] <= now[0] and now[1] <= before[1] and now[1] - now[0] >= FILLED * (before[1] - before[0])
    return before if serves else now


def scaled(values: Array, log: bool) -> Array:
    """As drawn: on a logarithmic axis what is not positive has no place (NaN)."""
    if not log:
        return values
    out = np.full(np.shape(values), np.nan)
    good = np.isfinite(values) & (values > 0)
    out[good] = np.clip(np.log10(values[good]), LOWEST, HIGHEST)
    return out


def span_of(plot: Plot, wide: float, tall: float) -> Span:
    """What is shown on `wide` x `tall` pixels; of those only the proportion counts, and only for equal axes."""
    left, right = _ends(_across(plot))
    low, high = _ends(_up(plot))
    room = 0.06 * max(high - low, 1e-9)
    low, high = low - room, high + room
    if plot.clouds or plot.pairing is not None:
        room = 0.04 * max(right - left, 1e-9)
        left, right = left - room, right + room
    if plot.low is not None:
        low = max(low, np.log10(plot.low)) if plot.log_y else plot.low
    if plot.high is not None:
        high = min(high, np.log10(plot.high)) if plot.log_y else plot.high
    left = left if plot.left is None else _place(plot.left, plot.log_x)
    right = right if plot.right is None else _place(plot.right, plot.log_x)
    right, high = max(right, left + 1e-9), max(high, low + 1e-9)
    if plot.equal and wide > 0 and tall > 0:
        unit = max((right - left) / wide, (high - low) / tall)
        left, right = _about(left, right, unit * wide)
        low, high = _about(low, high, unit * tall)
    return Span(float(left), float(right), float(low), float(high))


def _place(value: float, log: bool) -> float:
    return float(scaled(np.array(value), log))


def _about(low: float, high: float, length: float) -> tuple[float, float]:
    middle = (low + high) / 2
    return middle - length / 2, middle + length / 2


def _ends(parts: Iterator[Array]) -> tuple[float, float]:
    low, high = np.inf, -np.inf
    for part in parts:
        fine = part[np.isfinite(part)]
        if fine.size:
            low, high = min(low, float(fine.min())), max(high, float(fine.max()))
    return (low, high) if np.isfinite(low) else (0.0, 1.0)


def _across(plot: Plot) -> Iterator[Array]:
    for one in plot.lines:
        yield scaled(one.x, plot.log_x)
    for bars in plot.bars:
        yield scaled(bars.edges, plot.log_x)
    for points in _points(plot):
        yield scaled(points[:, 0], plot.log_x)


def _up(plot: Plot) -> Iterator[Array]:
    """On a logarithmic axis only the curves and the bars' tops."""
    for one in plot.lines:
        yield scaled(one.y, plot.log_y)
        if one.doubt is not None:
            yield scaled(one.y + one.doubt, plot.log_y)
            if not plot.log_y:
                yield one.y - one.doubt
        if one.band is not None and not plot.log_y:
            yield from one.band
    for bars in plot.bars:
        yield scaled(bars.heights, plot.log_y)
        if not plot.log_y:
            yield np.zeros(1)
    for points in _points(plot):
        yield scaled(points[:, 1], plot.log_y)


def _points(plot: Plot) -> Iterator[Array]:
    """Every corner and point (n, 2) of what is no curve."""
    for picture in plot.pictures:
        yield np.array(picture.box).reshape(2, 2).T
    for segments in plot.segments:
        yield segments.ends.reshape(-1, 2)
    for cloud in plot.clouds:
        yield cloud.points
    if plot.pairing is not None:
        yield plot.pairing.left
        yield plot.pairing.right
    if plot.grips:
        yield np.array([(grip.x, grip.y) for grip in plot.grips])
