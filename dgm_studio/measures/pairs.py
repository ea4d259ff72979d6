"""Means over all pairs of two clouds, in bounded memory: what MMD and the energy distance are made of."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.measures.measure import same_space

ENTRIES = 1 << 20
"""Squared distances held at once: 8 MB, some 3 ms of work."""
WHOLE, QUICK = 10_000, 5_000
"""Points of either cloud up to which all pairs are taken; points of some 0.1 s."""
BLOCKED = "All pairs up to 10,000 points; above, all pairs within blocks of 10,000, and the mean over the blocks."

Kernel = Callable[[Array], float]
"""The sum of k over squared distances (rows, columns), which it may overwrite."""


def discrepancy(x: Array, y: Array, kernel: Kernel, what: str) -> Generator[None, None, float]:
    """mean k(x, x') + mean k(y, y') - 2 mean k(x, y) over pairs of different points: unbiased (a U-statistic).

    x (n, d), y (m, d). Above WHOLE points the clouds are cut in blocks, and the statistics of the blocks averaged
    (Zaremba et al., 2013): still unbiased, in n WHOLE steps instead of n^2. Each yield ends a slice. Refused for fewer
    than two points of either.
    """
    same_space(x, y, 2, what)
    blocks = max(1, min(math.ceil(max(len(x), len(y)) / WHOLE), min(len(x), len(y)) // 2))
    middle = x[:1]  # nearer to both clouds than the origin is: less is lost to rounding
    total = 0.0
    for i in range(blocks):
        one, other = x[i::blocks] - middle, y[i::blocks] - middle
        n, m = len(one), len(other)
        within = (yield from _among(one, kernel)) / (n * (n - 1)) + (yield from _among(other, kernel)) / (m * (m - 1))
        total += within - 2 * (yield from _between(one, other, kernel)) / (n * m)
    return total / blocks


def _between(x: Array, y: Array, kernel: Kernel) -> Generator[None, None, float]:
    """Sum of k over all pairs (x_i, y_j)."""
    total, (left, right) = 0.0, _factors(x, y)
    rows = max(1, ENTRIES // len(y))
    for start in range(0, len(x), rows):
        total += kernel(_square(left[start : start + rows], right))
        yield
    return total


def _among(x: Array, kernel: Kernel) -> Generator[None, None, float]:
    """Sum of k over all ordered pairs of different points: twice the rectangles above the diagonal, plus the squares on
    it without their diagonals."""
    n, total, (left, right) = len(x), 0.0, _factors(x, x)
    start = 0
    while start < n:
        rows = min(n - start, max(1, min(1_000, ENTRIES // (n - start))))
        end = start + rows
        # A point's kernel with itself is that of distance 0, whatever rounding makes of it.
        square = _square(left[start:end], right[:, start:end])
        np.fill_diagonal(square, 0.0)
        total += kernel(square) - rows * kernel(np.zeros((1, 1)))
        if end < n:
            total += 2 * kernel(_square(left[start:end], right[:, end:]))
        start = end
        yield
    return total


def _factors(x: Array, y: Array) -> tuple[Array, Array]:
    """(n, d + 2) and (d + 2, m) whose product is |x_i - y_j|^2: one matrix product instead of four passes."""
    one, other = np.ones((len(x), 1)), np.ones((len(y), 1))
    left = np.concatenate((-2 * x, (x**2).sum(1, keepdims=True), one), axis=1)
    return left, np.concatenate((y, other, (y**2).sum(1, keepdims=True)), axis=1).T


def _square(left: Array, right: Array) -> Array:
    square: Array = left @ right
    return np.maximum(square, 0.0, out=square)
