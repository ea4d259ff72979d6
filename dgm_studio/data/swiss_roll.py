"""The Swiss roll, seen from the side: one long thin curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.knobs import knob
from dgm_studio.data.noisy_curves import QUADRATURE, NoisyCurves

_START = 1.5 * np.pi
_OUTER = 3.0


@dataclass(frozen=True)
class SwissRoll(NoisyCurves):
    """r = 3 a / a_max, angle a uniform on [1.5 pi, 1.5 pi + 2 pi turns]: uniform in angle, so denser inside.

    The label is the turn, counted from the inside.
    """

    card = Card(
        id="swiss-roll",
        title="Swiss roll",
        summary="One rolled-up line: the data lie on a thin manifold, most of the plane is empty.",
        lecture="5",
        paper="Marsland, 2009",
        formula="x = r(θ) (cos θ, sin θ) + s ε",
        facts=QUADRATURE,
    )

    turns: float = knob(1.5, "Turns", "How often the roll goes round.", low=0.5, high=3.0)

    @property
    def arm_count(self) -> int:
        """One curve."""
        return 1

    def curve(self, arm: Array, u: Array) -> Array:
        """The roll from the inside (u = 0) to the outside (u = 1)."""
        angle = _START + 2 * np.pi * self.turns * u
        radius = _OUTER * angle / (_START + 2 * np.pi * self.turns)
        return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)

    def label(self, arm: Array, u: Array) -> Array:
        """The turn: 0 for the innermost."""
        return np.asarray(np.floor(self.turns * u))


DATA = SwissRoll()
