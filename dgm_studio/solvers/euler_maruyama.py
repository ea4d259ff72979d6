"""Euler and Maruyama's method on the reverse SDE."""

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
from dgm_studio.solvers.steps import intervals, last_state


@dataclass(frozen=True)
class EulerMaruyama(Solver):
    """x_r = x_t + h [velocity + g^2/2 score] + g sqrt(h) z, h = r - t, g = g(t) of the path.

    One evaluation a step: the score is read off the velocity by the table of targets. The last step keeps its
    noise.
    """

    card: ClassVar[Card] = Card(
        id="euler-maruyama",
        title="Euler-Maruyama",
        summary="The reverse SDE: drift along velocity and score, and fresh noise at every step.",
        lecture="10",
        paper="Song et al., 2021; Maruyama, 1955",
        formula="x_r = x_t + h [v + g^2/2 score](x_t, t) + g sqrt(h) z",
        needs=("velocity",),
        facts=(
            ("order", 1.0),
            ("evaluations", 1.0),
            ("stochastic", True),
            ("weak_order", 1.0),
            ("strong_order", 1.0),
        ),
    )

    def walk(self, field: Field, start: Tensor, times: Tensor, generator: Noise) -> Iterator[State]:
        """See Solver.walk."""
        return maruyama(field, start, times, generator)


def maruyama(field: Field, start: Tensor, times: Tensor, generator: Noise, share: float = 1.0) -> Iterator[State]:
    """The states of dx = [velocity + k^2 g^2/2 score] dt + k g dW by Euler and Maruyama's step, k = `share` of the
    noise: 0 the probability-flow ODE, 1 the reverse SDE. See Solver.walk."""
    x, evaluations, path = start, 0, field.path
    for t, r in intervals(times, start):
        velocity = field.velocity(x, t)
        evaluations += 1
        clean, noise = to_clean_and_noise("velocity", velocity, x, t, path)
        h, g2 = r - t, share**2 * path.diffusion_squared(t)
        drift = h * (velocity + 0.5 * g2 * from_clean_and_noise("score", clean, noise, t, path))
        yield State(float(t), x, clean, evaluations, velocity, drift)
        x = x + drift + torch.sqrt(g2 * h) * normal_like(x, generator, t, r)
    yield last_state(path, x, r, evaluations)


SOLVER = EulerMaruyama()
