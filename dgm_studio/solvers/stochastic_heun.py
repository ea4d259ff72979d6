"""Heun's method on the reverse SDE: its drift at both ends of a step, the same noise in both looks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.paths.field import Field
from dgm_studio.paths.targets import from_clean_and_noise, to_clean_and_noise
from dgm_studio.solvers.noise import Noise, normal_like
from dgm_studio.solvers.solver import Solver, State
from dgm_studio.solvers.steps import ends_sharp, intervals, last_state


@dataclass(frozen=True)
class StochasticHeun(Solver):
    """x~ = x_t + h f(x_t, t) + dW; x_r = x_t + h/2 [f(x_t, t) + f(x~, r)] + dW, f = velocity + g^2/2 score and dW from
    N(0, h (g_t^2 + g_r^2) / 2 I). A step that ends at s = 0 is Euler-Maruyama's.

    The noise is additive, which makes it weak order 2 and strong order 1 (Rümelin, 1982).
    """

    card: ClassVar[Card] = Card(
        id="stochastic-heun",
        title="Stochastic Heun",
        summary="The reverse SDE with the mean of the drifts at both ends of a step.",
        lecture="10",
        paper="Rümelin, 1982; Song et al., 2021",
        formula="x_r = x_t + h/2 [f(x_t, t) + f(x_t + h f + dW, r)] + dW",
        needs=("velocity",),
        facts=(
            ("order", 1.0),
            ("evaluations", 2.0),
            ("stochastic", True),
            ("weak_order", 2.0),
            ("strong_order", 1.0),
        ),
    )

    def walk(self, field: Field, start: Tensor, times: Tensor, generator: Noise) -> Iterator[State]:
        """See Solver.walk."""
        x, evaluations, path = start, 0, field.path
        for t, r in intervals(times, start):
            drift, clean, velocity = reverse_drift(field, x, t)
            evaluations += 1
            looked = evaluations
            h, sharp = r - t, ends_sharp(path, r)
            g2 = path.diffusion_squared(t)
            spread = g2 if sharp else 0.5 * (g2 + path.diffusion_squared(r))
            noise = torch.sqrt(spread * h) * normal_like(x, generator, t, r)
            drift = h * drift
            if not sharp:
                drift = 0.5 * (drift + h * reverse_drift(field, x + drift + noise, r)[0])
                evaluations += 1
            yield State(float(t), x, clean, looked, velocity, drift)
            x = x + drift + noise
        yield last_state(path, x, r, evaluations)


def reverse_drift(field: Field, x: Tensor, t: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """velocity + g^2/2 score, x1_hat and the velocity, each (n, d), by one evaluation."""
    velocity = field.velocity(x, t)
    clean, noise = to_clean_and_noise("velocity", velocity, x, t, field.path)
    score = from_clean_and_noise("score", clean, noise, t, field.path)
    return velocity + 0.5 * field.path.diffusion_squared(t) * score, clean, velocity


SOLVER = StochasticHeun()
