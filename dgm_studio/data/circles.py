"""Two circles, one inside the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.knobs import knob
from dgm_studio.data.noisy_curves import QUADRATURE, NoisyCurves

_OUTER = 2.5


@dataclass(frozen=True)
class Circles(NoisyCurves):
    """Circles of radius 2.5 (label 0) and 2.5 f (label 1) about the origin, angle uniform, blurred."""

    card = Card(
        id="circles",
        title="Circles",
        summary="A ring within a ring: a hole that a continuous map from one Gaussian has to tear.",
        paper="Pedregosa et al., 2011",
        formula="x = r (cos θ, sin θ) + s ε",
        facts=QUADRATURE,
    )

    factor: float = knob(0.5, "Inner radius", "Inner radius as a share of the outer one.", low=0.1, high=0.9)

    @property
    def arm_count(self) -> int:
        """Two circles: outer (0) and inner (1)."""
        return 2

    def curve(self, arm: Array, u: Array) -> Array:
        """Once around."""
        radius = np.where(arm == 0, _OUTER, _OUTER * self.factor)[:, None]
        angle = 2 * np.pi * u
        return np.asarray(radius * np.stack([np.cos(angle), np.sin(angle)], axis=1))


DATA = Circles()
