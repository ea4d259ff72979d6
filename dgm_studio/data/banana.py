"""The banana: a Gaussian bent along a parabola."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.knobs import knob
from dgm_studio.data.dataset import Cloud, DataSet
from dgm_studio.data.mixture import REACH


@dataclass(frozen=True)
class Banana(DataSet):
    """x1 ~ N(0, 1.3^2), x2 = b (x1^2 - 1.3^2) + s eps (Haario et al., 1999): volume is kept, the density is known."""

    card = Card(
        id="banana",
        title="Banana",
        summary="A Gaussian bent along a parabola: correlated, but not linearly.",
        lecture="2",
        paper="Haario et al., 1999",
        formula="x₂ = b (x₁² − 1.69) + s ε",
        facts=(("density", "closed form"),),
    )

    bend: float = knob(0.3, "Bend b", "How strongly it bends.", low=0.0, high=0.5)
    std: float = knob(0.3, "Spread", "Standard deviation across.", low=0.05, high=1.0, log=True)

    def draw(self, n: int, rng: np.random.Generator) -> Cloud:
        """n independent points; the label is the half, left (0) or right (1)."""
        along = _LENGTH * rng.standard_normal(n)
        up = self._middle(along) + self.std * rng.standard_normal(n)
        return Cloud(np.stack([along, up], axis=1).astype(np.float32), (along > 0).astype(np.int64))

    def log_density(self, points: Array) -> Array:
        """log p(x) in nats at points (n, 2) -> (n,): the bend has Jacobian 1."""
        along, up = np.asarray(points, dtype=np.float64).T
        across = (up - self._middle(along)) / self.std
        return np.asarray(-0.5 * ((along / _LENGTH) ** 2 + across**2) - np.log(2 * np.pi * _LENGTH * self.std))

    def score(self, points: Array) -> Array:
        """grad log p(x) at points (n, 2) -> (n, 2)."""
        along, up = np.asarray(points, dtype=np.float64).T
        pull = (up - self._middle(along)) / self.std**2
        return np.stack([2 * self.bend * along * pull - along / _LENGTH**2, -pull], axis=1)

    def box(self) -> tuple[tuple[float, float], ...]:
        """REACH standard deviations along, and the bend's heights with as many across."""
        far = REACH * _LENGTH
        across = REACH * self.std
        return (-far, far), (
            float(self._middle(np.zeros(1))[0]) - across,
            float(self._middle(np.full(1, far))[0]) + across,
        )

    def _middle(self, along: Array) -> Array:
        return np.asarray(self.bend * (along**2 - _LENGTH**2))


_LENGTH = 1.3
"""Standard deviation along the first axis."""

DATA = Banana()
