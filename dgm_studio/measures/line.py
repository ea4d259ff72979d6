"""Transport on the line, where the best plan is known: the p-th power of the distance between quantile functions."""

from __future__ import annotations

import math
from collections.abc import Generator

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.data.law import Law
from dgm_studio.measures.quadrature import gauss_legendre

Found = Generator[None, None, tuple[float, float] | None]

ORDER, CELLS, MOST, SLICE = 8, 48, 40_000, 1_024
"""Gauss-Legendre nodes of a cell, cells at the start, nodes in all and between two yields at most."""
ROUNDING = 1e-14
"""Of a quantile, relative to its size."""
GOOD = 1e-9
"""Relative error at which a quadrature is not refined further."""
REACH = 3.0
"""The nodes' parameter runs over +-REACH: levels from 2e-14 to 1 - 2e-14."""


def mean_cost(px: Array, py: Array, power: float) -> float:
    """The mean over rows of W_power^power between the points px (k, n) and py (k, m) of each; n and m may differ.

    numpy sorts float32 rows some 20 times faster than torch does on a CPU, and POT's wasserstein_1d takes ten times as
    long (and two seconds to import) for the same sums.
    """
    px, py = np.sort(px, axis=1), np.sort(py, axis=1)
    n, m = px.shape[1], py.shape[1]
    if n == m:
        return float(np.mean(_powered(px - py, power), dtype=np.float64))
    # both quantile functions are constant between the merged levels i/n and j/m, in 1/(n m)
    levels = np.union1d(np.arange(n + 1, dtype=np.int64) * m, np.arange(m + 1, dtype=np.int64) * n)
    left, weight = levels[:-1], np.diff(levels) / (n * m)
    return float((_powered(px[:, left // m] - py[:, left // n], power) @ weight).mean())


def cost_of_atoms(p: tuple[Array, Array], q: tuple[Array, Array], power: float) -> float:
    """W_power^power of two discrete laws on the line, (points (k, 1), weights (k,)) each: exact."""
    (x, up_x), (y, up_y) = _steps(*p), _steps(*q)
    levels = np.unique(np.concatenate(([0.0], up_x[:-1], up_y[:-1], [1.0])))
    middle = (levels[1:] + levels[:-1]) / 2
    gap = x[np.searchsorted(up_x[:-1], middle)] - y[np.searchsorted(up_y[:-1], middle)]
    return float(_powered(gap, power) @ np.diff(levels))


def quantile_cost(p: Law, q: Law, power: float) -> Found:
    """(W_power^power, bound on its error) as the integral over levels u of |P^-1(u) - Q^-1(u)|^power.

    Gauss-Legendre in t with u = (1 + tanh(pi/2 sinh t)) / 2, which tames the tails (Takahasi and Mori, 1974). Cells of
    t are halved where the rule on a cell and on its halves disagree, or its polynomial and the integrand at an end: so
    kinks and jumps are closed in on. The bound sums these disagreements over all cells (none can cancel another), the
    rounding of the quantiles and the tails beyond the nodes. None where a law is not on the line or has no quantiles.
    """
    if p.dim != 1 or q.dim != 1 or _quantiles(p, q, np.array([0.5])) is None:
        return None
    edges = np.linspace(-REACH, REACH, CELLS + 1)
    low, size = edges[:-1], np.diff(edges)
    values = yield from _cells(p, q, power, low, size)
    errors, chosen, left = np.full(len(low), np.inf), np.ones(len(low), dtype=bool), MOST
    while True:
        half = np.repeat(size[chosen] / 2, 2)
        start = np.repeat(low[chosen], 2)
        start[1::2] += half[1::2]
        finer = yield from _cells(p, q, power, start, half)
        gap = np.abs(finer.reshape(-1, 2, 3).sum(1) - values[chosen])[:, 0]
        low, size = np.concatenate((low[~chosen], start)), np.concatenate((size[~chosen], half))
        values = np.concatenate((values[~chosen], finer))
        errors = np.concatenate((errors[~chosen], np.repeat(gap / 2, 2) + finer[:, 2]))
        left -= len(half) * ORDER
        cost, rounding, _ = values.sum(axis=0)
        room = max(GOOD * cost, rounding)
        chosen = errors > room / len(errors)
        if errors.sum() <= room or left < 2 * ORDER:
            break
        if int(chosen.sum()) * 2 * ORDER > left:
            chosen = np.zeros(len(errors), dtype=bool)
            chosen[np.argsort(errors)[::-1][: left // (2 * ORDER)]] = True
    return float(cost), float(errors.sum() + rounding + _tails(p, q, power))


def root(cost: tuple[float, float] | None, power: float) -> tuple[float, float] | None:
    """(cost^(1/power), bound on its error) from (cost, bound)."""
    if cost is None:
        return None
    value, error = cost
    low, middle, high = (max(0.0, one) ** (1 / power) for one in (value - error, value, value + error))
    return middle, max(high - middle, middle - low)


def _cells(p: Law, q: Law, power: float, low: Array, size: Array) -> Generator[None, None, Array]:
    """(cells, 3) over each cell of t from `low` of `size`: the integral, the part of it that rounding may be, and what
    a kink or a jump between the ends and the nodes next to them may hide."""
    at, weight = gauss_legendre(ORDER)
    ends = np.stack([_lagrange(at, end) for end in (-1.0, 1.0)], axis=1)
    places = np.concatenate((at, (-1.0, 1.0)))
    parts, step = [], max(1, SLICE // len(places))
    for start in range(0, len(low), step):
        some = slice(start, start + step)
        t = (low[some, None] + size[some, None] * (places + 1) / 2).ravel()
        inner = math.pi * np.sinh(t)
        levels = 1 / (1 + np.exp(-inner))
        gap, doubt = _gaps(p, q, levels)
        slope = math.pi * np.cosh(t) * levels / (1 + np.exp(inner))
        cost = _powered(gap.copy(), power)
        held = (np.stack((cost, _powered(gap + doubt, power) - cost)) * slope).reshape(2, -1, len(places))
        inside, outside = held[0, :, :ORDER], held[0, :, ORDER:]
        unseen = np.abs(inside @ ends - outside).sum(axis=1) * (1 + at[0]) / 2
        sums = held[:, :, :ORDER] @ (weight / 2)
        parts.append((np.stack((*sums, unseen)) * size[some]).T)
        yield
    return np.concatenate(parts)


def _lagrange(at: Array, x: float) -> Array:
    """The weights (n,) by which values at nodes (n,) give their polynomial's value at x."""
    gaps = at[:, None] - at
    np.fill_diagonal(gaps, 1.0)
    others = np.broadcast_to(x - at, gaps.shape).copy()
    np.fill_diagonal(others, 1.0)
    return np.asarray((others / gaps).prod(axis=1))


def _gaps(p: Law, q: Law, levels: Array) -> tuple[Array, Array]:
    """|P^-1 - Q^-1| at levels (n,), and its rounding."""
    both = _quantiles(p, q, levels)
    assert both is not None
    one, other = both
    return np.abs(one - other), ROUNDING * (np.abs(one) + np.abs(other))


def _quantiles(p: Law, q: Law, levels: Array) -> tuple[Array, Array] | None:
    with np.errstate(over="ignore", invalid="ignore"):  # between bells a density of 0 divides
        one, other = p.quantile(levels), q.quantile(levels)
    return None if one is None or other is None else (one, other)


def _tails(p: Law, q: Law, power: float) -> float:
    """About what lies beyond the nodes: the cost at the outermost levels on twice their mass."""
    level = 1 / (1 + math.exp(math.pi * math.sinh(REACH)))
    gap, _ = _gaps(p, q, np.array([level, 1 - level]))
    return 2 * level * float(_powered(gap, power).sum())


def _steps(points: Array, weights: Array) -> tuple[Array, Array]:
    order = np.argsort(points[:, 0], kind="stable")
    return points[order, 0], np.cumsum(weights[order]) / np.sum(weights)


def _powered(gap: Array, power: float) -> Array:
    """|gap|^power, in place."""
    if power == 2:
        return np.square(gap, out=gap)
    np.abs(gap, out=gap)
    return gap if power == 1 else gap**power
