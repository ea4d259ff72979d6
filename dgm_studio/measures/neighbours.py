"""Balls around points, each as wide as the distance to the k-th nearest neighbour: who lies in whose.

Exact, by scipy's k-d trees, in memory and time of n k: no point of a cloud lies in more than some k balls of another.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused

ROWS, QUICK = 2_000, 20_000
"""Queries of one slice, some 10 ms in a few dimensions; points of some 0.1 s."""
FEW_DIMS = 8
"""Beyond, a tree helps little, and a query's time grows with the dimension."""
TIE = 1 + 1e-12
"""A ball holds the points on its rim, whatever rounding makes of their distance."""


@dataclass(frozen=True, eq=False)
class Balls:
    """Balls around the different points `centres` (u, d) of a cloud, of `radii` (u,); `many` (u,) points at each."""

    centres: Array
    radii: Array
    many: Array


def balls_slices(cloud: Array, k: int) -> Generator[None, None, Balls]:
    """The ball of each point (n, d) out to its k-th nearest other point. Each yield ends a slice.

    Refused for k points or fewer.
    """
    if len(cloud) <= k:
        raise Refused(f"k-NN balls with k = {k} need at least {k + 1} samples: draw more.")
    centres, many = yield from _places(cloud)
    tree, radii = (yield from search_tree(centres)), []
    nearest = np.arange(1, min(k + 1, len(centres)) + 1)
    rows = _rows(centres)
    for start in range(0, len(centres), rows):
        distance, place = tree.query(centres[start : start + rows], nearest)
        # the nearest of all is the point itself at distance 0, hence k + 1
        enough = (np.cumsum(many[place], axis=1) > k).argmax(axis=1)
        radii.append(distance[np.arange(len(enough)), enough])
        yield
    return Balls(centres, np.concatenate(radii) * TIE, many)


def covered_slices(points: Array, balls: Balls) -> Generator[None, None, float]:
    """The share of points (m, d) that lie in a ball at least."""
    places, many = yield from _places(points)
    tree = yield from search_tree(places)
    reached = np.zeros(len(places), dtype=bool)
    rows = _rows(points) // 2
    for start in range(0, len(balls.centres), rows):
        some = slice(start, start + rows)
        for inside in tree.query_ball_point(balls.centres[some], balls.radii[some], return_sorted=False):
            reached[inside] = True
        yield
    return float(many[reached].sum()) / len(points)


def pairs_slices(points: Array, balls: Balls) -> Generator[None, None, int]:
    """The number of pairs of a point (m, d) and a ball around it; balls of coinciding centres count each."""
    tree, total = (yield from search_tree(points)), 0
    rows = _rows(points)
    for start in range(0, len(balls.centres), rows):
        some = slice(start, start + rows)
        held = tree.query_ball_point(balls.centres[some], balls.radii[some], return_length=True)
        total += int(held @ balls.many[some])
        yield
    return total


def filled_slices(points: Array, balls: Balls) -> Generator[None, None, float]:
    """The share of balls that hold one of the points (m, d) at least."""
    places, _ = yield from _places(points)
    tree, filled = (yield from search_tree(places)), 0
    rows = _rows(points)
    for start in range(0, len(balls.centres), rows):
        some = slice(start, start + rows)
        nearest = tree.query(balls.centres[some], [1])[0][:, 0]
        filled += int(balls.many[some][nearest <= balls.radii[some]].sum())
        yield
    return filled / int(balls.many.sum())


def kth_slices(points: Array, among: Array, k: int) -> Generator[None, None, Array]:
    """The distance (m,) of each point (m, d) to its k-th nearest among others (n, d), itself too if it is there."""
    tree = yield from search_tree(among)
    parts = []
    rows = _rows(points)
    for start in range(0, len(points), rows):
        parts.append(tree.query(points[start : start + rows], [k])[0][:, 0])
        yield
    return np.concatenate(parts)


def search_tree(points: Array) -> Generator[None, None, Any]:
    """scipy's k-d tree of points (n, d): some 40 ms for 200,000."""
    from scipy.spatial import cKDTree  # loads in a third of a second, paid only here

    yield
    return cKDTree(points, balanced_tree=False, compact_nodes=False)


def _rows(points: Array) -> int:
    """Queries of one slice among points (n, d)."""
    return max(2, ROWS * FEW_DIMS // max(FEW_DIMS, int(points.shape[1])))


def _places(cloud: Array) -> Generator[None, None, tuple[Array, Array]]:
    """The different points (u, d) of a cloud, and how many points are at each: a law of few atoms has few places, and
    would ask for n^2 pairs point by point. np.unique takes 0.2 s for 200,000."""
    first = np.sort(cloud[:, 0])
    yield
    if (first[1:] != first[:-1]).all():  # so are the points
        return cloud, np.ones(len(cloud), dtype=np.int64)
    order = np.lexsort(cloud.T)
    yield
    ordered = cloud[order]
    starts = np.flatnonzero(np.concatenate(([True], (ordered[1:] != ordered[:-1]).any(axis=1))))
    yield
    return ordered[starts], np.diff(np.append(starts, len(cloud)))
