"""Heun's second-order method on the probability-flow ODE."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.paths.field import Field
from dgm_studio.solvers.steps import OdeSolver, ends_sharp


@dataclass(frozen=True)
class Heun(OdeSolver):
    """Euler's step, then the mean of the velocities at both its ends.

    A step that ends where s = 0 stays Euler's (Karras et al., 2022, algorithm 1): the velocity there need not
    be finite. One step with local error h^2 leaves the global order at 2.
    """

    card: ClassVar[Card] = Card(
        id="heun",
        title="Heun",
        summary="Look ahead with Euler, then walk with the mean of the two velocities.",
        lecture="9",
        paper="Karras et al., 2022",
        formula="x_r = x_t + (r - t) / 2 [v(x_t, t) + v(x_t + (r - t) v(x_t, t), r)]",
        needs=("velocity",),
        facts=(("order", 2.0), ("evaluations", 2.0), ("stochastic", False)),
    )

    def advance(self, field: Field, x: Tensor, t: Tensor, r: Tensor, velocity: Tensor) -> tuple[Tensor, int]:
        """One step with one further evaluation, none where the step ends at s = 0."""
        h = r - t
        ahead = x + h * velocity
        if ends_sharp(field.path, r):
            return ahead, 0
        return x + 0.5 * h * (velocity + field.velocity(ahead, r)), 1


SOLVER = Heun()
