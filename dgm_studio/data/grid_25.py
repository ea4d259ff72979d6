"""Twenty-five Gaussians on a grid: many narrow modes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dgm_studio.core.card import Card
from dgm_studio.core.knobs import knob
from dgm_studio.data.mixture import Mixture
from dgm_studio.data.mixture_set import MixtureSet


@dataclass(frozen=True)
class Grid25(MixtureSet):
    """(1/25) sum_ij N(h (i - 2, j - 2), s^2 I) for i, j = 0..4, labelled 5 j + i (rows from below)."""

    card = Card(
        id="grid-25",
        title="Grid of 25",
        summary="Five by five narrow modes: a count of covered modes is the measure of diversity.",
        lecture="5",
        paper="Dumoulin et al., 2017",
        formula="x ~ 1/25 Σᵢⱼ N(h (i, j), s²I)",
        facts=(("density", "closed form"),),
    )

    spacing: float = knob(1.0, "Spacing", "Distance between neighbouring modes.", low=0.4, high=1.5)
    std: float = knob(0.1, "Spread", "Standard deviation of each mode.", low=0.02, high=0.5, log=True)

    def mixture(self) -> Mixture:
        """Twenty-five components of equal weight."""
        ticks = self.spacing * (np.arange(5) - 2.0)
        x, y = np.meshgrid(ticks, ticks)
        return Mixture.isotropic(np.stack([x.ravel(), y.ravel()], axis=1), self.std)


DATA = Grid25()
