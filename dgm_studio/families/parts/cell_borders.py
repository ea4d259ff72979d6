"""Borders of a piecewise constant map of the plane: the lines on which the cell a point belongs to changes."""

from __future__ import annotations

from collections.abc import Callable, Generator
from itertools import combinations

import torch
from torch import Tensor

HALVINGS = 6
"""Bisections of a lattice edge whose ends lie in two cells: the crossing is found to 1/64 of the edge."""

Assign = Callable[[Tensor], Tensor]
"""Points (n, 2) -> the whole number of the cell of each (n,)."""


def cell_borders(
    assign: Assign, low: tuple[float, float], high: tuple[float, float], side: int, like: Tensor
) -> Generator[None, None, tuple[Tensor, ...]]:
    """Polylines (m, 2) of the borders of `assign` in the box [low, high], in the dtype and on the device of `like`.

    Each vertex on an edge of the side x side lattice is a place where the assignment changes, found by bisection; in a
    square two crossings are joined, three or four are joined with their middle (a place where cells meet). What is
    thinner than a square can be missed. Each yield ends a slice.
    """
    xs, ys = (torch.linspace(a, b, side, dtype=like.dtype, device=like.device) for a, b in zip(low, high, strict=True))
    nodes = torch.cartesian_prod(xs, ys)
    cells = assign(nodes).view(side, side)
    yield
    index = torch.arange(side * side, device=like.device).view(side, side)
    right = torch.stack([index[:-1].flatten(), index[1:].flatten()], dim=1)
    up = torch.stack([index[:, :-1].flatten(), index[:, 1:].flatten()], dim=1)
    edges = torch.cat([right, up])
    crossed = (cells.flatten()[edges[:, 0]] != cells.flatten()[edges[:, 1]]).nonzero()[:, 0]
    ends, home = nodes[edges[crossed]], cells.flatten()[edges[crossed, 0]]
    inner, outer = ends[:, 0], ends[:, 1]
    for _ in range(HALVINGS):
        middle = (inner + outer) / 2
        stays = (assign(middle) == home)[:, None]
        inner, outer = torch.where(stays, middle, inner), torch.where(stays, outer, middle)
        yield
    places = dict(zip(crossed.tolist(), ((inner + outer) / 2).unbind(), strict=True))
    yield
    return _joined(_segments(set(places), side), places)


Vertex = tuple[str, int]
"""A crossing by the number of its edge, or the middle of a square by the square's number."""


def _segments(crossed: set[int], side: int) -> dict[Vertex, list[Vertex]]:
    """Each vertex's neighbours along the borders."""
    own: dict[int, list[int]] = {}
    ups = (side - 1) * side  # edges along x come first: (i, j) -> (i + 1, j) is i side + j
    for edge in sorted(crossed):
        along_x = edge < ups
        i, j = divmod(edge if along_x else edge - ups, side if along_x else side - 1)
        before = (i, j - 1) if along_x else (i - 1, j)
        for column, row in ((i, j), before):
            if 0 <= column < side - 1 and 0 <= row < side - 1:
                own.setdefault(column * (side - 1) + row, []).append(edge)
    neighbours: dict[Vertex, list[Vertex]] = {}
    for square, around in own.items():
        vertices: list[Vertex] = [("edge", one) for one in around]
        pairs = list(combinations(vertices, 2)) if len(vertices) == 2 else [(v, ("middle", square)) for v in vertices]
        if len(vertices) > 2:
            neighbours[("middle", square)] = []
        for a, b in pairs:
            neighbours.setdefault(a, []).append(b)
            neighbours.setdefault(b, []).append(a)
    return neighbours


def _joined(neighbours: dict[Vertex, list[Vertex]], places: dict[int, Tensor]) -> tuple[Tensor, ...]:
    """The segments as few long polylines: from every end or junction along, then what is left are rings."""
    where = {("edge", edge): place for edge, place in places.items()}
    for vertex, around in neighbours.items():
        if vertex[0] == "middle":
            where[vertex] = torch.stack([where[one] for one in around]).mean(0)
    left = {vertex: list(around) for vertex, around in neighbours.items()}
    starts = [vertex for vertex, around in neighbours.items() if len(around) != 2]
    lines = []
    for start in (*starts, *neighbours):
        while left[start]:
            line, here = [start], start
            while left[here]:
                there = left[here].pop()
                left[there].remove(here)
                line.append(there)
                here = there
                if len(neighbours[here]) != 2:
                    break
            lines.append(torch.stack([where[vertex] for vertex in line]))
    return tuple(lines)
