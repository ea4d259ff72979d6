"""Two Gaussians of unequal weight, if wanted: the smallest data with modes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dgm_studio.core.card import Card
from dgm_studio.core.knobs import knob
from dgm_studio.data.mixture import Mixture
from dgm_studio.data.mixture_set import MixtureSet


@dataclass(frozen=True)
class TwoGaussians(MixtureSet):
    """w N(-(d/2, 0), s^2 I) + (1 - w) N((d/2, 0), s^2 I), labelled left (0) and right (1)."""

    card = Card(
        id="two-gaussians",
        title="Two Gaussians",
        summary="Two modes with a gap between: pull them apart and watch a model lose one, or their weights.",
        lecture="3",
        paper="Song and Ermon, 2019",
        formula="x ~ w N(−d/2, s²I) + (1 − w) N(d/2, s²I)",
        facts=(("density", "closed form"),),
    )

    separation: float = knob(3.0, "Separation", "Distance between the two centres.", low=0.0, high=6.0)
    std: float = knob(0.5, "Spread", "Standard deviation of each mode.", low=0.05, high=1.5, log=True)
    weight: float = knob(0.5, "Left weight", "Share of the points in the left mode.", low=0.05, high=0.95)

    def mixture(self) -> Mixture:
        """Two components, left first."""
        half = self.separation / 2
        both = Mixture.isotropic(np.array([[-half, 0.0], [half, 0.0]]), self.std)
        return Mixture(np.array([self.weight, 1.0 - self.weight]), both.means, both.covariances)


DATA = TwoGaussians()
