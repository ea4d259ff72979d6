"""Figures of a tensor, slice by slice: moments, norm, counts of what is no number, and its histogram."""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import NamedTuple

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.inspection import ERROR, Finding, TensorStats

SLICE = 1 << 14
"""Numbers at a time: they stay in the processor's cache, which is three times as fast as a million at a time."""
PAUSE = 64
"""Slices between two steps: some five milliseconds."""
NAMED = 3


def measured(name: str, array: Array) -> Generator[None, None, TensorStats]:
    """min, mean, max, std (over n), L2 norm over the finite entries, share of zeros, counts of NaN and infinity; of
    complex numbers those of their magnitudes. All but the counts are NaN where nothing is finite.

    Slices are joined by Chan, Golub and LeVeque (1983), in float64, so that a mean far from zero costs no digits.
    """
    flat = array.reshape(-1)
    low, high = math.inf, -math.inf
    count, mean, spread, square = 0, 0.0, 0.0, 0.0
    zeros = nans = infs = 0
    for at, part in enumerate(_slices(flat), 1):
        finite = np.isfinite(part)
        if not finite.all():
            missing = int(np.isnan(part).sum())
            nans, infs = nans + missing, infs + int(part.size - finite.sum()) - missing
            part = part[finite]
        if part.size:
            low, high = min(low, float(part.min())), max(high, float(part.max()))
            own = float(part.mean())
            apart, total = own - mean, count + part.size
            spread += float(np.square(part - own).sum()) + apart**2 * count * part.size / total
            mean += apart * part.size / total
            count, square = total, square + float(np.dot(part, part))
            zeros += int(part.size - np.count_nonzero(part))
        if at % PAUSE == 0:
            yield
    if not count:
        return TensorStats(name, math.nan, math.nan, math.nan, math.nan, math.nan, math.nan, nans, infs)
    std = math.sqrt(spread / count)
    return TensorStats(name, low, mean, high, std, math.sqrt(square), zeros / flat.size, nans, infs)


class Histogram(NamedTuple):
    """`counts` in equal bins from `low` to `high`; what is no finite number is counted apart."""

    low: float
    high: float
    counts: list[int]
    nans: int
    infs: int


def histogram(array: Array, bins: int) -> Generator[None, None, Histogram]:
    """Counts over the finite entries, the last bin with its upper edge; one value alone stands in the middle bin."""
    figures = yield from measured("", array)
    if math.isnan(figures.low):
        return Histogram(math.nan, math.nan, [0] * bins, figures.nans, figures.infs)
    low, high = figures.low, figures.high
    if low == high:
        wide = max(abs(low), 1.0) * 0.5
        low, high = low - wide, high + wide
    counts = np.zeros(bins, np.int64)
    for at, part in enumerate(_slices(array.reshape(-1)), 1):
        counts += np.histogram(part[np.isfinite(part)], bins, (low, high))[0]
        if at % PAUSE == 0:
            yield
    return Histogram(low, high, [int(one) for one in counts], figures.nans, figures.infs)


def not_finite(names: list[str]) -> Finding | None:
    """E21: tensors with NaN or infinity; None where there are none."""
    if not names:
        return None
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    hold = "1 tensor holds" if len(names) == 1 else f"{len(names):,} tensors hold"
    text = f"{hold} NaN or infinity: {', '.join(names[:NAMED])}{more}. Sampling would give NaN."
    return Finding("E21", ERROR, text)


def _slices(flat: Array) -> Generator[Array, None, None]:
    """The numbers as float64, at least one slice."""
    for start in range(0, max(flat.size, 1), SLICE):
        part = flat[start : start + SLICE]
        yield (np.abs(part) if np.iscomplexobj(part) else part).astype(np.float64)
