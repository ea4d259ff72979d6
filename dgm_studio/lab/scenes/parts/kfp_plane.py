"""The Kolmogorov-Fokker-Planck equation in the plane: the line's solver along one axis, then along the other."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.data.mixture import Mixture
from dgm_studio.lab.scenes.parts.kfp_grid import Grid, operator, step, without_ringing
from dgm_studio.lab.scenes.parts.processes import LANGEVIN, PURE, VP

CELLS, STEPS = 96, 60
"""A side of the square; steps of a course."""
REACH = 5.0
"""Standard deviations that the square holds of everything."""
SLICE = 4
"""Steps in one beat: some 6 ms."""
MOST_PIECES = 8
"""Of one step, which then takes a whole beat."""


@dataclass(frozen=True, eq=False)
class Plane:
    """dx = f dt + g dW with f = g^2 / 2 grad log(kept): kept is N(0, I) (VP), nothing (PURE), or `data` (LANGEVIN)."""

    kind: str
    data: Mixture
    g: float
    end: float

    @property
    def kept(self) -> Mixture | None:
        """What stays as it is."""
        return {VP: Mixture.isotropic(np.zeros((1, 2)), 1.0), LANGEVIN: self.data, PURE: None}[self.kind]

    def slope(self, x: Array) -> Array:
        """grad log(kept) at x (n, 2) -> (n, 2)."""
        kept = self.kept
        return np.zeros_like(x) if kept is None else kept.score(x)

    def exact(self, start: Mixture, t: float) -> Mixture | None:
        """p_t in closed form, where it has one."""
        clock = 0.5 * self.g**2 * t
        if self.kind == LANGEVIN:
            return start if start is self.data else None
        shrunk = math.exp(-clock) if self.kind == VP else 1.0
        noise = -math.expm1(-2.0 * clock) if self.kind == VP else 2.0 * clock
        return Mixture(start.weights, shrunk * start.means, shrunk**2 * start.covariances + noise * np.eye(2))

    def half(self, start: Mixture) -> float:
        """Half the square's side."""
        ends = [one for one in (start, self.kept, self.exact(start, self.end)) if one is not None]
        return max(float(np.abs(one.means).max() + REACH * math.sqrt(one.covariances.max())) for one in ends)


@dataclass(frozen=True, eq=False)
class PlaneCourse:
    """`density` (STEPS + 1, CELLS, CELLS), row 0 at the bottom, at even times from 0 to the end; `log_kept` (CELLS,
    CELLS) up to a constant, flat where nothing is kept."""

    plane: Plane
    grid: Grid
    start: Mixture
    log_kept: Array
    density: Array

    @property
    def cell(self) -> float:
        """Area of a cell."""
        return self.grid.width**2

    @property
    def times(self) -> Array:
        """(STEPS + 1,)."""
        return np.linspace(0.0, self.plane.end, STEPS + 1)

    def masses(self) -> Array:
        """Of each time."""
        return np.asarray(self.density.sum(axis=(1, 2)) * self.cell)


def solve(plane: Plane, start: Mixture) -> Generator[None, None, PlaneCourse]:
    """The course from `start`, slice by slice: half a step along x, a whole one along y, half a one along x (Strang,
    1968), each implicit and of second order. Each half conserves mass and keeps what is kept, and so does the whole."""
    grid = Grid(plane.half(start), CELLS)
    points = centres(grid)
    kept = plane.kept
    log_kept = np.zeros((CELLS, CELLS)) if kept is None else kept.log_density(points).reshape(CELLS, CELLS)
    yield
    across, upward = lines(log_kept, grid.width), lines(log_kept.T, grid.width)
    yield
    p = np.exp(start.log_density(points)).reshape(CELLS, CELLS)
    p /= p.sum() * grid.width**2
    out = np.empty((STEPS + 1, CELLS, CELLS))
    out[0] = p
    h = 0.5 * plane.g**2 * plane.end / STEPS

    def split(q: Array, part: float) -> Array:
        q = along(q, 0.5 * part, across)
        q = along(q.T, part, upward).T
        return along(q, 0.5 * part, across)

    for index in range(1, STEPS + 1):
        p = out[index] = without_ringing(split, p, h, MOST_PIECES)
        if index % SLICE == 0:
            yield
    return PlaneCourse(plane, grid, start, frozen(log_kept), frozen(out))


def centres(grid: Grid) -> Array:
    """Places (cells^2, 2), x fastest."""
    return np.stack(np.meshgrid(grid.centres, grid.centres), axis=-1).reshape(-1, 2)


def lines(log_kept: Array, width: float) -> Array:
    """The operator along every row as one of bands (3, rows x columns): rows do not touch one another."""
    return np.hstack([operator(row, width) for row in log_kept])


def along(p: Array, h: float, bands: Array) -> Array:
    """One step of all rows of p (rows, columns)."""
    return step(np.ascontiguousarray(p).ravel(), h, bands).reshape(p.shape)
