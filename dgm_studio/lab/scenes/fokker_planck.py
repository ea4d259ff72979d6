"""The Kolmogorov-Fokker-Planck equation: a density evolved on a grid beside particles of the same SDE (lecture 10)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.card import Card
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.core.sketch import DASHED, Bars, Cloud, Grip, Line, Mark, Picture, Plot, Reading, Segments, Sketch, line
from dgm_studio.lab.scenes.parts.kfp_course import EVERY, STEPS, Course, Swarm, course
from dgm_studio.lab.scenes.parts.kfp_grid import divergence_from, total_variation
from dgm_studio.lab.scenes.parts.processes import LANGEVIN, PURE, VE, VP, WELL, Bells, Process
from dgm_studio.lab.scenes.small_scene import SmallScene

BATCH = 1_000
"""Particles of one round."""
BELL, TWO, KEPT = "bell", "two", "kept"
SDE, FLOW = "sde", "flow"
ROWS, COLUMNS = 160, 161
"""Of the map; the grid is finer."""
LEAST = 1e-12
"""A divergence below this is rounding."""


@dataclass(frozen=True)
class Knobs:
    """The equation, where it begins, and when it is looked at."""

    process: str = knob(
        VP, "Process", "Drift f and diffusion g of dx = f dt + g dW.",
        choices=(
            Choice(VP, "Variance preserving", "f = -g² x / 2: forgets its start and ends at N(0, 1)."),
            Choice(VE, "Variance exploding", "f = 0 and g grows 20-fold: nothing is kept, noise drowns everything."),
            Choice(PURE, "Pure diffusion", "f = 0 and g is constant: the heat equation."),
            Choice(LANGEVIN, "Langevin", "f = g² ∇ log p / 2 of two Gaussians p: p itself stays as it is."),
            Choice(WELL, "Double well", "f = -U′ of two wells: keeps exp(-2 U / g²), which melts as g grows."),
        ),
    )  # fmt: skip
    start: str = knob(
        TWO, "Begins with", "The density at t = 0.",
        choices=(
            Choice(TWO, "Two Gaussians", "Two modes, as far apart as set below: the data."),
            Choice(BELL, "One Gaussian", "Drag its place on the map."),
            Choice(KEPT, "What it keeps", "The process' stationary density; of a process without one, two Gaussians."),
        ),
    )  # fmt: skip
    motion: str = knob(
        SDE, "Particles follow", "Both have the same densities at all times (lecture 10).",
        choices=(
            Choice(SDE, "The SDE", "Drift and fresh noise at every step."),
            Choice(FLOW, "Probability flow", "dx = (f - g² ∇ log p / 2) dt: no noise, and no two paths ever cross."),
        ),
    )  # fmt: skip
    t: float = knob(1.0, "Time t", "The moment of the histogram; above the end it is the end. It can be dragged.",
                    low=0.0, high=4.0)  # fmt: skip
    g: float = knob(
        1.0, "Diffusion g", "How strong the noise is; g² / 2 is the heat equation's rate.", low=0.5, high=1.5
    )
    end: float = knob(4.0, "End", "How long it runs.", low=0.5, high=4.0)
    apart: float = knob(3.0, "Modes apart", "Distance of the two Gaussians, and of the two wells.", low=1.5, high=4.5)
    place: float = knob(-1.5, "Start at", "Centre of the one Gaussian.", low=-2.5, high=2.5, when=("start", (BELL,)))
    width: float = knob(0.3, "Start width", "Standard deviation of the one Gaussian.", low=0.2, high=1.5,
                        when=("start", (BELL,)))  # fmt: skip


class FokkerPlanck(SmallScene):
    """Finite volumes and implicit steps (parts/kfp_grid.py) against particles (parts/kfp_course.py), and the closed
    form where the start is a Gaussian mixture and the drift linear."""

    card: ClassVar[Card] = Card(
        id="fokker-planck",
        title="Fokker-Planck equation",
        summary="a density and its particles",
        lecture="10",
        paper="Risken, 1996, chapter 4",
        formula="∂p_t / ∂t = −div(f p_t) + ½ g^2 Δp_t",
    )
    declared = Knobs
    place = 40
    panel = "trajectories"

    def __init__(self, knobs: Knobs, seed: int = 0) -> None:
        super().__init__(knobs, seed)
        self.process = Process(knobs.process, knobs.g, knobs.end, knobs.apart)
        self.course: Course = course(self.process, self._start())
        self.swarm = Swarm(self.course, flow=knobs.motion == FLOW, rng=self.rng)
        self.frame = round(STEPS * min(knobs.t / knobs.end, 1.0))

    def _start(self) -> Bells | None:
        knobs = self.knobs
        if knobs.start == BELL:
            return Bells((knobs.place,), knobs.width)
        if knobs.start == KEPT and self.process.keeps:
            return self.process.bells
        return self.process.two

    def round(self) -> Iterator[None]:
        """More particles from start to end."""
        yield from self.swarm.round(BATCH)

    def sketch(self) -> Sketch:
        """The space-time map with paths, the density at t, and how it nears what is kept, or spreads."""
        third = self._nearing() if self.process.keeps else self._spreading()
        return Sketch((self._map(), self._density(), third), self._readings(), self._caption(), self.swarm.count)

    # Plots.

    def _map(self) -> Plot:
        one, half = self.course, self.swarm.edges[-1]
        end = float(one.times[-1])
        rows = (np.arange(ROWS) + 0.5) / ROWS * 2 * half - half
        columns = np.rint(np.linspace(0, STEPS, COLUMNS)).astype(int)
        values = np.stack([np.interp(rows, one.grid.centres, one.density[at]) for at in columns], axis=1)
        assert self.swarm.paths is not None
        ways = self.swarm.paths[::4]
        times = np.broadcast_to(one.times[::4, None], ways.shape)
        pieces = np.stack((times[:-1], ways[:-1], times[1:], ways[1:]), axis=-1).reshape(-1, 4)
        t = float(one.times[self.frame])
        grips = [Grip("t", "text", t, -0.9 * half, across="t")]
        if self.knobs.start == BELL:
            grips.append(Grip("Start", "accent", 0.0, self.knobs.place, up="place"))
        return Plot(
            "The density over time", "time t", "x", (), marks=(Mark("", "text", t),),
            pictures=(Picture("p(x, t)", "accent", frozen(values), (0.0, end, -half, half)),),
            segments=(Segments("Particles", "sample", frozen(pieces), np.full(len(pieces), 0.6), 1.0),),
            grips=tuple(grips), left=-0.01 * end, right=1.01 * end, low=-half, high=half,
        )  # fmt: skip

    def _density(self) -> Plot:
        one, half, x = self.course, self.swarm.edges[-1], self.course.grid.centres
        seen = np.abs(x) <= half
        lines: list[Line] = []
        if self.process.keeps and not self.course.stays:
            lines.append(line("kept density", "data", x[seen], one.kept[seen]))
        lines.append(line("grid", "accent", x[seen], one.density[self.frame][seen]))
        exact = self.exact()
        if exact is not None:
            lines.append(line("exact", "exact", x[seen], exact[seen], DASHED))
        bars = Bars("particles", "sample", frozen(self.swarm.edges), frozen(self.swarm.heights(self.frame)))
        return Plot(
            f"The density at t = {one.times[self.frame]:.2f}", "x", "p(x, t)", tuple(lines), bars=(bars,), low=0.0,
            left=-half, right=half,
        )  # fmt: skip

    def _nearing(self) -> Plot:
        one = self.course
        shown = slice(None, None, EVERY)
        gaps = np.array([divergence_from(p, one.log_kept, one.grid.width) for p in one.density[shown]])
        lines = (line("grid", "accent", one.times[shown], np.maximum(gaps, 0.0), filled=True),)
        return Plot(
            "How far from the kept density", "time t", "KL(pₜ ‖ kept), nats", lines,
            marks=(Mark("", "text", float(one.times[self.frame])),), low=0.0, high=max(1.1 * float(gaps.max()), 0.1),
        )  # fmt: skip

    def _spreading(self) -> Plot:
        one, (_, variance) = self.course, self.course.moments()
        start = one.start
        assert start is not None  # what keeps nothing begins with a mixture
        known = np.array(start.means).var() + start.std**2 + 2.0 * one.clock
        found = np.column_stack((one.times[::EVERY], [moments.variance for moments in self.swarm.mean]))
        solved = line("grid", "accent", one.times, variance, filled=True)
        return Plot(
            "How it spreads", "time t", "variance of x",
            (solved, line("exact", "exact", one.times, known, DASHED)),
            marks=(Mark("", "text", float(one.times[self.frame])),),
            clouds=(Cloud("particles", "sample", frozen(found), 5.0),), low=0.0,
            high=1.1 * max(float(known.max()), float(found[:, 1].max())),
        )  # fmt: skip

    def exact(self) -> Array | None:
        """The closed form at t: of the kept density too, where it begins with that."""
        known = self.course.exact(self.frame)
        return self.course.kept if known is None and self.course.stays else known

    # Words.

    def _readings(self) -> tuple[Reading, ...]:
        one, p = self.course, self.course.density[self.frame]
        gap, chance = self.swarm.gap(self.frame)
        mean, variance = (float(of[self.frame]) for of in one.moments())
        met = self.swarm.mean[round(self.frame / EVERY)] if self.frame % EVERY == 0 else None
        numbers = [
            Reading("Mass on the grid", float(p.sum()) * one.grid.width, exact=1.0,
                    help=f"Conserved by construction: over all times it changed by {one.mass_lost:.0e}."),
            Reading("Histogram to grid, TV", gap, exact=chance, known="noise alone",
                    help="Half the L1 distance over the bins; so many particles leave noise alone on average."),
            Reading("Mean of x", None if met is None else met.mean, None if met is None else met.doubt, mean,
                    help="Of the particles, where their moments are kept at this time; beside it the grid's.",
                    known="grid"),
            Reading("Variance of x", None if met is None else met.variance,
                    None if met is None else met.variance_doubt, variance,
                    help="Of the particles; beside it the grid's.", known="grid"),
        ]  # fmt: skip
        exact = self.exact()
        if exact is not None:
            numbers.append(
                Reading(
                    "Grid to exact, TV",
                    total_variation(p, exact, one.grid.width),
                    help="The discretisation's own error: half the L1 distance to the closed form.",
                )
            )
        if self.process.keeps:
            numbers.append(
                Reading(
                    "KL to the kept density",
                    max(divergence_from(p, one.log_kept, one.grid.width), 0.0),
                    unit="nats",
                    help="It can only fall (the H-theorem); at zero nothing moves.",
                )
            )
        return tuple(numbers)

    def _caption(self) -> str:
        one = self.course
        first, now = (divergence_from(one.density[at], one.log_kept, one.grid.width) for at in (0, self.frame))
        t = float(one.times[self.frame])
        how = "carried by the probability flow" if self.knobs.motion == FLOW else "drawn by the SDE"
        if self.course.stays:
            most = max(total_variation(p, one.kept, one.grid.width) for p in one.density[::EVERY])
            return (
                f"Every particle moves, the density does not: drift and diffusion cancel exactly. Over all times it "
                f"changed by {most:.0e} in total variation."
            )
        if not self.process.keeps:
            nothing = " This process keeps no density, so it began with two Gaussians." * (self.knobs.start == KEPT)
            return (
                f"Without a drift the variance grows by the integral of g²: {float(one.moments()[1][self.frame]):.2f} "
                f"at t = {t:.2f}. The bars are {self.swarm.count:,} particles {how}, the line is the equation.{nothing}"
            )
        return (
            f"The line solves the equation, the bars are {self.swarm.count:,} particles {how}. KL to the density that "
            f"is kept fell from {first:.3g} to {max(now, 0.0):.3g} nats at t = {t:.2f}, and can never rise."
        )


SCENE = FokkerPlanck
