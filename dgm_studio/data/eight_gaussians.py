"""Eight Gaussians on a ring: the classic test for mode collapse."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dgm_studio.core.card import Card
from dgm_studio.core.knobs import knob
from dgm_studio.data.mixture import Mixture
from dgm_studio.data.mixture_set import MixtureSet


@dataclass(frozen=True)
class EightGaussians(MixtureSet):
    """(1/8) sum_k N(r (cos 2 pi k/8, sin 2 pi k/8), s^2 I), labelled by k counter-clockwise from +x."""

    card = Card(
        id="eight-gaussians",
        title="Eight Gaussians",
        summary="Eight modes on a ring: shows at a glance which modes a model covers and which it drops.",
        lecture="5",
        paper="Metz et al., 2017",
        formula="x ~ ⅛ Σₖ N(r e^{2πik/8}, s²I)",
        facts=(("density", "closed form"),),
    )

    radius: float = knob(2.0, "Radius", "Distance of the modes from the origin.", low=0.5, high=3.0)
    std: float = knob(0.2, "Spread", "Standard deviation of each mode.", low=0.02, high=1.0, log=True)

    def mixture(self) -> Mixture:
        """Eight components of equal weight."""
        angle = 2 * np.pi * np.arange(8) / 8
        return Mixture.isotropic(self.radius * np.stack([np.cos(angle), np.sin(angle)], axis=1), self.std)


DATA = EightGaussians()
