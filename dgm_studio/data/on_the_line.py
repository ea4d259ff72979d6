"""Data sets of the line that are no mixtures: known by their density and their quantiles."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.data.dataset import Cloud, DataSet

_EDGE = 1e-6


@dataclass(frozen=True)
class OnTheLine(DataSet):
    """A law of one column; the label is the half, below the middle (0) or above (1)."""

    @abstractmethod
    def box(self) -> tuple[tuple[float, float], ...]:
        """((low, high),): the support, or all but 1e-12 of the mass."""

    @abstractmethod
    def quantile(self, levels: Array) -> Array:
        """F^-1 at levels (n,) in (0, 1) -> (n,)."""

    @property
    @abstractmethod
    def middle(self) -> float:
        """Where the two classes meet."""

    def sample(self, n: int, rng: np.random.Generator) -> Array:
        """n independent points (n, 1), float64, by inversion."""
        return self.quantile(rng.random(n))[:, None]

    def draw(self, n: int, rng: np.random.Generator) -> Cloud:
        """n independent points."""
        ((low, high),) = self.box()
        # A millionth of the width stays free, or rounding to float32 could carry a point across an edge.
        room = _EDGE * (high - low)
        at = np.clip(self.sample(n, rng), low + room, high - room)
        return Cloud(at.astype(np.float32), (at[:, 0] > self.middle).astype(np.int64))
