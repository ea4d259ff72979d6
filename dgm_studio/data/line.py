"""A vertical unit segment: the data of lecture 5's question, how far apart two parallel lines are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dgm_studio.core.card import Card
from dgm_studio.core.knobs import knob
from dgm_studio.data.dataset import Cloud, DataSet


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

    offset: float = knob(0.0, "Offset θ", "Where the segment stands along the first axis.", low=-3.0, high=3.0)

    def draw(self, n: int, rng: np.random.Generator) -> Cloud:
        """n independent points of the segment, all of one class."""
        points = np.stack([np.full(n, self.offset), rng.random(n)], axis=1)
        return Cloud(points.astype(np.float32), np.zeros(n, dtype=np.int64))


DATA = Line()
