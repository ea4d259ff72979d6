"""The Kolmogorov-Fokker-Planck equation in the plane: a density on a grid, and particles among it (lecture 10)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.card import Card
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.core.sketch import Cloud, Grip, Mark, Picture, Plot, Reading, Sketch, line
from dgm_studio.data.mixture import Mixture
from dgm_studio.lab.scenes.irreducible_loss import mixture_of
from dgm_studio.lab.scenes.parts.kfp_grid import divergence_from
from dgm_studio.lab.scenes.parts.kfp_plane import STEPS, Plane, PlaneCourse, centres, solve
from dgm_studio.lab.scenes.parts.moments import Moments
from dgm_studio.lab.scenes.parts.processes import LANGEVIN, PURE, VP
from dgm_studio.lab.scenes.small_scene import SmallScene

BATCH, DRAWN = 500, 300
"""Particles of one round, and how many of all are dots."""
STABLE = 0.3
"""A particle's step times the steepest slope of its drift is at most this."""
SLICE = 10
"""Short steps of all particles in one beat: some 5 ms."""
BINS = 48
"""Of the particles' histogram, a side."""
BELL, DATA, KEPT = "bell", "data", "kept"
EVERY = 2


@dataclass(frozen=True)
class Knobs:
    """The equation, where it begins, and when it is looked at."""

    process: str = knob(
        LANGEVIN, "Process", "Drift f and diffusion g of dx = f dt + g dW.",
        choices=(
            Choice(LANGEVIN, "Langevin", "f = g² ∇ log p / 2 of the eight Gaussians p: p itself stays as it is."),
            Choice(VP, "Variance preserving", "f = -g² x / 2: forgets its start and ends at N(0, I)."),
            Choice(PURE, "Pure diffusion", "f = 0: the heat equation."),
        ),
    )  # fmt: skip
    start: str = knob(
        BELL, "Begins with", "The density at t = 0.",
        choices=(
            Choice(BELL, "One Gaussian", "Drag its centre on the map."),
            Choice(DATA, "Eight Gaussians", "The data."),
            Choice(KEPT, "What it keeps", "The stationary density; of pure diffusion, the eight Gaussians."),
        ),
    )  # fmt: skip
    t: float = knob(0.12, "Time t", "The moment that is shown; above the end it is the end. It can be dragged.",
                    low=0.0, high=3.0)  # fmt: skip
    g: float = knob(1.0, "Diffusion g", "How strong the noise is.", low=0.5, high=1.2)
    end: float = knob(1.0, "End", "How long it runs.", low=0.5, high=3.0)
    start_x: float = knob(0.6, "Start across", "Centre of the one Gaussian.", low=-1.5, high=1.5,
                          when=("start", (BELL,)))  # fmt: skip
    start_y: float = knob(0.3, "Start upwards", "Centre of the one Gaussian.", low=-1.5, high=1.5,
                          when=("start", (BELL,)))  # fmt: skip


_solved: dict[tuple[object, ...], PlaneCourse] = {}
"""The newest course by what it depends on: kept while a person drags the time."""


class FokkerPlanckPlane(SmallScene):
    """Strang splitting of implicit finite volumes (parts/kfp_plane.py) against particles by the stochastic Heun method,
    of weak order 2 where g does not depend on x."""

    card: ClassVar[Card] = Card(
        id="fokker-planck-plane",
        title="Fokker-Planck in the plane",
        summary="particles find the modes",
        lecture="10",
        paper="Risken, 1996, chapter 4",
        formula="∂p_t / ∂t = −div(f p_t) + ½ g^2 Δp_t",
    )
    declared = Knobs
    place = 41
    panel = "trajectories"

    def __init__(self, knobs: Knobs, seed: int = 0) -> None:
        super().__init__(knobs, seed)
        self.plane = Plane(knobs.process, mixture_of("eight-gaussians"), knobs.g, knobs.end)
        self.frame = round(STEPS * min(knobs.t / knobs.end, 1.0))
        self.key = (knobs.process, knobs.start, knobs.g, knobs.end, knobs.start_x, knobs.start_y)
        self.course: PlaneCourse | None = None
        self.dots: Array | None = None
        self.counts: Array | None = None
        self.count = 0
        self.radius = Moments()

    def start(self) -> Mixture:
        """What it begins with."""
        knobs, kept = self.knobs, self.plane.kept
        if knobs.start == BELL:
            return Mixture.isotropic(np.array([[knobs.start_x, knobs.start_y]]), 0.3)
        return kept if knobs.start == KEPT and kept is not None else self.plane.data

    def round(self) -> Iterator[None]:
        """The density first, once; then more particles from the start to the time that is shown."""
        if self.course is None:
            self.course = _solved.get(self.key)
        if self.course is None:
            self.course = yield from solve(self.plane, self.start())
            _solved.clear()
            _solved[self.key] = self.course
        x, _ = self.course.start.sample(BATCH, self.rng)
        t = float(self.course.times[self.frame])
        kept = self.plane.kept
        steepest = 0.0 if kept is None else 1.0 / float(kept.covariances.max(axis=(1, 2)).min())
        pieces = max(8, math.ceil(0.5 * self.plane.g**2 * t * steepest / STABLE))
        h = 0.5 * self.plane.g**2 * t / pieces
        for piece in range(pieces):
            noise, here = math.sqrt(2.0 * h) * self.rng.standard_normal(x.shape), self.plane.slope(x)
            x = x + 0.5 * h * (here + self.plane.slope(x + h * here + noise)) + noise
            if piece % SLICE == SLICE - 1:
                yield
        self._count(x)
        yield

    def _count(self, x: Array) -> None:
        assert self.course is not None
        edges = np.linspace(-self.course.grid.half, self.course.grid.half, BINS + 1)
        found = np.histogram2d(x[:, 1], x[:, 0], bins=(edges, edges))[0]
        self.counts = found if self.counts is None else self.counts + found
        self.count += len(x)
        self.radius.add((x**2).sum(axis=1))
        if self.dots is None:
            self.dots = frozen(x[:DRAWN].copy())

    def sketch(self) -> Sketch:
        """The map with particles, their histogram, and how far from what is kept."""
        course = self.course
        assert course is not None
        return Sketch(
            (self._map(course), self._histogram(course), self._course_plot(course)), self._readings(course),
            self._caption(course), self.count,
        )  # fmt: skip

    # Plots.

    def _map(self, course: PlaneCourse) -> Plot:
        half = course.grid.half
        assert self.dots is not None
        p = course.density[self.frame]
        levels = tuple(float(share * p.max()) for share in (0.1, 0.4, 0.7))
        picture = Picture("p(x, t) on the grid", "accent", frozen(p), (-half, half, -half, half), contours=levels)
        grips: tuple[Grip, ...] = ()
        if self.knobs.start == BELL:
            grips = (Grip("Start", "text", self.knobs.start_x, self.knobs.start_y, "start_x", "start_y"),)
        return Plot(
            f"The density at t = {course.times[self.frame]:.2f}", "x₁", "x₂", (), pictures=(picture,), grips=grips,
            clouds=(Cloud("particles", "sample", self.dots, 2.5),), equal=True,
            left=-half, right=half, low=-half, high=half,
        )  # fmt: skip

    def _histogram(self, course: PlaneCourse) -> Plot:
        half = course.grid.half
        assert self.counts is not None
        heights = self.counts / (self.count * (2 * half / BINS) ** 2)
        picture = Picture("particles", "sample", frozen(heights), (-half, half, -half, half))
        return Plot(
            f"Histogram of {self.count:,} particles", "x₁", "x₂", (), pictures=(picture,), equal=True,
            left=-half, right=half, low=-half, high=half,
        )  # fmt: skip

    def _course_plot(self, course: PlaneCourse) -> Plot:
        shown = slice(None, None, EVERY)
        times, t = course.times[shown], float(course.times[self.frame])
        if self.plane.kept is None:
            title, up, values = (
                "How it spreads",
                "E|x|²",
                np.array([self._square(course, at) for at in range(STEPS + 1)]),
            )
            values = values[shown]
        else:
            title, up, values = "How far from the kept density", "KL(pₜ ‖ kept), nats", self.gaps(course)
        top = max(1.1 * float(values.max()), 0.1)
        return Plot(
            title, "time t", up, (line("grid", "accent", times, np.maximum(values, 0.0), filled=True),),
            marks=(Mark("", "text", t),), grips=(Grip("t", "text", t, 0.5 * top, across="t"),),
            left=-0.02 * self.plane.end, right=1.03 * self.plane.end, low=0.0, high=top,
        )  # fmt: skip

    def gaps(self, course: PlaneCourse) -> Array:
        """KL(p_t || kept) at every other time."""
        log_kept = course.log_kept.ravel()
        return np.array([divergence_from(p.ravel(), log_kept, course.cell) for p in course.density[::EVERY]])

    def _square(self, course: PlaneCourse, frame: int) -> float:
        """E |x|^2 of the grid's density; a cell is as wide as it is."""
        square = (centres(course.grid) ** 2).sum(axis=1)
        return float(course.density[frame].ravel() @ square * course.cell + course.grid.width**2 / 6)

    # Words.

    def _readings(self, course: PlaneCourse) -> tuple[Reading, ...]:
        p, masses = course.density[self.frame], course.masses()
        numbers = [
            Reading("Mass on the grid", float(masses[self.frame]), exact=1.0,
                    help=f"Conserved by construction: over all times it changed by {np.ptp(masses):.0e}."),
            Reading("E|x|²", self.radius.mean, self.radius.doubt, self._square(course, self.frame),
                    help="Of the particles; beside it the grid's.", known="grid"),
        ]  # fmt: skip
        exact = self.plane.exact(course.start, float(course.times[self.frame]))
        if exact is not None:
            known = np.exp(exact.log_density(centres(course.grid))).reshape(p.shape)
            numbers.append(
                Reading(
                    "Grid to exact, TV",
                    0.5 * float(np.abs(p - known).sum()) * course.cell,
                    help="The discretisation's own error: half the L1 distance to the closed form.",
                )
            )
        if self.plane.kept is not None:
            gap = divergence_from(p.ravel(), course.log_kept.ravel(), course.cell)
            numbers.append(
                Reading(
                    "KL to the kept density",
                    max(gap, 0.0),
                    unit="nats",
                    help="It can only fall (the H-theorem); at zero nothing moves.",
                )
            )
        return tuple(numbers)

    def _caption(self, course: PlaneCourse) -> str:
        t = float(course.times[self.frame])
        if course.start is self.plane.kept or (self.knobs.start == KEPT and self.plane.kept is not None):
            most = float(np.abs(course.density - course.density[0]).max())
            return (
                f"Every particle moves, the density does not: over all times no cell changed by more than {most:.0e}."
            )
        if self.plane.kept is None:
            return f"Without a drift E|x|² grows by 2 g² t: the heat equation, at t = {t:.2f}."
        first, now = (
            self.gaps(course)[0],
            divergence_from(course.density[self.frame].ravel(), course.log_kept.ravel(), course.cell),
        )
        slow = ": the near modes are found at once, the far ones late" * (self.knobs.process == LANGEVIN)
        return (
            f"The map solves the equation, the dots are particles of the same SDE. KL to the density that is kept fell "
            f"from {first:.3g} to {max(now, 0.0):.3g} nats at t = {t:.2f}{slow}."
        )


SCENE = FokkerPlanckPlane
