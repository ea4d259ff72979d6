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
from dgm_studio.measures.measure import differing

ROWS, QUICK = 2_000, 20_000
"""Queries of one slice, some 10 ms; points of some 0.1 s."""
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
    # the nearest of all is the point itself at distance 0, hence k + 1
    radii = yield from kth_slices(cloud, cloud, k + 1)
    # Points that coincide have one ball: else a law of few atoms would ask for n^2 pairs.
    centres, first, many = np.unique(cloud, axis=0, return_index=True, return_counts=True)
    yield
    return Balls(centres, radii[first] * TIE, many)


def covered_slices(points: Array, balls: Balls) -> Generator[None, None, float]:
    """The share of points (m, d) that lie in a ball at least."""
    places, many = np.unique(points, axis=0, return_counts=True)
    tree = yield from search_tree(places)
    reached = np.zeros(len(places), dtype=bool)
    for start in range(0, len(balls.centres), ROWS // 2):
        some = slice(start, start + ROWS // 2)
        for inside in tree.query_ball_point(balls.centres[some], balls.radii[some], return_sorted=False):
            reached[inside] = True
        yield
    return float(many[reached].sum()) / len(points)


def pairs_slices(points: Array, balls: Balls) -> Generator[None, None, int]:
    """The number of pairs of a point (m, d) and a ball around it; balls of coinciding centres count each."""
    tree, total = (yield from search_tree(points)), 0
    for start in range(0, len(balls.centres), ROWS):
        some = slice(start, start + ROWS)
        held = tree.query_ball_point(balls.centres[some], balls.radii[some], return_length=True)
        total += int(held @ balls.many[some])
        yield
    return total


def filled_slices(points: Array, balls: Balls) -> Generator[None, None, float]:
    """The share of balls that hold one of the points (m, d) at least."""
    tree, filled = (yield from search_tree(points)), 0
    for start in range(0, len(balls.centres), ROWS):
        some = slice(start, start + ROWS)
        nearest = tree.query(balls.centres[some], [1])[0][:, 0]
        filled += int(balls.many[some][nearest <= balls.radii[some]].sum())
        yield
    return filled / int(balls.many.sum())


def checked(x: Array, y: Array, k: int, what: str) -> None:
    """Refused unless there are k + 1 points or more of both, of one dimension, finite and not all equal."""
    differing(x, y, k + 1, what)


def kth_slices(points: Array, among: Array, k: int) -> Generator[None, None, Array]:
    """The distance (m,) of each point (m, d) to its k-th nearest among others (n, d), itself too if it is there."""
    tree = yield from search_tree(among)
    parts = []
    for start in range(0, len(points), ROWS):
        parts.append(tree.query(points[start : start + ROWS], [k])[0][:, 0])
        yield
    return np.concatenate(parts)


def search_tree(points: Array) -> Generator[None, None, Any]:
    """scipy's k-d tree of points (n, d): some 40 ms for 200,000."""
    from scipy.spatial import cKDTree  # loads in a third of a second, paid only here

    yield
    return cKDTree(points, balanced_tree=False, compact_nodes=False)
