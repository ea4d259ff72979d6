"""What Markov chains at one noise level share: their level, their step, what a score tells at no extra evaluation."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import knob
from dgm_studio.paths.field import Field
from dgm_studio.paths.path import Path
from dgm_studio.paths.targets import from_clean_and_noise, to_clean_and_noise
from dgm_studio.solvers.noise import Noise
from dgm_studio.solvers.solver import Solver, State
from dgm_studio.solvers.steps import ends_sharp, intervals

SMALLEST, LARGEST = 1e-6, 1.0
"""Step sizes of a chain."""


@dataclass(frozen=True)
class ChainSolver(Solver):
    """A chain whose stationary law is (nearly) p_level: as many steps as the times have intervals, all at one level,
    which is every state's t."""

    level: float = knob(
        0.9, "Chain's level", "Time t whose marginal pₜ the chain samples: 1 is the data, less is noisier.",
        low=0.0, high=1.0,
    )  # fmt: skip
    step_size: float = knob(
        0.02, "Step size", "h of x + (h/2) score + √h z, in squared units of x.", low=SMALLEST, high=LARGEST, log=True
    )

    def __post_init__(self) -> None:
        if not 0 <= self.level <= 1:
            raise Refused(f"The chain's level is {self.level:g}; it is a time between 0 (noise) and 1 (data).")
        if not SMALLEST <= self.step_size <= LARGEST:
            raise Refused(
                f"A chain's step of size {self.step_size:g} does not walk; give one between {SMALLEST:g} and "
                f"{LARGEST:g}."
            )

    def walk(self, field: Field, start: Tensor, times: Tensor, generator: Noise) -> Iterator[State]:
        """See Solver.walk, but t of all states is the level: `times` say how many steps there are."""
        steps = len(list(intervals(times, start)))
        return self.chain(field, start, start.new_tensor(self.level), steps, generator)

    @abstractmethod
    def chain(self, field: Field, start: Tensor, level: Tensor, steps: int, generator: Noise) -> Iterator[State]:
        """steps + 1 states at that level, 0-d, the first being the start (n, d) itself."""


def seen(score: Tensor, x: Tensor, t: Tensor, path: Path) -> tuple[Tensor, Tensor | None]:
    """x1_hat (n, d) of a score (n, d) at x (n, d), and the velocity; None where it is singular, and at a = 0, where the
    score says nothing of the datum."""
    clean, noise = to_clean_and_noise("score", score, x, t, path)
    if float(path.a(t)) == 0 or ends_sharp(path, t) or not math.isfinite(float(path.da(t) + path.ds(t))):
        return clean, None
    return clean, from_clean_and_noise("velocity", clean, noise, t, path)
