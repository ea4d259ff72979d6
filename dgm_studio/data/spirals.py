"""Spiral arms that start at the origin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.knobs import knob
from dgm_studio.data.noisy_curves import QUADRATURE, NoisyCurves

_OUTER = 3.0


@dataclass(frozen=True)
class Spirals(NoisyCurves):
    """r = 3 u, angle 2 pi (turns u + k / arms), u = sqrt(uniform), so density 2 u; labelled by arm k."""

    card = Card(
        id="spirals",
        title="Spirals",
        summary="Interleaved arms that meet in the middle: thin, long and twisted.",
        paper="Grathwohl et al., 2019",
        formula="x = 3u (cos 2πτu, sin 2πτu) + s ε",
        facts=QUADRATURE,
    )

    arms: int = knob(2, "Arms", "How many arms, each a class.", low=1, high=5)
    turns: float = knob(1.5, "Turns", "How often each arm goes round.", low=0.25, high=3.0)

    @property
    def arm_count(self) -> int:
        """The arms."""
        return self.arms

    def curve(self, arm: Array, u: Array) -> Array:
        """Archimedes' spiral."""
        angle = 2 * np.pi * (self.turns * u + arm / self.arms)
        return np.stack([_OUTER * u * np.cos(angle), _OUTER * u * np.sin(angle)], axis=1)

    def place(self, uniform: Array) -> Array:
        """sqrt, which spreads the points about evenly along the outer turns."""
        return np.sqrt(uniform)

    def place_density(self, u: Array) -> Array:
        """q(u) = 2 u."""
        return 2 * u


DATA = Spirals()
