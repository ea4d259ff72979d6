"""What every data set is: a card, knobs, a sampler with labels, and an exact density where one exists."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.data.mixture import Mixture


@dataclass(frozen=True)
class Cloud:
    """Points (n, d) float32 and their class labels (n,) int64."""

    points: Array
    labels: Array


@dataclass(frozen=True)
class DataSet(ABC):
    """A distribution on the plane, or on the line; its knobs are the annotated fields (see core.knobs.knob)."""

    card: ClassVar[Card]

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
