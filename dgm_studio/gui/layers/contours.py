"""Level lines of a grid map: marching squares, vectorised over cells, then chained so that dashes run on."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Box

# Which of a cell's edges (0 bottom, 1 right, 2 top, 3 left) each case joins; bits of a case: corners at or
# above the level, 1 lower left, 2 lower right, 4 upper right, 8 upper left. The two saddles 5 and 10 keep
# high corners apart.
CASES: dict[int, tuple[tuple[int, int], ...]] = {
    1: ((3, 0),), 2: ((0, 1),), 3: ((3, 1),), 4: ((1, 2),), 5: ((3, 0), (1, 2)), 6: ((0, 2),), 7: ((3, 2),),
    8: ((2, 3),), 9: ((0, 2),), 10: ((0, 1), (2, 3)), 11: ((1, 2),),
    12: ((1, 3),), 13: ((0, 1),), 14: ((3, 0),),
}  # fmt: skip


def contours(values: Array, level: float, box: Box) -> list[Array]:
    """Lines [(points, 2)] in model units where values (r, c), sampled at the cell centres of `box`, cross
    `level`.

    Closed lines repeat their first point at the end. Cells with a value that is not finite are left out.
    """
    values = np.asarray(values, dtype=np.float64)
    rows, columns = values.shape
    if rows < 2 or columns < 2:
        return []
    corners = (values[:-1, :-1], values[:-1, 1:], values[1:, 1:], values[1:, :-1])
    case = sum((corner >= level).astype(int) << bit for bit, corner in enumerate(corners))
    case = np.where(np.isfinite(sum(corners)), case, 0)
    joins: list[Array] = []
    for kind, pairs in CASES.items():
        i, j = np.nonzero(case == kind)
        for first, second in pairs:
            joins.append(np.stack([_edge(first, i, j, values.shape), _edge(second, i, j, values.shape)], axis=1))
    chains = _chained(np.concatenate(joins))
    return [_points(np.array(chain), values, level, box) for chain in chains]


def _edge(side: int, i: Array, j: Array, shape: tuple[int, ...]) -> Array:
    """A number for each grid edge: horizontal ones first, then vertical ones."""
    rows, columns = shape
    if side in (0, 2):
        return (i + (side == 2)) * columns + j
    return rows * columns + i * columns + j + (side == 1)


def _points(edges: Array, values: Array, level: float, box: Box) -> Array:
    """Where the level crosses each edge, by linear interpolation."""
    rows, columns = values.shape
    upright = edges >= rows * columns
    i, j = np.divmod(edges % (rows * columns), columns)
    start, end = values[i, j], values[i + upright, j + ~upright]
    share = (level - start) / (end - start)
    column, row = j + np.where(upright, 0, share) + 0.5, i + np.where(upright, share, 0) + 0.5
    x_low, x_high, y_low, y_high = box
    return np.stack([x_low + column * (x_high - x_low) / columns, y_low + row * (y_high - y_low) / rows], axis=1)


def _chained(joins: Array) -> list[list[int]]:
    """Pairs of edge numbers as longest lines; each edge number is in at most two pairs."""
    near: dict[int, list[int]] = {}
    for first, second in joins.tolist():
        near.setdefault(first, []).append(second)
        near.setdefault(second, []).append(first)
    # Open lines first, from their ends; what is left are rings.
    starts = [edge for edge, others in near.items() if len(others) == 1]
    chains = []
    for start in [*starts, *near]:
        if not near[start]:
            continue
        chain = [start]
        while near[chain[-1]]:
            following = near[chain[-1]].pop()
            near[following].remove(chain[-1])
            chain.append(following)
        chains.append(chain)
    return chains
