"""What every data set is: a card, knobs, a sampler with labels, and an exact density where one exists."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.knobs import Value
from dgm_studio.data.mixture import Mixture


@dataclass(frozen=True)
class Cloud:
    """Points (n, d) float32 and their class labels (n,) int64."""

    points: Array
    labels: Array


@dataclass(frozen=True)
class Alias:
    """Another name for knobs: as many numbers as knobs, or one for all. `implies` are knobs it settles too, where they
    are not written themselves."""

    knobs: tuple[str, ...]
    implies: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class DataSet(ABC):
    """A distribution on the plane, or on the line; its knobs are the annotated fields (see core.knobs.knob)."""

    card: ClassVar[Card]
    shifts: ClassVar[tuple[str, ...]] = ()
    """Knobs that move the law and change nothing else, one for each axis; or none."""
    widths: ClassVar[tuple[str, ...]] = ()
    """Knobs that stretch it. A law may have these and the shifts beyond the range that suits learning."""
    aliases: ClassVar[Mapping[str, Alias]] = {}
    """Short names a text may use for knobs: `gaussian:mean=0,0;std=1`."""
    on_the_line: ClassVar[str] = ""
    """The data set of the line that is meant where an alias of a shift has one number: `gaussian:mean=0`."""

    @abstractmethod
    def draw(self, n: int, rng: np.random.Generator) -> Cloud:
        """n independent samples with labels; the same generator state gives the same cloud."""

    def mixture(self) -> Mixture | None:
        """The law as a Gaussian mixture, where it is one: then p_t, score and velocity are closed form."""
        return None

    def log_density(self, points: Array) -> Array | None:
        """log p(x) in nats at points (n, d) -> (n,), float64, -inf off the support; None where unknown."""
        mixture = self.mixture()
        return None if mixture is None else mixture.log_density(points)

    def score(self, points: Array) -> Array | None:
        """grad log p(x) at points (n, d) -> (n, d), float64; None where unknown, or where the density jumps."""
        mixture = self.mixture()
        return None if mixture is None else mixture.score(points)

    def sample(self, n: int, rng: np.random.Generator) -> Array:
        """n independent points (n, d), float64, as exact as is known: the float32 of `draw` holds ties on the line."""
        mixture = self.mixture()
        return self.draw(n, rng).points.astype(np.float64) if mixture is None else mixture.sample(n, rng)[0]

    def box(self) -> tuple[tuple[float, float], ...] | None:
        """(low, high) along each axis, as data.law says: the support, or all but 1e-12 of the mass."""
        mixture = self.mixture()
        return None if mixture is None else mixture.box()

    def breaks(self) -> tuple[float, ...]:
        """On the line: where the density jumps or has a kink, in order."""
        return ()

    def quantile(self, levels: Array) -> Array | None:
        """On the line: the inverse distribution function at levels (n,) in (0, 1); None where unknown."""
        mixture = self.mixture()
        return None if mixture is None or mixture.dim != 1 else mixture.quantile(levels)
