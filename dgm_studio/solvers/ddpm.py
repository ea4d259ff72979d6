"""DDPM's ancestral sampling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.paths.path import Path
from dgm_studio.solvers.ancestral import AncestralSolver, posterior_variance


@dataclass(frozen=True)
class DDPM(AncestralSolver):
    """x_r drawn from q(x_r | x_t, x1_hat), variance beta tilde ("fixed small" of Ho et al., 2020, section
    3.2).
    """

    card: ClassVar[Card] = Card(
        id="ddpm",
        title="DDPM (ancestral)",
        summary="Guess the clean point, then draw the next state from the posterior given that guess.",
        lecture="7-8",
        paper="Ho et al., 2020",
        formula="x_r ~ q(x_r | x_t, x1_hat)",
        needs=("denoiser",),
        facts=(("order", 0.0), ("evaluations", 1.0), ("stochastic", True)),
    )

    def variance(self, path: Path, t: Tensor, r: Tensor) -> Tensor:
        """beta tilde."""
        return posterior_variance(path, t, r)


SOLVER = DDPM()
