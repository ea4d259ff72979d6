"""One ring: no middle, no ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.knobs import knob
from dgm_studio.data.noisy_curves import QUADRATURE, NoisyCurves

_SECTORS = 8


@dataclass(frozen=True)
class Ring(NoisyCurves):
    """x = r (cos a, sin a) + s eps, a uniform. The label is the eighth of the circle, counter-clockwise from +x."""

    card = Card(
        id="ring",
        title="Ring",
        summary="A circle with nothing inside: the mean of the data is where no data are.",
        formula="x = r (cos θ, sin θ) + s ε",
        facts=QUADRATURE,
    )

    radius: float = knob(2.0, "Radius", "Radius of the ring.", low=0.5, high=3.0)

    @property
    def arm_count(self) -> int:
        """One circle."""
        return 1

    def curve(self, arm: Array, u: Array) -> Array:
        """Once around."""
        angle = 2 * np.pi * u
        return np.asarray(self.radius * np.stack([np.cos(angle), np.sin(angle)], axis=1))

    def label(self, arm: Array, u: Array) -> Array:
        """The sector."""
        return np.asarray(np.floor(_SECTORS * u))


DATA = Ring()
