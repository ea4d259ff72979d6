"""Points with weights as a law: a histogram of piles, the slides' 1D transport."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.errors import Refused
from dgm_studio.data.law import Box, Law
from dgm_studio.data.laws.same_shape import shift_of_atoms


class DiscreteLaw(Law):
    """sum_k w_k delta(x - x_k): points (k, d), weights (k,) of 0 or more, scaled to sum to 1; equal where not given.

    Atoms of weight 0 are left out and equal ones joined. Refused for points or weights that are not finite.
    """

    def __init__(self, points: Array, weights: Array | None = None, title: str = "Atoms") -> None:
        at = np.asarray(points, dtype=np.float64)
        mass = np.ones(len(at)) if weights is None else np.asarray(weights, dtype=np.float64)
        if at.ndim != 2 or not len(at) or mass.shape != (len(at),):
            raise Refused(f"Atoms need points (k, d) and k weights, not shapes {at.shape} and {mass.shape}.")
        if not np.isfinite(at).all() or not np.isfinite(mass).all() or (mass < 0).any() or not mass.any():
            raise Refused("Atoms need finite places, and weights of 0 or more that are not all 0.")
        places, which = np.unique(at[mass > 0], axis=0, return_inverse=True)
        joined = np.bincount(which.ravel(), weights=mass[mass > 0])
        self.title, self.dim = title, at.shape[1]
        self._points, self._weights = frozen(places), frozen(joined / joined.sum())

    def draw(self, n: int, rng: np.random.Generator) -> Array:
        """See Law.draw."""
        return self._points[rng.choice(len(self._points), size=n, p=self._weights)]

    def box(self) -> Box:
        """The smallest box around the atoms."""
        low, high = self._points.min(axis=0), self._points.max(axis=0)
        return tuple(zip(low.tolist(), high.tolist(), strict=True))

    def quantile(self, levels: Array) -> Array | None:
        """See Law.quantile: np.unique has put the atoms in order."""
        if self.dim != 1:
            return None
        ends = np.cumsum(self._weights)
        at = np.searchsorted(ends, np.asarray(levels, dtype=np.float64))
        return np.asarray(self._points[np.minimum(at, len(ends) - 1), 0])

    def atoms(self) -> tuple[Array, Array]:
        """See Law.atoms."""
        return self._points, self._weights

    def shift_to(self, other: Law) -> Array | None:
        """Known for atoms of the same weights that stand in the same way."""
        theirs = other.atoms()
        return None if theirs is None else shift_of_atoms(self.atoms(), theirs)
