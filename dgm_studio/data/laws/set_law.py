"""A data set of the studio as a law."""

from __future__ import annotations

from dataclasses import fields
from functools import cached_property

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.data.dataset import DataSet
from dgm_studio.data.law import Box, Law
from dgm_studio.data.laws.moved_law import MovedLaw
from dgm_studio.data.laws.same_shape import shift_of_mixtures
from dgm_studio.data.mixture import Mixture


class SetLaw(Law):
    """What the data set declares, in double precision where it can."""

    def __init__(self, data_set: DataSet, title: str = "") -> None:
        self.data_set = data_set
        self.title = title or data_set.card.title
        box = data_set.box()
        self.dim = len(box) if box is not None else int(data_set.draw(1, np.random.default_rng(0)).points.shape[1])

    @cached_property
    def _mixture(self) -> Mixture | None:
        return self.data_set.mixture()

    def draw(self, n: int, rng: np.random.Generator) -> Array:
        """See Law.draw."""
        return self.data_set.sample(n, rng)

    def log_density(self, points: Array) -> Array | None:
        """See Law.log_density."""
        return self.data_set.log_density(points) if self._mixture is None else self._mixture.log_density(points)

    def score(self, points: Array) -> Array | None:
        """See Law.score."""
        return self.data_set.score(points) if self._mixture is None else self._mixture.score(points)

    def mixture(self) -> Mixture | None:
        """See Law.mixture."""
        return self._mixture

    def box(self) -> Box | None:
        """See Law.box."""
        return self.data_set.box()

    def breaks(self) -> tuple[float, ...]:
        """See Law.breaks."""
        return self.data_set.breaks()

    def quantile(self, levels: Array) -> Array | None:
        """See Law.quantile."""
        return self.data_set.quantile(levels)

    def shift_to(self, other: Law) -> Array | None:
        """Known for two of one data set whose knobs differ in their shifts alone, and for mixtures of equal parts."""
        if other.dim != self.dim:
            return None
        theirs = other.mixture()
        if self._mixture is not None and theirs is not None:
            return shift_of_mixtures(self._mixture, theirs)
        if isinstance(other, MovedLaw):
            back = other.shift_to(self)
            return None if back is None else -back
        if not isinstance(other, SetLaw):
            return None
        mine, its = self.data_set, other.data_set
        if type(mine) is not type(its):
            return None
        moving = {name for name in mine.shifts if name}
        names = (field.name for field in fields(mine) if field.name not in moving)
        if any(getattr(mine, name) != getattr(its, name) for name in names):
            return None
        axes = mine.shifts or ("",) * self.dim
        return np.array([getattr(its, name) - getattr(mine, name) if name else 0.0 for name in axes])
