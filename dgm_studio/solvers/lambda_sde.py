"""The family between the probability-flow ODE (lambda = 0) and the reverse SDE (lambda = 1), and beyond."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import knob
from dgm_studio.paths.field import Field
from dgm_studio.solvers.euler_maruyama import maruyama
from dgm_studio.solvers.noise import Noise
from dgm_studio.solvers.solver import Solver, State


@dataclass(frozen=True)
class LambdaSde(Solver):
    """dx = [velocity + lambda^2 g^2/2 score] dt + lambda g dW, Euler-Maruyama's step: p_t is the same for every lambda
    (lecture 10; Song et al., 2021, appendix D)."""

    card: ClassVar[Card] = Card(
        id="lambda-sde",
        title="λ-SDE",
        summary="Any mixture of ODE (λ = 0) and reverse SDE (λ = 1): the same marginals, another noise.",
        lecture="10",
        paper="Song et al., 2021",
        formula="dx = [v + λ² g²/2 score] dt + λ g dW",
        needs=("velocity",),
        facts=(
            ("order", 1.0),
            ("evaluations", 1.0),
            ("stochastic", True),
            ("weak_order", 1.0),
            ("strong_order", 1.0),
        ),
    )
    lam: float = knob(0.5, "Lambda", "Share of the reverse SDE's noise: 0 is the ODE, 1 the SDE.", low=0.0, high=2.0)

    def __post_init__(self) -> None:
        if not 0 <= self.lam <= 2:
            raise Refused(f"Lambda is {self.lam:g}; it must be between 0 (the ODE) and 2.")

    def walk(self, field: Field, start: Tensor, times: Tensor, generator: Noise) -> Iterator[State]:
        """See Solver.walk."""
        return maruyama(field, start, times, generator, self.lam)


SOLVER = LambdaSde()
