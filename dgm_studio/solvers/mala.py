"""The Metropolis-adjusted Langevin algorithm: Langevin's steps as proposals, so that no step size biases the law."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.paths.field import Field
from dgm_studio.solvers.chain import ChainSolver, seen
from dgm_studio.solvers.langevin import langevin_step
from dgm_studio.solvers.noise import Noise
from dgm_studio.solvers.solver import State

NO_DENSITY = "MALA accepts by the density, which only the exact field of known data has. Choose Langevin instead."


class Place(NamedTuple):
    """Where chains stand: points x (n, d), the score there (n, d) and the log-density (n,)."""

    x: Tensor
    score: Tensor
    log_density: Tensor


def mala_step(
    at: Place, h: float, look: Callable[[Tensor], tuple[Tensor, Tensor]], noise: Noise
) -> tuple[Place, Tensor]:
    """Where the chains stand after one step of size h > 0, and which of them moved (n,).

    y = x + (h/2) score(x) + sqrt(h) z is accepted with probability min(1, p(y) q(x | y) / (p(x) q(y | x))), q the
    density of that proposal (Roberts and Tweedie, 1996); else the chain stays. `look` gives score and log-density of
    points (n, d).
    """
    y = langevin_step(at.x, at.score, h, noise)
    score, log_density = look(y)
    forth = (y - at.x - 0.5 * h * at.score).square().sum(1)
    back = (at.x - y - 0.5 * h * score).square().sum(1)
    gain = log_density - at.log_density + (forth - back) / (2 * h)
    chance = torch.rand(len(y), generator=noise, dtype=y.dtype, device=noise.device).to(y.device)
    moved = torch.log(chance) < gain  # false for a proposal that is not finite
    wide = moved[:, None]
    return Place(
        torch.where(wide, y, at.x), torch.where(wide, score, at.score), torch.where(moved, log_density, at.log_density)
    ), moved


@dataclass(frozen=True)
class Mala(ChainSolver):
    """Langevin's step, accepted or refused by Metropolis' rule: p_level is stationary whatever the step size.

    A step asks the score and the density of its proposal: two evaluations, and two before the first step.
    """

    card: ClassVar[Card] = Card(
        id="mala",
        title="MALA (one level)",
        summary="Langevin steps that may be refused: the density at one noise level without the step size's bias.",
        lecture="6",
        paper="Roberts and Tweedie, 1996",
        formula="α = min(1, p(y) q(x | y) / (p(x) q(y | x)))",
        needs=("score", "density"),
        facts=(("order", 0.0), ("evaluations", 2.0), ("stochastic", True), ("chain", True), ("one_level", True)),
    )

    def chain(self, field: Field, start: Tensor, level: Tensor, steps: int, generator: Noise) -> Iterator[State]:
        """See ChainSolver.chain; Refused for a field without log_density."""
        density: Any = getattr(field, "log_density", None)
        if density is None:
            raise Refused(NO_DENSITY)

        def look(x: Tensor) -> tuple[Tensor, Tensor]:
            return field.score(x, level), density(x, level)

        t, at = self.level, Place(start, *look(start))
        for k in range(steps + 1):
            clean, velocity = seen(at.score, at.x, level, field.path)
            yield State(t, at.x, clean, 2 * (k + 1), velocity)
            if k < steps:
                at, _ = mala_step(at, self.step_size, look, generator)


SOLVER = Mala()
