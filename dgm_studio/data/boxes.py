"""Two boxes that do not touch: disjoint supports."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.knobs import knob
from dgm_studio.data.dataset import Cloud, DataSet

_EDGE = 1e-6


@dataclass(frozen=True)
class Boxes(DataSet):
    """Uniform on two squares of side s whose inner edges are a gap g apart; the label is the square."""

    card = Card(
        id="boxes",
        title="Boxes",
        summary="Two squares with nothing between: supports that do not meet, edges that are sharp.",
        lecture="5",
        formula="p(x) = 1 / (2 s²) on both squares",
        facts=(("density", "closed form"),),
    )

    side: float = knob(1.5, "Side s", "Side of each square.", low=0.5, high=2.5)
    gap: float = knob(1.5, "Gap g", "Room between the squares.", low=0.0, high=2.0)

    def draw(self, n: int, rng: np.random.Generator) -> Cloud:
        """A square at random, then a place in it."""
        which = rng.integers(2, size=n)
        # A millionth of the side stays free, or rounding to float32 could carry a point across the edge.
        inside = self.side * (_EDGE + (1 - 2 * _EDGE) * rng.random((n, 2)))
        corner = np.stack([self._left(which), np.full(n, -self.side / 2)], axis=1)
        return Cloud((corner + inside).astype(np.float32), which.astype(np.int64))

    def log_density(self, points: Array) -> Array:
        """-log(2 s^2) in either square, -inf outside, at points (n, 2) -> (n,)."""
        across, up = np.asarray(points, dtype=np.float64).T
        inner = (np.abs(across) >= self.gap / 2) & (np.abs(across) <= self.gap / 2 + self.side)
        held = inner & (np.abs(up) <= self.side / 2)
        return np.where(held, -np.log(2 * self.side**2), -np.inf)

    def box(self) -> tuple[tuple[float, float], ...]:
        """Both squares."""
        across = self.gap / 2 + self.side
        return (-across, across), (-self.side / 2, self.side / 2)

    def _left(self, which: Array) -> Array:
        return np.where(which == 1, self.gap / 2, -self.gap / 2 - self.side)


DATA = Boxes()
