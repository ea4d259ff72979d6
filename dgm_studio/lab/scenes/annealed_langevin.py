"""Annealed Langevin dynamics beside the plain one: noise levels that let chains find the modes' weights (lecture 7)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.card import Card
from dgm_studio.core.knobs import knob
from dgm_studio.core.sketch import DASHED, Bars, Line, Picture, Plot, Reading, Segments, Sketch, line
from dgm_studio.lab.scenes.parts.moments import Moments, doubts, means
from dgm_studio.lab.scenes.parts.two_bells import TwoBells
from dgm_studio.lab.scenes.small_scene import SmallScene
from dgm_studio.solvers.langevin import langevin

CHAINS, SHOWN = 200, 20
"""Chains of each kind in a round, and those whose way is drawn."""
SLICE = 40
"""Steps in one beat."""
DETAIL = 0.3
"""Width of the data's bells without noise."""
REACH = 7.5
MOST_PLACES = 240
"""Steps of which a share, or a place of a chain, is drawn."""
ROWS = 120
BINS = 60
ANNEALED, PLAIN = "Annealed", "Plain"
TONES = {ANNEALED: "sample", PLAIN: "error"}


@dataclass(frozen=True)
class Knobs:
    """The levels, the steps, and the modes."""

    levels: int = knob(10, "Levels T", "Noise levels, in equal ratios from the largest to the smallest.",
                       low=2, high=30)  # fmt: skip
    level_steps: int = knob(40, "Steps a level", "L Langevin steps at each level.", low=1, high=100, log=True)
    largest: float = knob(6.0, "Largest σ", "Must reach from mode to mode.", low=0.1, high=20.0, log=True)
    smallest: float = knob(0.1, "Smallest σ", "The noise that is left; plain Langevin walks at this level alone.",
                           low=0.05, high=0.5, log=True)  # fmt: skip
    step: float = knob(
        0.3, "Step size η / s²", "In units of a mode's variance at the level, s² = 0.3² + σ².",
        low=0.005, high=1.0, log=True,
    )  # fmt: skip
    separation: float = knob(8.0, "Separation", "Between the two modes.", low=0.5, high=10.0)
    left_weight: float = knob(0.2, "Weight of the left", "Share of the data in the left mode.", low=0.05, high=0.95)


class AnnealedLangevin(SmallScene):
    """L steps at each of T levels, the points themselves going on (Song and Ermon, 2019, algorithm 1), beside as many
    steps at the smallest level alone, from the same N(0, sigma_1^2)."""

    card: ClassVar[Card] = Card(
        id="annealed-langevin",
        title="Annealed Langevin",
        summary="levels that free the chains",
        lecture="7",
        paper="Song and Ermon, 2019",
        formula="x_{l+1} = x_l + η_k/2 ∇ log p_k(x_l) + √η_k ε_l",
    )
    declared = Knobs
    place = 23
    panel = "trajectories"

    def __init__(self, knobs: Knobs, seed: int = 0) -> None:
        super().__init__(knobs, seed)
        largest = max(knobs.largest, knobs.smallest)
        self.sigmas = np.geomspace(largest, knobs.smallest, knobs.levels)
        self.bells = [TwoBells(knobs.separation, knobs.left_weight, DETAIL, float(one)) for one in self.sigmas]
        self.last = TwoBells(knobs.separation, knobs.left_weight, DETAIL, knobs.smallest)
        self.noise = torch.Generator().manual_seed(int(self.rng.integers(2**62)))
        self.steps = knobs.levels * knobs.level_steps
        places = np.linspace(0, self.steps, min(MOST_PLACES, self.steps) + 1)
        self.at: Array = np.unique(places.round().astype(int))
        """Steps whose share is kept."""
        self.share = {kind: [Moments() for _ in self.at] for kind in TONES}
        """Of chains right of the middle."""
        self.counts = {kind: np.zeros(BINS) for kind in TONES}
        self.ways: dict[str, Array] = {}
        """Of the newest round's first chains (SHOWN, places)."""
        self.within = {kind: Moments() for kind in TONES}
        self.rounds = 0

    # Walking.

    def round(self) -> Iterator[None]:
        """200 more chains of each kind, from the same starts."""
        start = float(self.sigmas[0]) * torch.from_numpy(self.rng.standard_normal((CHAINS, 1)))
        yield from self._walk(ANNEALED, self.bells, start)
        yield from self._walk(PLAIN, [self.last] * len(self.bells), start)
        self.rounds += 1

    def _walk(self, kind: str, levels: list[TwoBells], start: Tensor) -> Iterator[None]:
        each = self.knobs.level_steps
        sizes = [self.knobs.step * bells.std**2 for bells in levels for _ in range(each)]
        kept, wanted = [], set(self.at.tolist())
        x = start
        for count, visit in enumerate(langevin(lambda x, k: levels[k // each].score(x), start, sizes, self.noise)):
            x = visit.x
            if count in wanted:
                kept.append(x.numpy()[:, 0].copy())
            if count % SLICE == SLICE - 1:
                yield
        ways = np.stack(kept)
        for one, way in zip(self.share[kind], ways, strict=True):
            one.add((way > 0).astype(float))
        self.ways[kind] = ways[:, :SHOWN].T
        end = x.numpy()[:, 0]
        self.counts[kind] += np.histogram(end, np.linspace(-REACH, REACH, BINS + 1))[0]
        self.within[kind].add((np.abs(end) - self.last.middle) ** 2)

    # Showing.

    def sketch(self) -> Sketch:
        """Chains over the densities of their levels, the plain ones, the shares as they go, and where they end."""
        plots = (self._space_time(ANNEALED), self._space_time(PLAIN), self._shares(), self._ends())
        return Sketch(plots, self._readings(), self._caption(), self.rounds * CHAINS)

    def _space_time(self, kind: str) -> Plot:
        """x against the step, over the density of the level that each step follows, each level's to its own top."""
        x = (np.arange(ROWS) + 0.5) / ROWS * 2 * REACH - REACH
        levels = self.bells if kind == ANNEALED else [self.last]
        columns = [np.exp(bells.line.log_density(x[:, None])) for bells in levels]
        density = np.stack([one / one.max() for one in columns], axis=1)
        way, at = self.ways[kind], self.at.astype(float)
        pieces = np.stack((np.broadcast_to(at[:-1], way[:, 1:].shape), way[:, :-1],
                           np.broadcast_to(at[1:], way[:, 1:].shape), way[:, 1:]), -1)  # fmt: skip
        half = frozen(np.full(pieces[..., 0].size, 0.45))
        box = (0.0, float(self.steps), -REACH, REACH)
        last, first = f"{self.sigmas[-1]:.2g}", f"{self.sigmas[0]:.2g}"
        title = f"Annealed: σ from {first} to {last}" if kind == ANNEALED else f"Plain: σ = {last} all the way"
        return Plot(
            title, "step", "x", (),
            pictures=(Picture("density at the level", "accent", frozen(np.repeat(density, 4, axis=1)), box),),
            segments=(Segments(f"{kind} chains", TONES[kind], frozen(pieces.reshape(-1, 4)), half, 1.0),),
            low=-REACH, high=REACH, left=0.0, right=float(self.steps),
        )  # fmt: skip

    def _shares(self) -> Plot:
        at = self.at.astype(float)
        lines: list[Line] = []
        for kind, found in self.share.items():
            mean, doubt = means(found), doubts(found)
            lines.append(line(kind, TONES[kind], at, mean, band=(mean - doubt, mean + doubt)))
        edges = np.arange(len(self.bells) + 1) * float(self.knobs.level_steps)
        known = np.array([bells.right_share for bells in self.bells])
        lines.append(line("Exact at the level", "exact", np.repeat(edges, 2)[1:-1], np.repeat(known, 2), DASHED))
        return Plot("Share of the right mode", "step", "share of chains", tuple(lines), low=0.0, high=1.0, left=0.0)

    def _ends(self) -> Plot:
        edges = np.linspace(-REACH, REACH, BINS + 1)
        x = np.linspace(-REACH, REACH, 601)
        bars = tuple(
            Bars(kind, TONES[kind], edges, frozen(counts / (self.rounds * CHAINS * (edges[1] - edges[0]))),
                 filled=kind == ANNEALED)
            for kind, counts in self.counts.items()
        )  # fmt: skip
        density = np.exp(self.last.line.log_density(x[:, None]))
        target = line("p at the smallest σ", "exact", x, density, DASHED)
        return Plot("Where they end", "x", "density", (target,), bars=bars, low=0.0, high=1.3 * float(density.max()),
                    left=-REACH, right=REACH)  # fmt: skip

    def _readings(self) -> tuple[Reading, ...]:
        found = []
        for kind, share in self.share.items():
            found.append(Reading(f"Right mode, {kind.lower()}", share[-1].mean, share[-1].doubt, self.last.right_share,
                                 "", "Share of chains right of the middle at the end; exact: under p."))  # fmt: skip
        s = self.last.std
        for kind, one in self.within.items():
            spread = math.sqrt(one.mean)
            found.append(Reading(
                f"Spread in a mode, {kind.lower()}", spread, one.doubt / (2 * spread), s, "",
                "Root mean square distance from the nearest centre; of p: s at the smallest σ. Steps of c s² make it "
                "s/√(1 − c/4).", known="p",
            ))  # fmt: skip
        for word, bells in (("largest", self.bells[0]), ("smallest", self.last)):
            found.append(
                Reading(
                    f"Barrier at the {word} σ",
                    None,
                    None,
                    bells.barrier,
                    "nats",
                    "log p at the lower top minus log p at the saddle: what chains must climb.",
                )
            )
        return tuple(found)

    def _caption(self) -> str:
        annealed, plain = (self.share[kind][-1] for kind in (ANNEALED, PLAIN))
        known = self.last.right_share
        said = (
            f"{100 * annealed.mean:.0f} % of the annealed chains end in the right mode, {100 * plain.mean:.0f} % of "
            f"the plain ones; the data have {100 * known:.0f} % there. "
        )
        if abs(annealed.mean - known) <= max(2 * annealed.doubt, 0.02):
            return said + "While σ is large the modes are one; they part slowly enough for each to get its weight."
        if self.bells[0].barrier > 3:
            return said + "The largest σ leaves a barrier: the chains were stuck before the annealing began."
        return said + "The levels pass too quickly: more of them, or more steps at each, bring the weights right."


SCENE = AnnealedLangevin
