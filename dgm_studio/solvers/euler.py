"""Euler's method on the probability-flow ODE."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.paths.field import Field
from dgm_studio.solvers.steps import OdeSolver


@dataclass(frozen=True)
class Euler(OdeSolver):
    """x_r = x_t + (r - t) velocity(x_t, t)."""

    card: ClassVar[Card] = Card(
        id="euler",
        title="Euler",
        summary="One straight step along the velocity at the point.",
        lecture="9-12",
        paper="Euler, 1768",
        formula="x_r = x_t + (r - t) v(x_t, t)",
        needs=("velocity",),
        facts=(("order", 1.0), ("evaluations", 1.0), ("stochastic", False)),
    )

    def advance(self, field: Field, x: Tensor, t: Tensor, r: Tensor, velocity: Tensor) -> tuple[Tensor, int]:
        """One step, no further evaluation."""
        return x + (r - t) * velocity, 0


SOLVER = Euler()
