"""Estimates through log p/q at the samples: from both densities (Monte Carlo) or from kernel estimates of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.data.law import Law
from dgm_studio.measures.kde import Kde, fit_kde
from dgm_studio.measures.measure import Function, Slow, same_space, spread_out
from dgm_studio.measures.on_densities import log_ratio

OfRatio = Callable[[Array, Array], float]
"""A measure from log p/q at points of p (n,) and at points of q (m,)."""
KDE_MOST = 5_000
"""Every point meets every other four times: about a second."""
KDE_QUICK = 1_000
"""Points up to which an interval is found at once."""
BLOCK = 2_000
"""Points whose densities are found in one slice."""
ENTRIES = 400_000
"""Distances of one slice: some 10 ms."""
KDE_BIAS = "The kernels blur both densities, which lowers it; their noise raises it, most near 0."
FLOORED_BIAS = "The kernels blur both densities and say nothing where few points lie, which lowers it; noise raises it."
BOUND_BIAS = "A lower bound on average: the kernels' ratio is left out at its own points, and no ratio beats p/q."


def monte_carlo(of_ratio: OfRatio) -> Function:
    """`of_ratio` of the true log p/q: an average of known numbers, hence unbiased. Refused without densities."""

    def estimate(x: Array, y: Array, p: Law, q: Law, rng: np.random.Generator) -> Slow:
        same_space(x, y, 2, "Monte Carlo")
        at_x = yield from exact_log_ratio(x, p, q)
        at_y = yield from exact_log_ratio(y, p, q)
        return of_ratio(at_x, at_y)

    return estimate


def exact_log_ratio(points: Array, p: Law, q: Law) -> Generator[None, None, Array]:
    """log p/q (n,) at points (n, d)."""
    parts = []
    for some in blocks(points):
        log_p, log_q = p.log_density(some), q.log_density(some)
        if log_p is None or log_q is None:
            raise Refused("Monte Carlo needs both densities, and one is unknown: take an estimate from samples.")
        parts.append(log_ratio(log_p, log_q))
        yield
    return np.concatenate(parts)


def blocks(points: Array) -> Iterator[Array]:
    """Points (n, d) in parts of which a density is found within some 10 ms."""
    for start in range(0, len(points), BLOCK):
        yield points[start : start + BLOCK]


def kde(of_ratio: OfRatio, floored: bool = False) -> Function:
    """`of_ratio` of log p/q of two kernel estimates, each point left out of its own (Hall and Morton, 1993).

    `floored`: neither counts as less than one of its kernels' height, for further out their thin tails would make up
    the ratio, which is for measures that do not bound it.
    """

    def estimate(x: Array, y: Array, p: Law, q: Law, rng: np.random.Generator) -> Slow:
        spread_out(x, y, 16, "A kernel estimate")
        ours, theirs = torch.from_numpy(x), torch.from_numpy(y)
        of_p, of_q = (yield from fit_kde(ours)), (yield from fit_kde(theirs))
        sides = []
        for points in (ours, theirs):
            log_p = yield from left_out(of_p, points, floored)
            log_q = yield from left_out(of_q, points, floored)
            sides.append((log_p - log_q).numpy())
        return of_ratio(*sides)

    return estimate


def left_out(estimate: Kde, points: Tensor, floored: bool = False) -> Generator[None, None, Tensor]:
    """log density (n,) at points (n, d), `floored` at one kernel's height; where these are the estimate's own points,
    each is left out of it."""
    parts = []
    for _, logs in log_kernels(estimate, points):
        parts.append(torch.logsumexp(logs, dim=1))
        yield
    own = points is estimate.points
    d, n = points.shape[1], len(estimate.points) - own
    sums = torch.cat(parts)
    scale = estimate.bandwidth.log().sum() + 0.5 * d * math.log(2 * math.pi) + math.log(n)
    return (sums.clamp_min(0) if floored else sums) - scale


def log_kernels(estimate: Kde, points: Tensor) -> Generator[tuple[Tensor, Tensor], None, None]:
    """Blocks of points (r, d) and the log kernels (r, n) between them and the estimate's points."""
    own, size = points is estimate.points, max(1, ENTRIES // len(estimate.points))
    white = estimate.points / estimate.bandwidth
    for start in range(0, len(points), size):
        rows = points[start : start + size]
        square = torch.cdist(rows / estimate.bandwidth, white, compute_mode="donot_use_mm_for_euclid_dist").square()
        logs = square.mul_(-0.5)
        if own:
            logs[torch.arange(len(rows)), start + torch.arange(len(rows))] = -torch.inf
        yield rows, logs
