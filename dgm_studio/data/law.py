"""Laws: what a measure may know of a distribution, be it a data set, a model's samples or a file of points."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.data.mixture import Mixture

Box = tuple[tuple[float, float], ...]
"""(low, high) along each axis."""


class Law(ABC):
    """A distribution on R^dim. Whatever is not known is None: a measure then goes another way, or refuses."""

    title: str
    dim: int

    @abstractmethod
    def draw(self, n: int, rng: np.random.Generator) -> Array:
        """n independent points (n, dim), float64. A file of points is drawn from without replacement, as far as it
        reaches: Refused beyond."""

    def log_density(self, points: Array) -> Array | None:
        """log p(x) in nats at points (n, dim) -> (n,), -inf off the support; None where there is no density."""
        return None

    def score(self, points: Array) -> Array | None:
        """The gradient of log p at points (n, dim) -> (n, dim); None where unknown."""
        return None

    def mixture(self) -> Mixture | None:
        """The law as a Gaussian mixture, where it is one (one component: a Gaussian)."""
        return None

    def box(self) -> Box | None:
        """A box outside which less than 1e-12 of the mass lies, exactly the support where that is bounded; None where
        unknown."""
        return None

    def breaks(self) -> tuple[float, ...]:
        """On the line: where the density jumps or has a kink, in order; a quadrature splits there."""
        return ()

    def quantile(self, levels: Array) -> Array | None:
        """On the line: the inverse distribution function at levels (n,) in (0, 1) -> (n,); None where unknown."""
        return None

    def most(self) -> int | None:
        """How many points can be drawn; None: as many as one likes (a file of points has only its own)."""
        return None

    def atoms(self) -> tuple[Array, Array] | None:
        """(points (k, dim), weights (k,)) where the law is discrete, else None."""
        return None

    def shift_to(self, other: Law) -> Array | None:
        """The vector (dim,) by which this law must be moved to become `other`, where both have one shape and that is
        known on paper; None otherwise. Parallel lines are such a pair."""
        return None
