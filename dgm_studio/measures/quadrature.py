"""Quadrature of what two densities say together, on the line and in the plane, with a bound on its own error.

Cells are halved along every axis where the Gauss-Legendre rule on a cell and on its halves disagree; all cells of one
generation are evaluated at once. The densities come as logarithms, so that far tails neither underflow nor vanish.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.data.law import Box, Law
from dgm_studio.data.mixture import REACH

SLICE = 1_500
"""Nodes between two yields: some 10 ms for two mixtures of eight and their scores."""
MOST_CROSSINGS = 200
"""Of two densities that differ by more than rounding."""
SCAN = (512, 64, 64, 64, 64)
"""Parts into which the line, then each part with a crossing, is cut to find it."""
ROUNDING = 2e-12
"""Of the nodes' places and of the sum, relative."""
FEW_BELLS = 8
"""Bells that have cells of their own in the plane, at most."""
UNSEEN = 0.01
"""Of the mass of p or q: a quadrature that misses more has not found the law, and is none."""
POLE = 40.0
"""Nats that a ratio of densities may reach beside a pole, as near as a node can be told from it."""
EDGE, SKIRT, TAIL = 9, 1e-6, 1 / 32
"""Points along an axis around a box, as far outside it, and how far a tail beyond it reaches, in its sides: a Gaussian
and a Laplace density fall off within a hundredth and a fiftieth of theirs."""


@dataclass(frozen=True)
class Effort:
    """Gauss-Legendre nodes along an axis of a cell, cells along an axis at the start (at least), nodes in all (at
    most), relative tolerance."""

    order: int
    pieces: int
    nodes: int
    tolerance: float


FINE = {1: Effort(8, 16, 60_000, 1e-9), 2: Effort(5, 10, 300_000, 1e-6)}
"""For the figure that is shown, by dimension."""
COARSE = {1: Effort(8, 12, 6_000, 1e-5), 2: Effort(4, 8, 6_000, 1e-4)}
"""While a law is dragged: some 2 ms on the line, 10 ms in the plane."""


@dataclass(frozen=True, eq=False)
class Nodes:
    """Points (n, d) with log p and log q (n,) there."""

    points: Array
    log_p: Array
    log_q: Array
    p: Law
    q: Law


Integrand = Callable[[Nodes], Array]
"""The integrand's values (n,); +inf where the integral is infinite."""


@dataclass(frozen=True)
class Found:
    """Value and bound on the error of each integrand; whether both densities were positive anywhere; `unseen` is how
    far from 1 the same nodes find the mass of p or q, the worse of the two."""

    values: tuple[float, ...]
    errors: tuple[float, ...]
    overlap: bool
    unseen: float


def common_box(p: Law, q: Law) -> Box | None:
    """The smallest box around both boxes; None where a box or a density is unknown, or there are over two axes."""
    one, other = p.box(), q.box()
    if one is None or other is None or p.dim != q.dim or p.dim not in FINE:
        return None
    middle = np.array([[(low + high) / 2 for low, high in one]])
    if p.log_density(middle) is None or q.log_density(middle) is None:
        return None
    return tuple((min(a[0], b[0]), max(a[1], b[1])) for a, b in zip(one, other, strict=True))


def log_densities(p: Law, q: Law, points: Array) -> tuple[Array, Array]:
    """log p and log q (n,) at points (n, d), of laws that know them (`common_box` is not None)."""
    log_p, log_q = p.log_density(points), q.log_density(points)
    if log_p is None or log_q is None:
        raise TypeError(f"{p.title} or {q.title} has a density at some points only")
    return log_p, log_q


def integrate(
    p: Law, q: Law, integrands: Sequence[Integrand], box: Box, cuts: Sequence[float] = (), coarse: bool = False
) -> Generator[None, None, Found]:
    """The integral of each integrand over `box`, all on the same nodes; each yield ends a slice of some 10 ms.

    On the line, `cuts` are places to split at besides the laws' own breaks: where an integrand has a kink.

    The bound is the sum over all cells of |rule on the cell - rule on its halves|, of which the latter is the value,
    plus about what lies beyond the box, plus what is missing where the same nodes find p or q not to integrate to 1.
    Cells are halved until bound <= tolerance * max(1, |value|) or the nodes are used up: then the bound tells.
    """
    effort = (COARSE if coarse else FINE)[p.dim]
    tolerance, left = effort.tolerance, effort.nodes
    rule = _Rule(p, q, integrands, effort.order)
    low, high = _start(p, q, box, effort.pieces, cuts)
    outside = rule.outside(box)
    values = yield from rule.apply(low, high)
    errors = np.full(values.shape, np.inf)
    chosen = np.ones(len(low), dtype=bool)
    while True:
        left -= int(chosen.sum()) * rule.cost
        halves = _halve(low[chosen], high[chosen])
        finer = yield from rule.apply(*halves)
        count = 1 << p.dim
        with np.errstate(invalid="ignore"):  # infinite integrals are answered by then
            gap = np.abs(finer.reshape(-1, count, values.shape[1]).sum(1) - values[chosen])
        low, high = np.concatenate((low[~chosen], halves[0])), np.concatenate((high[~chosen], halves[1]))
        values = np.concatenate((values[~chosen], finer))
        errors = np.concatenate((errors[~chosen], np.repeat(gap / count, count, axis=0)))
        open_ = ~rule.infinite
        total = values[:, open_].sum(0)
        share = (errors[:, open_] / (tolerance * np.maximum(1.0, np.abs(total)))).max(1)
        missing = float(np.abs(total[-2:] - 1).max())
        if share.sum() <= 1 and missing > 1e3 * tolerance:
            chosen = np.ones(len(low), dtype=bool)  # a peak fell between the nodes: look everywhere
        else:
            chosen = share > 1 / len(share)
        if (share.sum() <= 1 and missing <= 1e3 * tolerance) or left < rule.cost:
            break
        if int(chosen.sum()) * rule.cost > left:
            worst = np.argsort(share)[::-1][: left // rule.cost]
            chosen = np.zeros(len(low), dtype=bool)
            chosen[worst] = True
    sums, bounds = np.full(values.shape[1], np.inf), np.zeros(values.shape[1])
    sums[open_] = total
    rounding = ROUNDING * (1 + np.abs(values[:, open_]).sum(0))
    lost = (missing if missing > tolerance or rule.pole else 0.0) * (POLE if rule.pole else 1.0) * (1 + np.abs(total))
    bounds[open_] = errors[:, open_].sum(0) + rounding + outside[open_] + lost
    return Found(tuple(sums[:-2].tolist()), tuple(bounds[:-2].tolist()), rule.overlap, missing)


@cache
def gauss_legendre(order: int) -> tuple[Array, Array]:
    """Nodes and weights (order,) on [-1, 1], kept: finding them takes as long as a small quadrature."""
    at, weight = np.polynomial.legendre.leggauss(order)
    return frozen(at), frozen(weight)


class _Rule:
    """The tensor Gauss-Legendre rule on many cells at once; the last two integrals are those of p and q."""

    def __init__(self, p: Law, q: Law, integrands: Sequence[Integrand], order: int) -> None:
        self.p, self.q, self.integrands = p, q, tuple(integrands)
        at, weight = gauss_legendre(order)
        axes = np.meshgrid(*[(at + 1) / 2] * p.dim, indexing="ij")
        self.at = np.stack([axis.ravel() for axis in axes], axis=1)
        self.weight = np.prod(np.meshgrid(*[weight / 2] * p.dim, indexing="ij"), axis=0).ravel()
        self.cost = len(self.at) << p.dim
        self.infinite = np.zeros(len(integrands) + 2, dtype=bool)
        self.overlap = self.pole = False

    def apply(self, low: Array, high: Array) -> Generator[None, None, Array]:
        """Integrals (cells, integrands + 2) over cells from low to high (cells, d)."""
        parts = [np.empty((0, len(self.infinite)))]
        step = max(1, SLICE // len(self.at))
        for start in range(0, len(low), step):
            if start:
                yield
            parts.append(self._some(low[start : start + step], high[start : start + step]))
        return np.concatenate(parts)

    def outside(self, box: Box) -> Array:
        """About what lies beyond the box (integrands + 2,): values just outside times TAIL of its size, all round."""
        sides = np.array([high - low for low, high in box])
        low, high = np.array(box)[:, 0] - SKIRT * sides, np.array(box)[:, 1] + SKIRT * sides
        axes = np.meshgrid(*np.linspace(low, high, EDGE, axis=1), indexing="ij")
        points = np.stack([axis.ravel() for axis in axes], 1)
        held = self._rows(points[((points == low) | (points == high)).any(1)])
        self.infinite |= np.isposinf(held).any(1)
        return np.asarray(np.abs(held).max(1) * 2 * len(box) * TAIL * sides.prod())

    def _rows(self, points: Array) -> Array:
        """All integrands' values (integrands + 2, n)."""
        log_p, log_q = log_densities(self.p, self.q, points)
        pole = (log_p == np.inf) | (log_q == np.inf)  # a node rounded onto one counts as nothing, not as infinity
        self.pole = self.pole or bool(pole.any())
        log_p, log_q = np.where(pole, -np.inf, log_p), np.where(pole, -np.inf, log_q)
        self.overlap = self.overlap or bool(((log_p > -np.inf) & (log_q > -np.inf)).any())
        nodes = Nodes(points, log_p, log_q, self.p, self.q)
        out: Array = np.stack([*(one(nodes) for one in self.integrands), np.exp(log_p), np.exp(log_q)])
        return out

    def _some(self, low: Array, high: Array) -> Array:
        size = high - low
        points = (low[:, None] + size[:, None] * self.at).reshape(-1, low.shape[1])
        held = self._rows(points).reshape(len(self.infinite), len(low), -1)
        self.infinite |= np.isposinf(held).any((1, 2))
        with np.errstate(invalid="ignore"):
            out: Array = (held @ self.weight).T * size.prod(1)[:, None]
        return out


def _start(p: Law, q: Law, box: Box, pieces: int, kinks: Sequence[float]) -> tuple[Array, Array]:
    """Cells (low, high) split at the boxes' edges, breaks and kinks, around components of mixtures, else evenly."""
    axes = []
    for axis, (least, most) in enumerate(box):
        cuts = {least, most, *kinks}
        for law in (p, q):
            cuts.update((law.box() or box)[axis])
            cuts.update(law.breaks() if law.dim == 1 else ())
            mixture = law.mixture()
            if mixture is None:
                continue
            mean, sd = mixture.means[:, axis], np.sqrt(mixture.covariances[:, axis, axis])
            if law.dim == 1:  # each bell has its own cells, however narrow it is in its box; at 16 its root is over
                sides: tuple[float, ...] = (-16.0, -8.0, -2.0, 2.0, 8.0, 16.0)
            elif len(mean) <= FEW_BELLS:  # in the plane those that no node might see
                narrow = sd < (most - least) / (2 * REACH * pieces)
                mean, sd, sides = mean[narrow], sd[narrow], (-REACH, 0.0, REACH)
            else:
                continue
            cuts.update(cut for side in sides for cut in (mean + side * sd).tolist())
        edges = sorted(cut for cut in cuts if least <= cut <= most)
        even = (most - least) / pieces
        lines = [edges[0]]
        for left, right in pairwise(edges):
            count = max(1, int(np.ceil((right - left) / even - 1e-9)))
            lines.extend(np.linspace(left, right, count + 1)[1:].tolist())
        axes.append(np.array(lines))
    lows = np.meshgrid(*[lines[:-1] for lines in axes], indexing="ij")
    highs = np.meshgrid(*[lines[1:] for lines in axes], indexing="ij")
    return np.stack([x.ravel() for x in lows], 1), np.stack([x.ravel() for x in highs], 1)


def _halve(low: Array, high: Array) -> tuple[Array, Array]:
    """The 2^d halves of each cell, next to one another."""
    corners = np.stack([x.ravel() for x in np.meshgrid(*[[0.0, 0.5]] * low.shape[1], indexing="ij")], 1)
    size = (high - low)[:, None]
    first: Array = low[:, None] + size * corners
    return first.reshape(-1, low.shape[1]), (first + size / 2).reshape(-1, low.shape[1])


def crossings(p: Law, q: Law, box: Box) -> tuple[float, ...]:
    """On the line: where log p - log q changes its sign within `box`, to a 1e-10th of it; () in the plane.

    A rule whose nodes all lie to one side of a kink in |p - q| does not see it, so cells must end there.
    """
    if p.dim != 1:
        return ()
    low, high = np.array([box[0][0]]), np.array([box[0][1]])
    for pieces in SCAN:
        at = np.linspace(low, high, pieces + 1, axis=1)
        log_p, log_q = log_densities(p, q, at.reshape(-1, 1))
        above = (log_p > log_q).reshape(at.shape)
        row, column = np.nonzero(above[:, 1:] != above[:, :-1])
        if len(row) > MOST_CROSSINGS:
            return ()  # two densities that are one up to rounding: there is no kink in their difference
        low, high = at[row, column], at[row, column + 1]
    return tuple(((low + high) / 2).tolist())
