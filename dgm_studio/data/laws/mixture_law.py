"""A Gaussian mixture as a law: a fit, a scene's own target, any Gaussian."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.data.law import Box, Law
from dgm_studio.data.laws.same_shape import shift_of_mixtures
from dgm_studio.data.mixture import Mixture


class MixtureLaw(Law):
    """sum_k w_k N(m_k, S_k) with S_k positive definite."""

    def __init__(self, mixture: Mixture, title: str = "Mixture") -> None:
        self.title, self.dim = title, mixture.dim
        self._mixture = mixture

    def draw(self, n: int, rng: np.random.Generator) -> Array:
        """See Law.draw."""
        return self._mixture.sample(n, rng)[0]

    def log_density(self, points: Array) -> Array:
        """See Law.log_density."""
        return self._mixture.log_density(points)

    def score(self, points: Array) -> Array:
        """See Law.score."""
        return self._mixture.score(points)

    def mixture(self) -> Mixture:
        """See Law.mixture."""
        return self._mixture

    def box(self) -> Box:
        """See Law.box."""
        return self._mixture.box()

    def quantile(self, levels: Array) -> Array | None:
        """See Law.quantile."""
        return self._mixture.quantile(levels) if self.dim == 1 else None

    def shift_to(self, other: Law) -> Array | None:
        """Known for mixtures of equal parts."""
        theirs = other.mixture()
        return None if theirs is None or theirs.dim != self.dim else shift_of_mixtures(self._mixture, theirs)
