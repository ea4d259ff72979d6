"""The classical fourth-order Runge-Kutta method on the probability-flow ODE."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.paths.field import Field
from dgm_studio.solvers.steps import OdeSolver, ends_sharp


@dataclass(frozen=True)
class RungeKutta4(OdeSolver):
    """The classical method with weights 1/6, 1/3, 1/3, 1/6.

    A step that ends where s = 0 is Ralston's third-order one (Ralston, 1962; stages at 0, 1/2 and 3/4 of the
    step), since the velocity at its end need not be finite. One step with local error h^4 leaves the global
    order at 4.
    """

    card: ClassVar[Card] = Card(
        id="rk4",
        title="Runge-Kutta 4",
        summary="Four velocities a step, weighted so that errors to fourth order cancel.",
        lecture="9",
        paper="Kutta, 1901",
        formula="x_r = x_t + (r - t) / 6 [k_1 + 2 k_2 + 2 k_3 + k_4]",
        needs=("velocity",),
        facts=(("order", 4.0), ("evaluations", 4.0), ("stochastic", False)),
    )

    def advance(self, field: Field, x: Tensor, t: Tensor, r: Tensor, velocity: Tensor) -> tuple[Tensor, int]:
        """One step with three further evaluations, two where the step ends at s = 0."""
        h, k1 = r - t, velocity
        k2 = field.velocity(x + 0.5 * h * k1, t + 0.5 * h)
        if ends_sharp(field.path, r):
            k3 = field.velocity(x + 0.75 * h * k2, t + 0.75 * h)
            return x + h / 9 * (2 * k1 + 3 * k2 + 4 * k3), 2
        k3 = field.velocity(x + 0.5 * h * k2, t + 0.5 * h)
        k4 = field.velocity(x + h * k3, r)
        return x + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4), 3


SOLVER = RungeKutta4()
