"""The explicit midpoint method on the probability-flow ODE."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.paths.field import Field
from dgm_studio.solvers.steps import OdeSolver


@dataclass(frozen=True)
class Midpoint(OdeSolver):
    """Euler to the middle of the step, then the whole step with the velocity there; never evaluated at the step's end,
    so it needs no exception where s = 0."""

    card: ClassVar[Card] = Card(
        id="midpoint",
        title="Midpoint",
        summary="Walk the whole step with the velocity at its middle.",
        lecture="9",
        paper="Runge, 1895",
        formula="x_r = x_t + (r - t) v(x_t + (r - t)/2 v(x_t, t), (t + r)/2)",
        needs=("velocity",),
        facts=(("order", 2.0), ("evaluations", 2.0), ("stochastic", False)),
    )

    def advance(self, field: Field, x: Tensor, t: Tensor, r: Tensor, velocity: Tensor) -> tuple[Tensor, int]:
        """One step with one further evaluation."""
        h = r - t
        return x + h * field.velocity(x + 0.5 * h * velocity, t + 0.5 * h), 1


SOLVER = Midpoint()
