"""A uniform stretch of the line: two edges that smooth models round off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.knobs import knob
from dgm_studio.data.dataset import Cloud, DataSet

_EDGE = 1e-6


@dataclass(frozen=True)
class Uniform1D(DataSet):
    """Uniform on [-h, h] in one column; the label is the half, left (0) or right (1)."""

    card = Card(
        id="uniform-1d",
        title="Uniform, 1D",
        summary="A box on the line: density with two edges, which smooth models round off.",
        formula="p(x) = 1 / (2 h) for |x| ≤ h",
        facts=(("density", "closed form"),),
    )

    half: float = knob(2.0, "Half width h", "From the middle to either edge.", low=0.5, high=3.0)

    def draw(self, n: int, rng: np.random.Generator) -> Cloud:
        """n independent points."""
        # A millionth of the width stays free, or rounding to float32 could carry a point across an edge.
        at = self.half * (1 - _EDGE) * rng.uniform(-1.0, 1.0, size=(n, 1))
        return Cloud(at.astype(np.float32), (at[:, 0] > 0).astype(np.int64))

    def log_density(self, points: Array) -> Array:
        """-log(2 h) between the edges, -inf outside, at points (n, 1) -> (n,)."""
        held = np.abs(np.asarray(points, dtype=np.float64)[:, 0]) <= self.half
        return np.where(held, -np.log(2 * self.half), -np.inf)


DATA = Uniform1D()
