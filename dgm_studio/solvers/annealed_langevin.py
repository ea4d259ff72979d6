"""Annealed Langevin dynamics: a few Langevin steps at every noise level, from much noise to little."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import knob
from dgm_studio.paths.field import Field
from dgm_studio.solvers.chain import seen
from dgm_studio.solvers.langevin import langevin_step
from dgm_studio.solvers.noise import Noise
from dgm_studio.solvers.solver import Solver, State
from dgm_studio.solvers.steps import ends_sharp, intervals, last_state

MOST_STEPS = 100


@dataclass(frozen=True)
class AnnealedLangevin(Solver):
    """At each time t `level_steps` times x + (h / 2) score(x, t) + sqrt(h) z with h = level_size s(t)^2, the points
    themselves going on to the next level (Song and Ermon, 2019, algorithm 1, along any path).

    The last level is walked too, unless s = 0 there, which has no score: the walk then ends at x1_hat of the level
    before it, the mean of the clean point (Jolicoeur-Martineau et al., 2021).
    """

    card: ClassVar[Card] = Card(
        id="annealed-langevin",
        title="Annealed Langevin",
        summary="A few Langevin steps at every level, from much noise to little: chains find all modes, then details.",
        lecture="7",
        paper="Song and Ermon, 2019",
        formula="x + (h/2) score(x, t) + √h z,  h = k s(t)²",
        needs=("score",),
        facts=(("order", 0.0), ("evaluations", 4.0), ("stochastic", True), ("chain", True)),
    )
    level_steps: int = knob(4, "Steps a level", "Langevin steps at each noise level.", low=1, high=MOST_STEPS, log=True)
    level_size: float = knob(
        0.4, "Step per level", "k of the Langevin step h = k s(t)² at level t.", low=0.001, high=2.0, log=True
    )

    def __post_init__(self) -> None:
        if not 1 <= self.level_steps <= MOST_STEPS:
            raise Refused(f"{self.level_steps} steps a level are none or too many; give 1 to {MOST_STEPS}.")
        if not (math.isfinite(self.level_size) and self.level_size > 0):
            raise Refused(f"The step per level is {self.level_size:g}; it must be above 0.")

    def walk(self, field: Field, start: Tensor, times: Tensor, generator: Noise) -> Iterator[State]:
        """See Solver.walk; a state stands where its level begins, the last where its own has ended."""
        x, evaluations, path = start, 0, field.path
        pairs = list(intervals(times, start))
        for k, (t, r) in enumerate(pairs):
            score = field.score(x, t)
            clean, velocity = seen(score, x, t, path)
            looked = evaluations + 1
            ahead, noise = self._at(field, x, t, generator, score)
            evaluations += self.level_steps
            if k == len(pairs) - 1 and ends_sharp(path, r):
                ahead = field.x1_hat(ahead, t)
                evaluations += 1
            elif k == len(pairs) - 1:
                ahead, more = self._at(field, ahead, r, generator, field.score(ahead, r))
                noise, evaluations = noise + more, evaluations + self.level_steps
            yield State(float(t), x, clean, looked, velocity, ahead - x - noise)
            x = ahead
        yield last_state(path, x, pairs[-1][1], evaluations)

    def _at(self, field: Field, x: Tensor, t: Tensor, generator: Noise, score: Tensor) -> tuple[Tensor, Tensor]:
        """Where the steps of level t lead, given the score (n, d) that the first of them follows, and the noise that
        they added, each (n, d)."""
        h = self.level_size * float(field.path.s(t)) ** 2
        total = torch.zeros_like(x)
        for k in range(self.level_steps):
            score = field.score(x, t) if k else score
            ahead = langevin_step(x, score, h, generator)
            total, x = total + (ahead - x - 0.5 * h * score), ahead
        return x, total


SOLVER = AnnealedLangevin()
