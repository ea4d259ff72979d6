"""Two piles of earth on the line: the cheapest way from one to the other, and the pile on its way (lecture 5).

On the line the cheapest plan is known without a solver: for a convex cost of x - y the monotone coupling, which the
north-west corner rule finds, and its prices follow along the staircase (Hoffman, 1963; Santambrogio, 2015, ch. 2).
So a pile that is drawn with the mouse need not wait for a solver's process.
"""

from __future__ import annotations

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import numbers_in
from dgm_studio.lab.scenes.parts.transport_problem import Problem, pairwise
from dgm_studio.measures.transport import Plan

LECTURE = ("3, 2, 1, 4", "1, 2, 4, 3")
"""The earth mover's example of the source that lecture 5 cites there (Weng, 2019: From GAN to WGAN)."""


def heights(text: str, name: str, places: int) -> Array:
    """A drawn pile's heights (places,) of a text such as "3, 2, 1, 4", cut or filled up with none; Refused where it is
    empty or below the ground."""
    drawn = numbers_in(text)[:places]
    pile = np.array((*drawn, *(0.0,) * (places - len(drawn))), np.float64)
    if (pile < 0).any():
        raise Refused(f"{name} has a bar of height {pile.min():g}; a pile cannot reach below the ground. Make it 0.")
    if pile.sum() <= 0:
        raise Refused(f"{name} holds no earth: all its bars are 0. Draw at least one.")
    return pile


def between_piles(p: Array, q: Array, power: int) -> Problem:
    """The problem of moving heights p (k,) at 1, 2, ... k to heights q (l,); both count as one unit of earth."""
    places = [np.flatnonzero(pile).astype(np.float64)[:, None] + 1 for pile in (p, q)]
    masses = [pile[pile > 0] / pile.sum() for pile in (p, q)]
    return Problem(places[0], places[1], masses[0], masses[1], power, pairwise(places[0], places[1], power))


def monotone(problem: Problem) -> Plan:
    """The optimal plan on the line for |x - y|^power, power >= 1: the leftmost earth goes to the leftmost place.

    The problem's x (n, 1) and y (m, 1) rise strictly, its masses are positive.
    """
    a, b, cost = problem.a, problem.b, problem.cost
    f, g = np.zeros(len(a)), np.zeros(len(b))
    moves: list[tuple[int, int, float]] = []
    i = j = 0
    left, room = float(a[0]), float(b[0])
    g[0] = cost[0, 0]
    while True:
        moved = min(left, room)
        left, room = left - moved, room - moved
        if moved > 1e-15:  # less is rounding's crumb, at a corner where both are used up
            moves.append((i, j, moved))
        last_i, last_j = i == len(a) - 1, j == len(b) - 1
        if last_i and last_j:
            break
        # Each step along the staircase ties one new price to one that is known: f_i + g_j = cost_ij.
        if (left <= room and not last_i) or last_j:
            i += 1
            left += float(a[i])
            f[i] = cost[i, j] - g[j]
        else:
            j += 1
            room += float(b[j])
            g[j] = cost[i, j] - f[i]
    rows, columns = (np.array([move[side] for move in moves], np.int64) for side in (0, 1))
    mass = np.array([move[2] for move in moves])
    return Plan(rows, columns, mass, float(mass @ cost[rows, columns]), problem.power, f, g)


def on_the_way(problem: Problem, plan: Plan, t: float, width: float = 1.0) -> tuple[Array, Array]:
    """The pile at time t as a histogram of density: edges (k + 1,), heights (k,). Each grain of the plan is a block
    `width` wide that slides from x_i to y_j at constant speed (McCann, 1997: displacement interpolation): at t = 0 it
    is the first pile, at t = 1 the second."""
    centres = (1 - t) * problem.x[plan.rows, 0] + t * problem.y[plan.columns, 0]
    left, right = centres - width / 2, centres + width / 2
    edges = np.unique(np.round(np.concatenate((left, right)), 12))
    middles = (edges[1:] + edges[:-1]) / 2
    inside = (left[:, None] < middles) & (middles < right[:, None])
    return edges, plan.mass / width @ inside
