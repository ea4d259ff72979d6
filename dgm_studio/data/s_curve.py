"""The S: two half circles that turn opposite ways."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.knobs import knob
from dgm_studio.data.noisy_curves import QUADRATURE, NoisyCurves


@dataclass(frozen=True)
class SCurve(NoisyCurves):
    """Angle a uniform on [-3 pi/2, 3 pi/2]: x = r (sin a, sign(a) (1 - cos a)), blurred. The label is the half."""

    card = Card(
        id="s-curve",
        title="S curve",
        summary="One line that turns twice: a manifold whose ends are far apart.",
        paper="Pedregosa et al., 2011",
        formula="x = r (sin a, sign(a) (1 − cos a)) + s ε",
        facts=QUADRATURE,
    )

    radius: float = knob(1.4, "Radius", "Radius of each half.", low=0.5, high=1.6)

    @property
    def arm_count(self) -> int:
        """One curve."""
        return 1

    def curve(self, arm: Array, u: Array) -> Array:
        """From the lower end (u = 0) to the upper (u = 1)."""
        angle = 3 * np.pi * (u - 0.5)
        across, up = np.sin(angle), np.sign(angle) * (1 - np.cos(angle))
        return np.asarray(self.radius * np.stack([across, up], axis=1))

    def label(self, arm: Array, u: Array) -> Array:
        """0 below, 1 above."""
        return np.asarray(u > 0.5)


DATA = SCurve()
