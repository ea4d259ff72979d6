"""Predictor and corrector: a step of the reverse SDE, then Langevin steps at the level it reached."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import knob
from dgm_studio.paths.field import Field
from dgm_studio.solvers.noise import Noise, normal_like
from dgm_studio.solvers.solver import Solver, State
from dgm_studio.solvers.steps import ends_sharp, intervals, last_state
from dgm_studio.solvers.stochastic_heun import reverse_drift


@dataclass(frozen=True)
class PredictorCorrector(Solver):
    """Euler-Maruyama's step from t to r, then `corrections` times x + e score(x, r) + sqrt(2 e) z with
    e = 2 (snr |z| / |score|)^2, norms meant over the points (Song et al., 2021, algorithms 4 and 5).

    No correction where s = 0, which has no score.
    """

    card: ClassVar[Card] = Card(
        id="predictor-corrector",
        title="Predictor-corrector",
        summary="A step of the reverse SDE, then Langevin steps that pull its marginal right.",
        lecture="10",
        paper="Song et al., 2021",
        formula="x + e score(x, r) + sqrt(2 e) z,  e = 2 (snr |z| / |score|)^2",
        needs=("score",),
        facts=(("order", 0.0), ("evaluations", 5.0), ("stochastic", True)),
    )
    snr: float = knob(
        0.16, "Signal-to-noise", "Size of a correction: r of e = 2 (r |z| / |score|)².", low=0.0, high=1.0
    )
    corrections: int = knob(1, "Corrections", "Langevin steps after each step.", low=0, high=4)

    def __post_init__(self) -> None:
        if not 0 <= self.snr <= 1 or not 0 <= self.corrections <= 4:
            raise Refused(
                f"A signal-to-noise ratio of {self.snr:g} and {self.corrections} corrections are none; give 0 to 1 and "
                "0 to 4 corrections."
            )

    def walk(self, field: Field, start: Tensor, times: Tensor, generator: Noise) -> Iterator[State]:
        """See Solver.walk."""
        x, evaluations, path = start, 0, field.path
        for t, r in intervals(times, start):
            drift, clean, velocity = reverse_drift(field, x, t)
            evaluations += 1
            looked, drift = evaluations, (r - t) * drift
            noise = torch.sqrt(path.diffusion_squared(t) * (r - t)) * normal_like(x, generator, t, r)
            for _ in range(0 if ends_sharp(path, r) else self.corrections):
                score, z = field.score(x + drift + noise, r), normal_like(x, generator)
                evaluations += 1
                size = 2 * (self.snr * mean_norm(z) / mean_norm(score)) ** 2
                drift, noise = drift + size * score, noise + torch.sqrt(2 * size) * z
            yield State(float(t), x, clean, looked, velocity, drift)
            x = x + drift + noise
        yield last_state(path, x, r, evaluations)


def mean_norm(x: Tensor) -> Tensor:
    """The mean Euclidean norm of points (n, d), 0-d."""
    norms: Tensor = x.norm(dim=1).mean()
    return norms


SOLVER = PredictorCorrector()
