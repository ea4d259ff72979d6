"""Neal's funnel: a scale that grows along an axis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.knobs import knob
from dgm_studio.data.dataset import Cloud, DataSet
from dgm_studio.data.mixture import REACH


@dataclass(frozen=True)
class Funnel(DataSet):
    """x1 ~ N(0, 1), x2 given x1 ~ N(0, (w e^{k x1})^2): thin at one end, wide at the other (Neal, 2003, 2D)."""

    card = Card(
        id="funnel",
        title="Funnel",
        summary="Thin at one end and wide at the other: one step size suits only one of them.",
        lecture="7",
        paper="Neal, 2003",
        formula="x₁ ~ N(0, 1),  x₂ | x₁ ~ N(0, (w e^{k x₁})²)",
        facts=(("density", "closed form"),),
    )

    opening: float = knob(0.55, "Opening k", "How fast the funnel widens; 0 is a plain Gaussian.", low=0.0, high=1.0)
    width: float = knob(0.6, "Width w", "Standard deviation across at x₁ = 0.", low=0.1, high=1.0, log=True)

    def draw(self, n: int, rng: np.random.Generator) -> Cloud:
        """n independent points; the label says whether they lie in the neck (0) or the mouth (1)."""
        along = rng.standard_normal(n)
        across = self._spread(along) * rng.standard_normal(n)
        return Cloud(np.stack([along, across], axis=1).astype(np.float32), (along > 0).astype(np.int64))

    def log_density(self, points: Array) -> Array:
        """log N(x1; 0, 1) + log N(x2; 0, (w e^{k x1})^2) in nats at points (n, 2) -> (n,)."""
        along, across = np.asarray(points, dtype=np.float64).T
        # Further out the spread would overflow long after the first factor has gone to 0.
        spread = self._spread(np.clip(along, -40, 40))
        return np.asarray(-0.5 * (along**2 + (across / spread) ** 2) - np.log(spread) - np.log(2 * np.pi))

    def score(self, points: Array) -> Array:
        """grad log p(x) at points (n, 2) -> (n, 2)."""
        along, across = np.asarray(points, dtype=np.float64).T
        spread = self._spread(np.clip(along, -40, 40))
        pull = across / spread**2
        return np.stack([self.opening * (across * pull - 1) - along, -pull], axis=1)

    def box(self) -> tuple[tuple[float, float], ...]:
        """REACH standard deviations along; across, the widest level set of the density with as little outside:
        max over x1 of w e^{k x1} sqrt(REACH^2 + 4 - x1^2)."""
        along = np.linspace(-REACH, REACH, 301)
        across = float((self._spread(along) * np.sqrt(REACH**2 + 4 - along**2)).max())
        return (-REACH, REACH), (-across, across)

    def _spread(self, along: Array) -> Array:
        return np.asarray(self.width * np.exp(self.opening * along))


DATA = Funnel()
