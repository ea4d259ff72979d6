"""One diffusion of the line from start to end: its density on a grid, the exact one where known, particles."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.lab.scenes.parts.kfp_grid import Grid, evolve, flow_velocity
from dgm_studio.lab.scenes.parts.moments import Moments
from dgm_studio.lab.scenes.parts.processes import Bells, Process

CELLS, STEPS = 480, 320
LONGEST = 0.5
"""A particle's step times the drift's steepest slope is at most this."""
TABLE = 4_001
EVERY = 8
"""Of the steps, those after which the particles' moments are kept."""
FOLLOWED = 28
BINS = 60
SLICE = 40
"""Short steps of all particles in one beat: a few milliseconds."""


class Course:
    """`density` (STEPS + 1, CELLS) at `times`; `start` is None where the process begins with what it keeps and that is
    no Gaussian mixture."""

    def __init__(self, process: Process, start: Bells | None) -> None:
        self.process, self.start = process, start
        self.grid = Grid(process.half(start), CELLS)
        self.times = np.linspace(0.0, process.end, STEPS + 1)
        self.clock = process.clock(self.times)
        self.log_kept = process.log_kept(self.grid.centres)
        kept = np.exp(self.log_kept - self.log_kept.max())
        self.kept = frozen(kept / (kept.sum() * self.grid.width))
        """The kept density's cells, or a flat line where none is kept."""
        self.stays = process.keeps and (start is None or start == process.bells)
        """Whether it begins with what it keeps."""
        first = self.kept if self.stays or start is None else start.averages(self.grid.edges)
        first = first / (first.sum() * self.grid.width)
        self.density = frozen(evolve(first, self.log_kept, self.clock, self.grid.width))

    @property
    def mass_lost(self) -> float:
        """The largest change of the total mass at any time."""
        mass = self.density.sum(axis=1) * self.grid.width
        return float(np.abs(mass - mass[0]).max())

    def exact(self, frame: int) -> Array | None:
        """The same cells in closed form (CELLS,), None where there is none."""
        if self.start is None:
            return None
        bells = self.process.exact(self.start, float(self.times[frame]))
        return None if bells is None else bells.averages(self.grid.edges)

    def moments(self) -> tuple[Array, Array]:
        """Mean and variance of the grid's density at all times; a cell is as wide as it is."""
        x, weight = self.grid.centres, self.density * self.grid.width
        mean = weight @ x
        return mean, weight @ x**2 - mean**2 + self.grid.width**2 / 12

    def shown(self) -> float:
        """Half of what of the line is worth showing: all but a thousandth of the mass at any time."""
        below = np.cumsum(self.density, axis=1) * self.grid.width
        x = self.grid.edges[1:]
        low = np.array([np.interp(0.001, one, x) for one in below[::EVERY]]).min()
        high = np.array([np.interp(0.999, one, x) for one in below[::EVERY]]).max()
        return float(1.1 * max(-low, high))


@lru_cache(maxsize=4)
def course(process: Process, start: Bells | None) -> Course:
    """The course, kept while a person drags what it does not depend on; 20 ms."""
    return Course(process, start)


class Swarm:
    """Particles of a course, batch after batch: by the SDE itself, or along the ODE that has the same densities."""

    def __init__(self, course: Course, *, flow: bool, rng: np.random.Generator) -> None:
        self.course, self.flow, self.rng = course, flow, rng
        self.count = 0
        self.paths: Array | None = None
        """The first particles' ways (STEPS + 1, FOLLOWED)."""
        self.mean = [Moments() for _ in range(0, STEPS + 1, EVERY)]
        half = course.shown()
        self.edges = np.linspace(-half, half, BINS + 1)
        self.counts = np.zeros((STEPS + 1, BINS), dtype=np.int64)
        span = np.linspace(-course.grid.half, course.grid.half, TABLE)
        self._span, self._slope = span, course.process.slope(span)
        self._steepest = course.process.steepest(span)

    def round(self, n: int) -> Iterator[None]:
        """n more particles from start to end."""
        x, half, moved = self._draw(n), self.course.grid.half, 0
        paths = []
        for frame in range(STEPS + 1):
            self.counts[frame] += np.histogram(x, self.edges)[0]
            if frame % EVERY == 0:
                self.mean[frame // EVERY].add(x)
            paths.append(x[:FOLLOWED].copy())
            if frame == STEPS:
                break
            h = float(self.course.clock[frame + 1] - self.course.clock[frame])
            pieces = 1 if self.flow else max(1, math.ceil(h * self._steepest / LONGEST))
            for _ in range(pieces):
                x = self._along(x, frame, h) if self.flow else self._jump(x, h / pieces)
                x = half - np.abs(
                    (x + half) % (4 * half) - 2 * half
                )  # the walls reflect, as the grid's let nothing out
                moved += 1
                if moved % SLICE == 0:
                    yield
        self.count += n
        if self.paths is None:
            self.paths = frozen(np.stack(paths))
        yield

    def _draw(self, n: int) -> Array:
        if self.course.start is not None:
            return self.course.start.draw(n, self.rng)
        below = np.concatenate(([0.0], np.cumsum(self.course.kept) * self.course.grid.width))
        return np.asarray(np.interp(self.rng.random(n), below, self.course.grid.edges))

    def _jump(self, x: Array, h: float) -> Array:
        """One step of the stochastic Heun method over `h` of the clock: of weak order 2, as g does not depend on x."""
        noise = math.sqrt(2.0 * h) * self.rng.standard_normal(len(x))
        if not self.course.process.keeps:
            return np.asarray(x + noise)
        here = np.interp(x, self._span, self._slope)
        there = np.interp(x + h * here + noise, self._span, self._slope)
        return np.asarray(x + 0.5 * h * (here + there) + noise)

    def _along(self, x: Array, frame: int, h: float) -> Array:
        """One step of Heun's method along the probability flow of the grid."""
        faces = self.course.grid.edges[1:-1]
        now, then = (
            flow_velocity(self.course.density[at], self.course.log_kept, self.course.grid.width)
            for at in (frame, frame + 1)
        )
        here = np.interp(x, faces, now)
        there = np.interp(x + h * here, faces, then)
        return np.asarray(x + 0.5 * h * (here + there))

    def heights(self, frame: int) -> Array:
        """The histogram as a density (BINS,)."""
        return np.asarray(self.counts[frame] / (max(self.count, 1) * np.diff(self.edges)))

    def gap(self, frame: int) -> tuple[float, float]:
        """Total variation between histogram and grid over the bins, and what chance alone would leave on average:
        half the sum of sqrt(2 p (1 - p) / (pi n)) over bins of probability p."""
        below = np.concatenate(([0.0], np.cumsum(self.course.density[frame]) * self.course.grid.width))
        p = np.clip(np.diff(np.interp(self.edges, self.course.grid.edges, below)), 0.0, 1.0)
        chance = 0.5 * np.sqrt(2.0 * p * (1.0 - p) / (math.pi * self.count)).sum()
        return float(0.5 * np.abs(self.counts[frame] / self.count - p).sum()), float(chance)
