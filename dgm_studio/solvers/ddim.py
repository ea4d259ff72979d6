"""DDIM: from deterministic (eta = 0) to DDPM (eta = 1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import knob
from dgm_studio.paths.path import Path
from dgm_studio.solvers.ancestral import AncestralSolver, posterior_variance


@dataclass(frozen=True)
class DDIM(AncestralSolver):
    """x_r = a_r x1_hat + sqrt(s_r^2 - eta^2 beta_tilde) eps_hat + eta sqrt(beta_tilde) z (Song et al., 2021,
    eq. 12).
    """

    card: ClassVar[Card] = Card(
        id="ddim",
        title="DDIM",
        summary="Guess clean point and noise, mix them again at the next level; eta adds fresh noise.",
        lecture="8",
        paper="Song et al., 2021 (DDIM)",
        formula="x_r = a_r x1_hat + sqrt(s_r^2 - eta^2 b) eps_hat + eta sqrt(b) z",
        needs=("denoiser",),
        facts=(("order", 0.0), ("evaluations", 1.0), ("stochastic", False)),
    )
    eta: float = knob(0.0, "Eta", "Share of DDPM's fresh noise: 0 is deterministic, 1 is DDPM.", low=0.0, high=1.0)

    def __post_init__(self) -> None:
        if not 0 <= self.eta <= 1:
            raise Refused(f"DDIM's eta is {self.eta:g}; it must be between 0 and 1.")

    def variance(self, path: Path, t: Tensor, r: Tensor) -> Tensor:
        """eta^2 times beta tilde."""
        return self.eta**2 * posterior_variance(path, t, r)


SOLVER = DDIM()
