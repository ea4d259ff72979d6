"""Two Gaussians on the line: two modes with a gap between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dgm_studio.core.card import Card
from dgm_studio.core.knobs import knob
from dgm_studio.data.mixture import Mixture
from dgm_studio.data.mixture_set import MixtureSet


@dataclass(frozen=True)
class TwoGaussians1D(MixtureSet):
    """w N(c - d/2, s^2) + (1 - w) N(c + d/2, s^2) in one column, labelled left (0) and right (1)."""

    card = Card(
        id="two-gaussians-1d",
        title="Two Gaussians, 1D",
        summary="Two bells on the line with a gap between: noise must choose a side.",
        lecture="3",
        paper="Song and Ermon, 2019",
        formula="x ~ w N(−d/2, s²) + (1 − w) N(d/2, s²)",
        facts=(("density", "closed form"),),
    )

    shifts = ("shift",)
    widths = ("std",)

    separation: float = knob(3.0, "Separation d", "Distance between the two centres.", low=0.0, high=6.0)
    std: float = knob(0.4, "Spread s", "Standard deviation of each mode.", low=0.05, high=1.5, log=True)
    weight: float = knob(0.5, "Left weight w", "Share of the points in the left mode.", low=0.05, high=0.95)
    shift: float = knob(0.0, "Shift", "Moves all of it along the line.", low=-3.0, high=3.0)

    def mixture(self) -> Mixture:
        """Two components, left first."""
        both = Mixture.isotropic(self.shift + np.array([[-0.5], [0.5]]) * self.separation, self.std)
        return Mixture(np.array([self.weight, 1.0 - self.weight]), both.means, both.covariances)


DATA = TwoGaussians1D()
