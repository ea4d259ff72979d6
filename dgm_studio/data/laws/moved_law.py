"""Any law, moved and stretched: what a hand does to it."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.data.law import Box, Law
from dgm_studio.data.laws.same_shape import shift_of_atoms, shift_of_mixtures
from dgm_studio.data.mixture import Mixture

LARGEST = 1e60
"""Of a coordinate: measures take squares of squares."""


class MovedLaw(Law):
    """The law of y = m + s x for x of `law`, a vector m (dim,) and a factor s > 0."""

    def __init__(self, law: Law, shift: Array | tuple[float, ...], scale: float = 1.0) -> None:
        move = np.asarray(shift, dtype=np.float64)
        if move.shape != (law.dim,) or not (np.abs(move) <= LARGEST).all():
            raise Refused(f"{law.title} is moved by {law.dim} numbers up to {LARGEST:g}, not by {move.tolist()}.")
        if not 1 / LARGEST <= scale <= LARGEST:
            raise Refused(f"{law.title} is stretched by a factor above 0 and up to {LARGEST:g}, not by {scale}.")
        self.title, self.dim = law.title, law.dim
        # A law moved twice is moved once: shapes are then recognised at sight.
        inner = law if isinstance(law, MovedLaw) else None
        self.law: Law = law if inner is None else inner.law
        self.shift: Array = move if inner is None else move + scale * inner.shift
        self.scale: float = float(scale) if inner is None else float(scale) * inner.scale

    def draw(self, n: int, rng: np.random.Generator) -> Array:
        """See Law.draw."""
        return np.asarray(self.shift + self.scale * self.law.draw(n, rng))

    def log_density(self, points: Array) -> Array | None:
        """log p((y - m) / s) - dim log s."""
        inner = self.law.log_density(self._back(points))
        return None if inner is None else np.asarray(inner - self.dim * np.log(self.scale))

    def score(self, points: Array) -> Array | None:
        """The inner score, divided by s."""
        inner = self.law.score(self._back(points))
        return None if inner is None else np.asarray(inner / self.scale)

    def mixture(self) -> Mixture | None:
        """Means moved, covariances stretched by s^2."""
        inner = self.law.mixture()
        if inner is None:
            return None
        return Mixture(inner.weights, self.shift + self.scale * inner.means, self.scale**2 * inner.covariances)

    def box(self) -> Box | None:
        """The inner box, moved."""
        inner = self.law.box()
        if inner is None:
            return None
        return tuple(
            (float(m + self.scale * low), float(m + self.scale * high))
            for m, (low, high) in zip(self.shift, inner, strict=True)
        )

    def breaks(self) -> tuple[float, ...]:
        """The inner breaks, moved."""
        return tuple(float(self.shift[0] + self.scale * at) for at in self.law.breaks())

    def quantile(self, levels: Array) -> Array | None:
        """The inner quantiles, moved."""
        inner = self.law.quantile(levels)
        return None if inner is None else np.asarray(self.shift[0] + self.scale * inner)

    def most(self) -> int | None:
        """As many as the inner law."""
        return self.law.most()

    def atoms(self) -> tuple[Array, Array] | None:
        """The inner atoms, moved."""
        inner = self.law.atoms()
        return None if inner is None else (self.shift + self.scale * inner[0], inner[1])

    def shift_to(self, other: Law) -> Array | None:
        """Known for mixtures and atoms of equal parts, and for laws of one shape stretched alike."""
        mine, theirs = self.mixture(), other.mixture()
        if other.dim != self.dim:
            return None
        if mine is not None and theirs is not None:
            return shift_of_mixtures(mine, theirs)
        atoms, its = self.atoms(), other.atoms()
        if atoms is not None and its is not None:
            return shift_of_atoms(atoms, its)
        inner, scale, move = (
            (other.law, other.scale, other.shift) if isinstance(other, MovedLaw) else (other, 1.0, np.zeros(self.dim))
        )
        if scale != self.scale:
            return None
        # m' + s x' with x' = x + step: the step is stretched too.
        step = self.law.shift_to(inner)
        return None if step is None else np.asarray(move - self.shift + self.scale * step)

    def _back(self, points: Array) -> Array:
        return np.asarray((np.asarray(points, dtype=np.float64) - self.shift) / self.scale)
