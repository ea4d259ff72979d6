"""Langevin chains that stay in the mode they came to, unless enough noise joins the modes (lecture 7)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.card import Card
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.core.sketch import DASHED, Cloud, Grip, Picture, Plot, Reading, Segments, Sketch, line
from dgm_studio.lab.scenes.parts.chain_diagnostics import split_r_hat
from dgm_studio.lab.scenes.parts.moments import NORMAL_95
from dgm_studio.lab.scenes.parts.two_bells import TwoBells
from dgm_studio.lab.scenes.small_scene import SmallScene
from dgm_studio.solvers.langevin import langevin

CHAINS, SHOWN, FOLLOWED = 400, 4, 8
"""Chains that walk, that are drawn with their way, and that R-hat is taken of."""
STEPS, SLICE = 80, 20
"""Of a round, and of one beat."""
DETAIL = 0.3
"""Width of the data's bells without noise."""
HALF_WIDTH, HALF_HEIGHT = 6.0, 3.2
BOX = (-HALF_WIDTH, HALF_WIDTH, -HALF_HEIGHT, HALF_HEIGHT)
MOST_KEPT = 1_500
"""Places of a chain that are kept: of longer ones every second, every fourth, ..."""
TAIL = 30
HOPELESS = 1e4
"""An R-hat beyond which it says no more than that the chains stand still."""
WIDE, LEFT, HALVES = "wide", "left", "halves"


@dataclass(frozen=True)
class Knobs:
    """The landscape, and how it is walked."""

    sigma: float = knob(0.2, "Noise level σ", "The chains follow the score of the data under this noise.",
                        low=0.05, high=3.0, log=True)  # fmt: skip
    separation: float = knob(5.0, "Separation", "Between the two modes; drag the right one.", low=0.5, high=9.0)
    left_weight: float = knob(0.2, "Weight of the left", "Share of the data in the left mode.", low=0.05, high=0.95)
    step: float = knob(
        0.1, "Step size η / s²", "In units of a mode's variance s² = 0.3² + σ²: as stable at every σ.",
        low=0.005, high=1.0, log=True,
    )  # fmt: skip
    start: str = knob(
        WIDE, "Start", "Where the chains begin.",
        choices=(
            Choice(WIDE, "Everywhere", "Uniform over what is shown: as many on either side."),
            Choice(LEFT, "In the left mode", "None of them has seen the other."),
            Choice(HALVES, "Half in each", "Whatever the modes weigh."),
        ),
    )  # fmt: skip
    noise: bool = knob(True, "Noise term", "Without √η ε the chains climb to a top and stay there.")


class StuckChains(SmallScene):
    """x + (η / 2) grad log p_sigma(x) + sqrt(η) ε by 400 chains at one level (Song and Ermon, 2019, section 3.2)."""

    card: ClassVar[Card] = Card(
        id="stuck-chains",
        title="Chains stuck between modes",
        summary="one noise level; with and without noise",
        lecture="6-7",
        paper="Song and Ermon, 2019",
        formula="x_{l+1} = x_l + η/2 ∇ log p_σ(x_l) + √η ε_l",
    )
    declared = Knobs
    place = 22
    panel = "trajectories"

    def __init__(self, knobs: Knobs, seed: int = 0) -> None:
        super().__init__(knobs, seed)
        self.bells = TwoBells(knobs.separation, knobs.left_weight, DETAIL, knobs.sigma)
        self.size = knobs.step * self.bells.std**2
        self.noise = torch.Generator().manual_seed(int(self.rng.integers(2**62)))
        self.x = torch.from_numpy(self._start())
        self.steps = 0
        self.stride = 1
        """Steps between two places that are kept."""
        self.kept: list[Array] = [self.x.numpy()[:, 0].copy()]
        self.tail: list[Array] = [self.x.numpy()[:SHOWN].copy()]
        self.side = np.zeros(CHAINS, dtype=int)
        """The centre that each chain reached last: -1 left, 1 right, 0 none yet."""
        self.spent, self.crossed = {-1: 0, 1: 0}, {-1: 0, 1: 0}
        """Steps begun with that side, and crossings from it to the other."""
        self._visit()

    def _start(self) -> Array:
        if self.knobs.start == WIDE:
            return self.world.uniform(BOX[::2], BOX[1::2], (CHAINS, 2))
        x: Array = self.bells.std * self.world.standard_normal((CHAINS, 2))
        left = np.arange(CHAINS) % 2 == 0 if self.knobs.start == HALVES else np.ones(CHAINS, dtype=bool)
        x[:, 0] += np.where(left, -self.bells.middle, self.bells.middle)
        return x

    # Walking.

    def round(self) -> Iterator[None]:
        """80 more steps of all chains."""
        sizes = [self.size] * STEPS
        visits = langevin(lambda x, _: self.bells.score(x), self.x, sizes, self.noise,
                          noise=float(self.knobs.noise))  # fmt: skip
        next(visits)  # where they stand already
        for count, visit in enumerate(visits, 1):
            self.x = visit.x
            self._note()
            if count % SLICE == 0:
                yield

    def _note(self) -> None:
        self.steps += 1
        if self.steps % self.stride == 0:
            self.kept.append(self.x.numpy()[:, 0].copy())
            if len(self.kept) > MOST_KEPT:
                self.kept, self.stride = self.kept[::2], 2 * self.stride
        self.tail = [*self.tail[-TAIL:], self.x.numpy()[:SHOWN].copy()]
        for side in (-1, 1):
            self.spent[side] += int((self.side == side).sum())
        self._visit()

    def _visit(self) -> None:
        x = self.x.numpy()[:, 0]
        now = np.where(x >= self.bells.middle, 1, np.where(x <= -self.bells.middle, -1, self.side))
        for side in (-1, 1):
            self.crossed[side] += int(((self.side == side) & (now == -side)).sum())
        self.side = now

    # Showing.

    def sketch(self) -> Sketch:
        """The chains over the density, a few of them against the step, and the share on the right."""
        return Sketch((self._plane(), self._trace(), self._shares()), self._readings(), self._caption(), self.steps)

    def _plane(self) -> Plot:
        density = self.bells.map(BOX, 64, 120)
        levels = tuple(float(density.max() * share) for share in (0.02, 0.1, 0.3, 0.6))
        tail = np.stack(self.tail)
        ends = np.concatenate((tail[:-1], tail[1:]), axis=2)
        weights = np.repeat(np.linspace(0.15, 0.9, len(ends)), SHOWN)
        return Plot(
            f"{CHAINS} chains at step {self.steps:,}", "x₁", "x₂", (),
            pictures=(Picture("Density at σ", "accent", frozen(density), BOX, contours=levels),),
            segments=(Segments("Last steps of four", "text", frozen(ends.reshape(-1, 4)), frozen(weights), 1.0),),
            clouds=(Cloud("Chains", "sample", frozen(self.x.numpy().copy()), 4.0),),
            grips=(Grip("Right mode", "exact", self.bells.middle, 0.0, "separation", scale=0.5),),
            equal=True, left=BOX[0], right=BOX[1], low=BOX[2], high=BOX[3],
        )  # fmt: skip

    def _at(self) -> Array:
        return np.arange(len(self.kept)) * float(self.stride)

    def _trace(self) -> Plot:
        track = np.stack(self.kept)[:, :SHOWN]
        tones = ("sample", "accent", "error", "data")
        lines = tuple(line("", tone, self._at(), track[:, k]) for k, tone in enumerate(tones))
        tops = (-self.bells.middle, self.bells.middle)
        ends = np.array([[0.0, top, float(max(self.steps, 1)), top] for top in tops])
        return Plot(
            "Four of them", "step", "x₁", lines, low=-HALF_WIDTH, high=HALF_WIDTH, left=0.0,
            segments=(Segments("centres of the modes", "exact", frozen(ends), None, 1.2),),
        )  # fmt: skip

    def _shares(self) -> Plot:
        at = self._at()
        share = (np.stack(self.kept) > 0).mean(1)
        doubt = NORMAL_95 * np.sqrt(share * (1 - share) / CHAINS)
        known = self.bells.right_share
        return Plot(
            "Share right of the middle", "step", "share of chains",
            (line("Chains", "sample", at, share, band=(share - doubt, share + doubt)),
             line("Exact", "exact", (0.0, float(max(self.steps, 1))), (known, known), DASHED)),
            low=0.0, high=1.0, left=0.0,
        )  # fmt: skip

    @property
    def r_hat(self) -> float:
        """Of x_1, over the later half of eight chains."""
        late = np.stack(self.kept[len(self.kept) // 2 :])[:, :FOLLOWED]
        return split_r_hat(late.T)

    def _readings(self) -> tuple[Reading, ...]:
        x = self.x.numpy()
        share, known = float((x[:, 0] > 0).mean()), self.bells.right_share
        across = float(np.std(x[:, 1]))
        r_hat = self.r_hat
        found = [
            Reading("Share right of the middle", share, NORMAL_95 * math.sqrt(share * (1 - share) / CHAINS), known,
                    "", "Of the chains now; exact: P(x₁ > 0) under the density at σ."),
            Reading("Spread within a mode", across, NORMAL_95 * across / math.sqrt(2 * CHAINS), self.bells.std, "",
                    "Standard deviation of x₂; of p: s; steps of size c s² make it s/√(1 − c/4).", "p"),
            Reading("Split R-hat of x₁", r_hat if r_hat < HOPELESS else None, None, None, "",
                    "Of eight chains, later half of their way: near 1 they agree, far above it they do not."),
            Reading("Barrier between the modes", None, None, self.bells.barrier, "nats",
                    "log p at the lower top minus log p at the saddle."),
        ]  # fmt: skip
        if self.knobs.noise:
            found += [self._crossing(-1, "left to right"), self._crossing(1, "right to left")]
        return tuple(found)

    def _crossing(self, side: int, way: str) -> Reading:
        crossed, spent = self.crossed[side], self.spent[side]
        steps = spent / crossed if crossed else None
        exact = self.bells.crossing(to_right=side < 0) / self.size
        return Reading(
            f"Steps from {way}", steps, NORMAL_95 * spent / crossed**1.5 if crossed else None,
            exact if math.isfinite(exact) else None, "steps",
            f"Mean number of steps from one centre to the other: {crossed:,} crossings were seen. The known one is "
            "that of small steps.", known="quadrature",
        )  # fmt: skip

    def _caption(self) -> str:
        share, known = float((self.x.numpy()[:, 0] > 0).mean()), self.bells.right_share
        said = (
            f"After {self.steps:,} steps {100 * share:.0f} % of the chains are right of the middle, where the density "
            f"has {100 * known:.0f} %. "
        )
        if not self.knobs.noise:
            return said + (
                "Without the noise term every chain climbs to the top of its own slope and stands still: that finds "
                "modes, it does not sample."
            )
        barrier = self.bells.barrier
        if barrier < 0.5:
            return said + f"At σ = {self.knobs.sigma:.2g} the modes have melted together, and so have the data."
        exact = self.bells.crossing(to_right=True) / self.size
        return said + (
            f"From left to right lies a barrier of {barrier:.3g} nats, which takes about {roughly(exact)} steps: more "
            "noise lowers it."
        )


def roughly(number: float) -> str:
    """A large number in words of its size: "3,400", "2 · 10¹²"."""
    if not math.isfinite(number):
        return "endlessly many"
    if number < 1e6:
        return f"{float(f'{number:.2g}'):,.0f}"
    power = math.floor(math.log10(number))
    signs = str(power).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{number / 10**power:.0f} · 10{signs}"


SCENE = StuckChains
