"""Two interleaved half moons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.data.noisy_curves import QUADRATURE, NoisyCurves

_RADIUS = 1.6


@dataclass(frozen=True)
class Moons(NoisyCurves):
    """Half circles (cos a, sin a) and (1 - cos a, 1/2 - sin a), a uniform on [0, pi], centred, times 1.6."""

    card = Card(
        id="moons",
        title="Two moons",
        summary="Two interleaved half circles: two classes no straight line separates.",
        paper="Pedregosa et al., 2011",
        formula="x = c(u) + s ε",
        facts=QUADRATURE,
    )

    @property
    def arm_count(self) -> int:
        """Two moons: upper (0) and lower (1)."""
        return 2

    def curve(self, arm: Array, u: Array) -> Array:
        """The half circles; the second is the first turned by half a turn about their common centre."""
        upper = np.stack([np.cos(np.pi * u) - 0.5, np.sin(np.pi * u) - 0.25], axis=1)
        return np.asarray(_RADIUS * np.where(arm == 0, 1.0, -1.0)[:, None] * upper)


DATA = Moons()
