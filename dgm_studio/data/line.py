"""A vertical unit segment: the data of lecture 5's question, how far apart two parallel lines are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.knobs import knob
from dgm_studio.data.dataset import Alias, Cloud, DataSet


@dataclass(frozen=True)
class Line(DataSet):
    """x = (theta, U), U uniform on [0, 1]: it lies on a line, so it has no density on the plane (Arjovsky et al., 2017,
    example 1)."""

    card = Card(
        id="line",
        title="Line",
        summary="A vertical unit segment: KL and JSD to a parallel one do not notice how far away it is.",
        lecture="5",
        paper="Arjovsky et al., 2017",
        formula="x = (θ, U),  U ~ U[0, 1]",
        facts=(("density", "none"),),
    )

    shifts = ("offset", "")
    aliases: ClassVar[Mapping[str, Alias]] = {"x": Alias(("offset",))}

    offset: float = knob(0.0, "Offset θ", "Where the segment stands along the first axis.", low=-3.0, high=3.0)

    def draw(self, n: int, rng: np.random.Generator) -> Cloud:
        """n independent points of the segment, all of one class."""
        return Cloud(self.sample(n, rng).astype(np.float32), np.zeros(n, dtype=np.int64))

    def sample(self, n: int, rng: np.random.Generator) -> Array:
        """n independent points (n, 2), float64."""
        return np.stack([np.full(n, self.offset), rng.random(n)], axis=1)

    def box(self) -> tuple[tuple[float, float], ...]:
        """The segment itself: no wider than a point."""
        return (self.offset, self.offset), (0.0, 1.0)


DATA = Line()
