"""Parallel lines: KL, JSD, TV and W between two of them, and the gradient each gives a generator (lecture 5)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.card import Card
from dgm_studio.core.knobs import knob
from dgm_studio.core.measured import DISTANCE, Measured
from dgm_studio.core.sketch import DASHED, Cloud, Grip, Mark, Plot, Reading, Segments, Sketch, line
from dgm_studio.core.slow import finish
from dgm_studio.data.laws import SetLaw
from dgm_studio.data.line import Line as UnitLine
from dgm_studio.lab.scenes.parts.beyond import beyond
from dgm_studio.lab.scenes.parts.gathering import Asking, Gathering
from dgm_studio.lab.scenes.parts.moments import Moments, doubts, means
from dgm_studio.lab.scenes.small_scene import SmallScene
from dgm_studio.measures import measures
from dgm_studio.measures.measure import Estimator

FAR = 1.0
"""The largest theta."""
_RIGHT = np.concatenate(([1e-3, 0.003, 0.01, 0.03], np.linspace(0.1, FAR, 10)))
GRID = np.concatenate((-_RIGHT[::-1], [0.0], _RIGHT))
"""Where estimates are drawn: close to 0 they change most."""
FIRST, COUNTED = 500, 2_000
"""Samples of the first round, and the most that a histogram on the grid counts."""
SHOWN, PAIRS = 150, 40
"""Samples and transport lines on the stage."""
ASKING: tuple[Asking, ...] = (
    ("kl", ("histogram",)),
    ("reverse-kl", ("histogram",)),
    ("jsd", ("histogram",)),
    ("tv", ("histogram",)),
    ("jsd", ("discriminator",)),
    ("w1", ()),
)
"""Measures of the panel's table, and the estimates of them beside the exact values."""


@dataclass(frozen=True)
class Knobs:
    """Where q's line stands, and how many samples the estimates have."""

    theta: float = knob(0.5, "Offset θ", "Where q's line stands; p's stands at 0. It can be dragged on the stage.",
                        low=-FAR, high=FAR)  # fmt: skip
    n: int = knob(1_000, "Samples n", "Of each line, for the estimates beside the exact values.",
                  low=100, high=200_000, log=True)  # fmt: skip


class ParallelLines(SmallScene):
    """p = (0, U[0, 1]), q = (theta, U[0, 1]): no point in common unless theta = 0."""

    card: ClassVar[Card] = Card(
        id="parallel-lines",
        title="Parallel lines",
        summary="drag θ: only W sees how far",
        lecture="5",
        paper="Arjovsky et al., 2017",
        formula="p = (0, U[0, 1]),  q = (θ, U[0, 1]),  θ ≠ 0:   KL = ∞,  JSD = log 2,  W = |θ|",
    )
    declared = Knobs
    place = 12
    panel = "divergences"

    def __init__(self, knobs: Knobs, seed: int = 0) -> None:
        super().__init__(knobs, seed)
        self.heights = np.sort(self.world.random((2, SHOWN)), axis=1)
        self.p, self.q = (SetLaw(UnitLine(offset=x)) for x in (0.0, knobs.theta))
        self.gathering = Gathering(self.p, self.q, knobs.n, seed, ASKING)
        self.thetas = np.unique(np.append(GRID, knobs.theta))
        self.rounds = 0
        self._begin(min(knobs.n, FIRST))

    def _begin(self, n: int) -> None:
        self.n = n
        self.w1, self.slopes, self.jsd = ([Moments() for _ in self.thetas] for _ in range(3))
        self.w1_floor, self.jsd_floor = Moments(), Moments()

    def round(self) -> Iterator[None]:
        """Fresh samples, moved to every theta; the first round with few samples, then with all n, from which on
        repetitions are counted anew."""
        if not self.rounds:
            yield from self.gathering.known()
        elif self.n < self.knobs.n:
            self._begin(self.knobs.n)
        u, v, other = (self.rng.random(self.n) for _ in range(3))
        in_order = []
        for heights in (u, v, other):
            in_order.append(np.sort(heights))
            yield
        gaps = in_order[0] - in_order[1]
        self.w1_floor.add(np.array([transport(in_order[0] - in_order[2], 0.0)[0]]))
        self.jsd_floor.add(np.array([self._histogram(u, other, 0.0)]))
        yield
        for place, theta in enumerate(self.thetas):
            cost, slope = transport(gaps, theta)
            self.w1[place].add(np.array([cost]))
            self.slopes[place].add(np.array([slope]))
            if self.rounds or theta == self.knobs.theta:
                self.jsd[place].add(np.array([self._histogram(u, v, theta)]))
            yield
        self.rounds += 1
        if self.rounds > 1:
            yield from self.gathering.more()

    def _histogram(self, u: Array, v: Array, theta: float) -> float:
        """The studio's histogram estimate of JSD from samples (0, u) and (theta, v), of COUNTED at most."""
        x = np.column_stack((np.zeros(len(u)), u))[:COUNTED]
        y = np.column_stack((np.full(len(v), theta), v))[:COUNTED]
        return finish(estimator("jsd", "histogram").function(x, y, self.p, self.q, self.rng))

    def sketch(self) -> Sketch:
        """The stage, each distance against theta, each slope."""
        plots = self._stage(), self._values(), self._slopes()
        numbers = (*self.gathering.measured, self._planned())
        return Sketch(plots, self._readings(), self._caption(), self.w1[0].count, measured=numbers)

    @property
    def _here(self) -> int:
        """Where this theta stands among those that are drawn."""
        return int(np.flatnonzero(self.thetas == self.knobs.theta)[0])

    def _planned(self) -> Measured:
        """The cost of the exact plan between samples, averaged over the rounds."""
        found, way = self.w1[self._here], estimator("w1", "exact-plan")
        doubt = found.doubt if found.count > 1 else 0.0
        return Measured(
            "w1", found.mean, found.mean - doubt, found.mean + doubt, way.title, DISTANCE, self.w1_floor.mean, self.n,
            way.bias, note=f"mean of {found.count} pairs of samples", pending=found.count < 2,
        )  # fmt: skip

    def _stage(self) -> Plot:
        theta, (u, v) = self.knobs.theta, self.heights
        moved = np.column_stack((np.zeros(SHOWN), u, np.full(SHOWN, theta), v))[:: SHOWN // PAIRS]
        return Plot(
            "Two lines on the plane", "x", "y", (),
            clouds=tuple(Cloud(f"samples of {name}", tone, frozen(np.column_stack((np.full(SHOWN, x), at))), 4.0)
                         for name, tone, x, at in (("p", "data", 0.0, u), ("q", "sample", theta, v))),
            segments=(
                Segments("cheapest way", "accent", frozen(moved), np.full(len(moved), 0.4)),
                Segments("p = (0, U[0, 1])", "data", np.array([[0.0, 0.0, 0.0, 1.0]]), width=3.0),
                Segments("q = (θ, U[0, 1])", "sample", np.array([[theta, 0.0, theta, 1.0]]), width=3.0),
            ),
            grips=(Grip("θ", "sample", theta, 0.5, across="theta"),),
            left=-1.2 * FAR, right=1.2 * FAR, low=-0.15, high=1.15,
        )  # fmt: skip

    def _values(self) -> Plot:
        top, strokes = 1.5, np.delete(np.linspace(-FAR, FAR, 21), 10)
        exact = (
            line("JSD: log 2", "sample", *jump(math.log(2)), DASHED),
            line("TV: 1", "data", *jump(1.0), DASHED),
            line("W = |θ|", "exact", (-FAR, 0.0, FAR), (FAR, 0.0, FAR), DASHED),
        )
        sampled = [(f"W, {self.n:,} samples", "accent", self.w1, self.w1_floor)]
        if self.rounds > 1:
            sampled.append(("JSD, histogram", "error", self.jsd, self.jsd_floor))
        lines = [
            replace(line(name, tone, self.thetas, means(found), doubt=doubts(found)),
                    floor=np.full(len(self.thetas), floor.mean))
            for name, tone, found, floor in sampled
        ]  # fmt: skip
        return Plot(
            "Distances", "offset θ", "nats, or length", (*lines, *exact),
            (Mark("", "accent", self.knobs.theta),), low=0.0, high=top,
            segments=(beyond("KL = ∞ for θ ≠ 0", "text", strokes, 1.3, top),),
            clouds=(Cloud("", "text", np.zeros((1, 2)), 8.0),),
            left=-1.05 * FAR, right=1.05 * FAR,
        )  # fmt: skip

    def _slopes(self) -> Plot:
        apart = self.thetas != 0
        exact = (
            line("W: sign θ", "exact", (-FAR, 0.0, 0.0, FAR), (-1.0, -1.0, 1.0, 1.0), DASHED),
            line("JSD, TV: 0", "sample", (-FAR, FAR), (0.0, 0.0), DASHED),
        )
        lines = [line(f"W, {self.n:,} samples", "accent", self.thetas, means(self.slopes), doubt=doubts(self.slopes))]
        if self.rounds > 1:
            x, y = self.thetas[apart], means(self.jsd)[apart]
            lines.append(line("JSD, histogram", "error", (x[1:] + x[:-1]) / 2, np.diff(y) / np.diff(x)))
        return Plot(
            "Slopes: the gradient a generator gets", "offset θ", "slope in θ", (*lines, *exact),
            (Mark("", "accent", self.knobs.theta),), low=-1.4, high=1.4, left=-1.05 * FAR, right=1.05 * FAR,
        )  # fmt: skip

    def _readings(self) -> tuple[Reading, ...]:
        slope = self.slopes[self._here]
        known = (
            Reading("Slope of W", None, exact=float(np.sign(self.knobs.theta)),
                    help="dW/dθ = sign θ: the same pull at any distance."),
            Reading("Slope of JSD and TV", None, exact=0.0,
                    help="Both jump at 0 and are flat elsewhere: a generator learns nothing from them."),
        )  # fmt: skip
        return (
            *(known if self.knobs.theta else ()),
            Reading("Slope of W from samples", slope.mean, slope.doubt,
                    help=f"Of the cheapest cost between {self.n:,} + {self.n:,} samples: mean of θ / |xᵢ − yᵢ|."),
        )  # fmt: skip

    def _caption(self) -> str:
        theta = self.knobs.theta
        if theta == 0:
            return (
                "At θ = 0 the lines are one: all distances are 0. Move q by a hair, and KL is infinite, JSD log 2 and "
                "TV 1: they jump. W alone is continuous."
            )
        said = f"{theta:.3g}".replace("-", "−")
        return (
            f"At θ = {said} the lines share no point: KL is infinite, JSD is log 2 = 0.693 nats and TV 1, as at any "
            "θ ≠ 0. Their slopes are 0: a generator that minimises them is not told where p is. "
            f"W = {abs(theta):.3g} pulls with slope {'1' if theta > 0 else '−1'}."
        )


def jump(height: float) -> tuple[Array, Array]:
    """A curve that is `height` everywhere but 0 at 0."""
    return np.array([-FAR, 0.0, 0.0, 0.0, FAR]), np.array([height, height, 0.0, height, height])


def transport(gaps: Array, theta: float) -> tuple[float, float]:
    """W1 between the samples (0, u_i) and (theta, v_i), and its slope in theta, from gaps (n,) of the sorted heights.

    The cost sqrt(theta^2 + (u - v)^2) is a convex function of u - v: no pairing is cheaper than that in order. The best
    plan stays, hence the slope is the mean of theta / cost (Danskin); at theta = 0 it is 0 by symmetry.
    """
    costs = np.hypot(theta, gaps)
    return float(costs.mean()), 0.0 if theta == 0 else float((theta / costs).mean())


def estimator(measure: str, name: str) -> Estimator:
    """One of the studio's ways from samples to a measure."""
    return next(one for one in measures()[measure].estimators if one.id == name)


SCENE = ParallelLines
