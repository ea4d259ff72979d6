"""Plug-in estimates from a histogram whose cells hold equal counts of both samples together."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.data.law import Law
from dgm_studio.measures.measure import Function, Slow, differing

ROWS = 100_000
"""Points sorted into cells in one slice."""
HISTOGRAM_BIAS = (
    "Plug-in of counts in 2 n^(1/3) cells (the plane: n^(1/4) a side) of equal count: noise in the counts raises it, "
    "the cells' width lowers it."
)


def histogram(density: Callable[[Array, Array], Array], smooth_p: bool = False, smooth_q: bool = False) -> Function:
    """The sum over cells of density(log share of p, log share of q).

    On the line there are 2 n^(1/3) cells, edged by quantiles of the pooled sample (statistically equivalent blocks:
    Wang, Kulkarni and Verdu, 2005); in the plane n^(1/4) columns of as many cells each. A share that is
    divided by has 1/2 added to each count (Krichevsky and Trofimov, 1981), for an empty cell proves no gap.
    """

    def estimate(x: Array, y: Array, p: Law, q: Law, rng: np.random.Generator) -> Slow:
        differing(x, y, 8, "A histogram")
        n = min(len(x), len(y))
        side = math.ceil(2 * n ** (1 / 3)) if x.shape[1] == 1 else math.ceil(n ** (1 / 4))
        both = np.concatenate((x, y))
        cell = np.zeros(len(both), dtype=np.int64)
        for axis in range(x.shape[1]):
            cell = yield from _split(both[:, axis], cell, side)
        counts = [np.bincount(cell[part], minlength=cell.max() + 1) for part in (slice(len(x)), slice(len(x), None))]
        held = (counts[0] + counts[1]) > 0  # numbers that ties left out are no cells
        one, other = (
            _log_shares(each[held], smooth) for each, smooth in zip(counts, (smooth_p, smooth_q), strict=True)
        )
        return float(density(one, other).sum())

    return estimate


def _split(values: Array, cell: Array, side: int) -> Generator[None, None, Array]:
    """Each cell's points cut into `side` parts of equal count along `values` (n,); equal values stay together."""
    out = np.empty_like(cell)
    order = np.argsort(cell, kind="stable")
    for number, members in enumerate(np.split(order, np.flatnonzero(np.diff(cell[order])) + 1)):
        edges = np.unique(np.sort(values[members])[np.arange(1, side) * len(members) // side])
        for start in range(0, len(members), ROWS):
            some = members[start : start + ROWS]
            out[some] = number * side + np.searchsorted(edges, values[some], side="right")
            yield
    return out


def _log_shares(counts: Array, smooth: bool) -> Array:
    raised = counts + (0.5 if smooth else 0.0)
    with np.errstate(divide="ignore"):
        out: Array = np.log(raised / raised.sum())
    return out
