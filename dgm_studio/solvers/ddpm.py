"""DDPM's ancestral sampling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.paths.path import Path
from dgm_studio.solvers.ancestral import AncestralSolver, forward_variance, posterior_variance
from dgm_studio.solvers.steps import ends_sharp

TILDE, BETA = "beta-tilde", "beta"


@dataclass(frozen=True)
class DDPM(AncestralSolver):
    """x_r drawn about the mean of q(x_r | x_t, x1_hat), with its variance beta tilde ("fixed small") or with beta
    ("fixed large"; Ho et al., 2020, section 3.2). Nothing is added where s_r = 0, as in their algorithm 2.
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

    posterior: str = knob(
        TILDE, "Posterior variance", "Of the fresh noise: the two ends of what data may ask for (lecture 8).",
        choices=(
            Choice(TILDE, "β̃", "Of q(x_r | x_t, x₁): right where all data are one point."),
            Choice(BETA, "β", "Of the forward step: right for data N(0, I)."),
        ),
    )  # fmt: skip

    def __post_init__(self) -> None:
        if self.posterior not in (TILDE, BETA):
            raise Refused(f"There is no posterior variance '{self.posterior}'; choose {TILDE} or {BETA}.")

    def variance(self, path: Path, t: Tensor, r: Tensor) -> Tensor:
        """beta tilde or beta."""
        if self.posterior == TILDE or ends_sharp(path, r):
            return posterior_variance(path, t, r)
        return forward_variance(path, t, r)

    def taken(self, path: Path, t: Tensor, r: Tensor) -> Tensor:
        """beta tilde: the mean is the posterior's whatever the variance."""
        return posterior_variance(path, t, r)


SOLVER = DDPM()
