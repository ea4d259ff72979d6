"""A uniform stretch of the line: two edges that smooth models round off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.knobs import knob
from dgm_studio.data.on_the_line import OnTheLine


@dataclass(frozen=True)
class Uniform1D(OnTheLine):
    """Uniform on [c - h, c + h] in one column; the label is the half, left (0) or right (1)."""

    card = Card(
        id="uniform-1d",
        title="Uniform, 1D",
        summary="A box on the line: density with two edges, which smooth models round off.",
        formula="p(x) = 1 / (2 h) for |x − c| ≤ h",
        facts=(("density", "closed form"),),
    )
    shifts = ("shift",)
    widths = ("half",)

    half: float = knob(2.0, "Half width h", "From the middle to either edge.", low=0.5, high=3.0)
    shift: float = knob(0.0, "Middle c", "Where the middle lies.", low=-3.0, high=3.0)

    def log_density(self, points: Array) -> Array:
        """-log(2 h) between the edges, -inf outside, at points (n, 1) -> (n,)."""
        ((low, high),) = self.box()
        x = np.asarray(points, dtype=np.float64)[:, 0]
        return np.where((x >= low) & (x <= high), -np.log(2 * self.half), -np.inf)

    def box(self) -> tuple[tuple[float, float], ...]:
        """From edge to edge."""
        return ((self.shift - self.half, self.shift + self.half),)

    def breaks(self) -> tuple[float, ...]:
        """Both edges."""
        return self.box()[0]

    def quantile(self, levels: Array) -> Array:
        """c + h (2 u - 1)."""
        return np.asarray(self.shift + self.half * (2 * np.asarray(levels) - 1))

    @property
    def middle(self) -> float:
        """c."""
        return self.shift


DATA = Uniform1D()
