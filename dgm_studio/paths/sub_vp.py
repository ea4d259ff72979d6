"""The sub-variance-preserving path of the score SDEs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.paths.path import Path
from dgm_studio.paths.vp import PATH as VP


@dataclass(frozen=True)
class SubVariancePreserving(Path):
    """a as for `vp`, s = 1 - a^2: the square of VP's noise level, so less noise at every time (Song et al., 2021,
    equation 27 and appendix B).

    Its forward SDE has VP's drift and g^2 = beta (1 - a^4), which is the natural choice.
    """

    card: ClassVar[Card] = Card(
        id="sub-vp",
        title="Sub-variance preserving",
        summary="The datum fades as in VP with less noise on the way: made for likelihoods.",
        lecture="11",
        paper="Song et al., 2021",
        formula="log a = -u^2 (beta_max - beta_min) / 4 - u beta_min / 2, u = 1 - t, s = 1 - a^2",
    )

    def a(self, t: Tensor) -> Tensor:
        """VP's a."""
        return VP.a(t)

    def s(self, t: Tensor) -> Tensor:
        """1 - a^2."""
        return -torch.expm1(2 * VP.log_a(t))

    def da(self, t: Tensor) -> Tensor:
        """VP's a'."""
        return VP.da(t)

    def ds(self, t: Tensor) -> Tensor:
        """-2 a a', finite everywhere."""
        return -2 * VP.a(t) * VP.da(t)

    def diffusion_squared(self, t: Tensor) -> Tensor:
        """beta (1 - a^4): the natural choice."""
        return VP.beta(t) * self.s(t) * (1 + VP.a(t) ** 2)

    def lecture_clock(self, t: float) -> str:
        """The forward SDE's time."""
        return f"SDE time {1 - t:.3f}"


PATH = SubVariancePreserving()
