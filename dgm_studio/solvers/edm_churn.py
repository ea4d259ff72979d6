"""EDM's stochastic sampler: noise is added a little, then Heun's step takes more of it away."""

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
from dgm_studio.solvers.exponential import constant_step
from dgm_studio.solvers.noise import Noise, normal_like
from dgm_studio.solvers.solver import Solver, State
from dgm_studio.solvers.steps import ends_sharp, intervals, last_state, velocity_of_clean

MOST = math.sqrt(2) - 1
"""No more noise is added than there is: Karras et al., 2022, algorithm 2."""


@dataclass(frozen=True)
class EdmChurn(Solver):
    """In y = x / a and sigma = s / a: sigma^ = (1 + min(churn / N, sqrt 2 - 1)) sigma, y^ = y + sqrt(sigma^^2 -
    sigma^2) z, then Heun's step of dy/dsigma = (y - x1_hat) / sigma from sigma^ to the next level (Karras et al., 2022,
    algorithm 2, its noise at all levels and at its own strength).

    Nothing is added at a = 0, where sigma is infinite; there, and where the step ends at s = 0, it is Euler's in sigma.
    """

    card: ClassVar[Card] = Card(
        id="edm-churn",
        title="EDM with churn",
        summary="A little noise is added before each of Heun's steps in sigma, which then mends it.",
        lecture="second course",
        paper="Karras et al., 2022",
        formula="y + sqrt(σ̂² - σ²) z, then Heun in σ from σ̂",
        needs=("denoiser",),
        facts=(("order", 0.0), ("evaluations", 2.0), ("stochastic", True), ("previews", False)),
    )
    churn: float = knob(10.0, "Churn", "S of γ = min(S / steps, √2 − 1): 0 is Heun in sigma.", low=0.0, high=100.0)

    def __post_init__(self) -> None:
        if not 0 <= self.churn <= 100:
            raise Refused(f"The churn is {self.churn:g}; it must be between 0 and 100.")

    def walk(self, field: Field, start: Tensor, times: Tensor, generator: Noise) -> Iterator[State]:
        """See Solver.walk; a churned state has no x1_hat, for the guess is made after the noise was added."""
        x, evaluations, path = start, 0, field.path
        gamma = min(self.churn / max(1, len(times) - 1), MOST)
        for t, r in intervals(times, start):
            there, at, noise = x, t, None
            if gamma > 0 and float(path.a(t)) > 0:
                sigma = path.s(t) / path.a(t)
                at = path.time_of((1 + gamma) * sigma[None])[0]
                added = torch.sqrt(((path.s(at) / path.a(at)) ** 2 - sigma**2).clamp(min=0.0))
                noise = path.a(at) * added * normal_like(x, generator, t, r)
                there = path.a(at) * (x / path.a(t)) + noise
            clean = field.x1_hat(there, at)
            evaluations += 1
            looked = evaluations
            ahead = constant_step(path, there, clean, at, r)
            if not ends_sharp(path, r) and float(path.a(at)) > 0:
                clean_r = field.x1_hat(ahead, r)
                evaluations += 1
                sigma, sigma_r = path.s(at) / path.a(at), path.s(r) / path.a(r)
                y, y_r = there / path.a(at), ahead / path.a(r)
                slope = 0.5 * ((y - clean) / sigma + (y_r - clean_r) / sigma_r)
                ahead = path.a(r) * (y + (sigma_r - sigma) * slope)
            if noise is None:
                yield State(float(t), x, clean, looked, velocity_of_clean(clean, x, t, path))
            else:
                yield State(float(t), x, None, looked, None, ahead - x - noise)
            x = ahead
        yield last_state(path, x, r, evaluations)


SOLVER = EdmChurn()
