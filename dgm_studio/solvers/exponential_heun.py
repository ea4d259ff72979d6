"""The exponential Heun method: a second-order Runge-Kutta method whose linear part is exact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.paths.field import Field
from dgm_studio.solvers.exponential import constant_step, log_ratio
from dgm_studio.solvers.noise import Noise
from dgm_studio.solvers.solver import Solver, State
from dgm_studio.solvers.steps import ends_sharp, intervals, last_state, velocity_of_clean


@dataclass(frozen=True)
class ExponentialHeun(Solver):
    """x_r = DDIM's step with x1_hat(x_t, t) =: D, then x_r + a_r (h - 1 + e^-h) / h (D_r - D), D_r at the end of it and
    h = lambda_r - lambda_t: x1_hat is a straight line in lambda (ETD2RK: Cox and Matthews, 2002, eq. 22).

    A step that ends at s = 0 stays DDIM's, for h is infinite there. Order 2 holds for steps that are short in lambda.
    """

    card: ClassVar[Card] = Card(
        id="exponential-heun",
        title="Exponential Heun",
        summary="Noise shrinks exactly; the clean guess runs straight from the step's start to its end.",
        lecture="9",
        paper="Cox and Matthews, 2002; Zhang and Chen, 2023",
        formula="x_r = s_r/s_t x_t + a_r [(1 - e^-h) D + (h - 1 + e^-h)/h (D_r - D)]",
        needs=("denoiser",),
        facts=(("order", 2.0), ("evaluations", 2.0), ("stochastic", False)),
    )

    def walk(self, field: Field, start: Tensor, times: Tensor, generator: Noise) -> Iterator[State]:
        """See Solver.walk."""
        x, evaluations, path = start, 0, field.path
        for t, r in intervals(times, start):
            clean = field.x1_hat(x, t)
            evaluations += 1
            yield State(float(t), x, clean, evaluations, velocity_of_clean(clean, x, t, path))
            x = constant_step(path, x, clean, t, r)
            if not ends_sharp(path, r):
                h = log_ratio(path, r) - log_ratio(path, t)
                share = (h + torch.expm1(-h)) / h if bool(h.isfinite()) else torch.ones_like(h)  # infinite from a = 0
                x = x + path.a(r) * share * (field.x1_hat(x, r) - clean)
                evaluations += 1
        yield last_state(path, x, r, evaluations)


SOLVER = ExponentialHeun()
