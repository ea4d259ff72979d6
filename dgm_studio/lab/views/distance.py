"""How far the samples are from the data, with what chance alone would give."""

from __future__ import annotations

from collections.abc import Generator
from typing import ClassVar

import torch

from dgm_studio.core.ask import Ask
from dgm_studio.core.card import Card
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views.fresh import floor, fresh_data
from dgm_studio.lab.views.once import once
from dgm_studio.lab.views.samples import samples_of
from dgm_studio.lab.views.view import Shown, View
from dgm_studio.measures.estimate import Estimate
from dgm_studio.measures.intervals import GROUPS
from dgm_studio.measures.sliced_w2 import sliced_w2_slices

MOST = 2_000
DIRECTIONS = 43
"""Salt of the generator of the directions: always the same ones."""


class DistanceView(View):
    """sliced_w2 of ask.count samples (at most 2,000) to as many data, with low, high, and the noise floor.

    `floor` and `floor_high` are mean and 95 % point between two fresh samples of the truth of the same n.
    """

    card: ClassVar[Card] = Card(
        "distance", "Distance to data", "Sliced Wasserstein distance of the samples to the data.", lecture="2"
    )

    def refuses(self, scene: Scene, ask: Ask) -> str:
        n = size(scene, ask)
        return "" if n >= 2 * GROUPS else f"{n} points are too few for a distance; give {2 * GROUPS} or more."

    @torch.no_grad()
    def compute(self, scene: Scene, ask: Ask) -> Generator[None, None, Shown]:
        n = size(scene, ask)
        nothing = yield from floor(scene, n)
        estimate = yield from once(scene.memo, ("sliced W2", n, ask.count), lambda: _distance(scene, ask, n))
        numbers = {
            "sliced_w2": estimate.value, "low": estimate.low, "high": estimate.high,
            "floor": nothing.value, "floor_high": nothing.high, "n": float(n),
        }  # fmt: skip
        return Shown({}, numbers, f"floor: {nothing.label}" if nothing.label else "")


def size(scene: Scene, ask: Ask) -> int:
    """How many samples are compared with how many data: as many as there are of both, at most 2,000."""
    known = MOST if scene.data_set is not None else len(scene.points)
    return min(MOST, ask.count, known)


def _distance(scene: Scene, ask: Ask, n: int) -> Generator[None, None, Estimate]:
    samples = yield from samples_of(scene, ask.count)
    generator = scene.generator(DIRECTIONS)
    return (yield from sliced_w2_slices(samples[:n], fresh_data(scene, n), generator))


VIEW = DistanceView()
