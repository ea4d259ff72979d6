"""Four unequal modes on the line: wide and narrow, common and rare."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dgm_studio.core.card import Card
from dgm_studio.core.knobs import knob
from dgm_studio.data.mixture import Mixture
from dgm_studio.data.mixture_set import MixtureSet

_MEANS = (-2.4, -0.8, 0.7, 2.3)
_STDS = (0.25, 0.4, 0.2, 0.35)
_COMMON = (0.25, 0.45, 0.3)
"""Shares of the first three modes among themselves."""


@dataclass(frozen=True)
class Mixture1D(MixtureSet):
    """sum_k w_k N(c + m_k, (f s_k)^2), k = 0..3 from the left, in one column; the right end's mode is rare."""

    card = Card(
        id="mixture-1d",
        title="Mixture, 1D",
        summary="Four unequal bells on the line, one of them rare: see which a model blurs and which it drops.",
        lecture="3",
        formula="x ~ Σₖ wₖ N(mₖ, (f sₖ)²)",
        facts=(("density", "closed form"),),
    )

    shifts = ("shift",)
    widths = ("spread",)

    spread: float = knob(1.0, "Spread f", "Factor on every mode's standard deviation.", low=0.25, high=3.0, log=True)
    rare: float = knob(0.12, "Rare mode", "Share of the points in the mode at the right end.", low=0.01, high=0.5)
    shift: float = knob(0.0, "Shift", "Moves all of it along the line.", low=-3.0, high=3.0)

    def mixture(self) -> Mixture:
        """Four components, from left to right."""
        weights = np.append((1.0 - self.rare) * np.array(_COMMON), self.rare)
        variances = (self.spread * np.array(_STDS)) ** 2
        return Mixture(weights, self.shift + np.array(_MEANS)[:, None], variances[:, None, None])


DATA = Mixture1D()
