"""A file's points, or a model's samples, as a law of which only these points are known."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.errors import Refused
from dgm_studio.data.law import Law
from dgm_studio.data.laws.moved_law import LARGEST, MovedLaw


class PointsLaw(Law):
    """Points (n, d), n of 2 or more, finite and not all equal, else Refused.

    They are samples of a law that is not known: it has no density here and no atoms, and no more than n points can be
    drawn.
    """

    def __init__(self, points: Array, title: str = "Points") -> None:
        held = np.asarray(points, dtype=np.float64)
        if held.ndim != 2 or held.shape[1] < 1:
            raise Refused(f"{title} has the shape {held.shape}; points have the shape (n, d). Reshape it.")
        if len(held) < 2:
            raise Refused(f"{title} holds {len(held)} {_points(len(held))}; a measure needs 2 or more. Add some.")
        if not np.isfinite(held).all():
            bad = int((~np.isfinite(held).all(axis=1)).sum())
            raise Refused(f"{title} holds {bad:,} {_points(bad)} that are not finite (NaN or infinite). Remove them.")
        if np.abs(held).max() > LARGEST:
            raise Refused(f"{title} holds numbers beyond {LARGEST:g}, whose powers overflow. Choose another unit.")
        if not np.ptp(held, axis=0).any():
            place = ", ".join(f"{value:g}" for value in held[0])
            raise Refused(f"{title} holds one point many times, ({place}): without spread. Give different points.")
        self.title, self.dim = title, held.shape[1]
        self.points = frozen(held)

    def draw(self, n: int, rng: np.random.Generator) -> Array:
        """n of the points, none twice; Refused beyond what there is."""
        if n > len(self.points):
            raise Refused(f"{self.title} holds {len(self.points):,} points; {n:,} cannot be drawn. Ask for fewer.")
        return self.points[rng.choice(len(self.points), size=n, replace=False)]

    def most(self) -> int:
        """All of them."""
        return len(self.points)

    def shift_to(self, other: Law) -> Array | None:
        """0 to the very same points: a law is not apart from itself."""
        if isinstance(other, MovedLaw):
            back = other.shift_to(self)
            return None if back is None else -back
        same = isinstance(other, PointsLaw) and np.array_equal(self.points, other.points)
        return np.zeros(self.dim) if same else None


def _points(count: int) -> str:
    return "point" if count == 1 else "points"
