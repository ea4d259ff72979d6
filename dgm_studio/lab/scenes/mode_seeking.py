"""Mode covering and mode seeking: one model fitted to two Gaussians, by five divergences at once (lecture 5)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import ClassVar

import numpy as np
import torch

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.sketch import Sketch
from dgm_studio.lab.scenes.parts.fit_ground import Ground, Target, ground
from dgm_studio.lab.scenes.parts.fit_knobs import LINE_SPACE, SAMPLES, Knobs
from dgm_studio.lab.scenes.parts.fit_objectives import DESCENDED
from dgm_studio.lab.scenes.parts.fit_race import Race
from dgm_studio.lab.scenes.parts.fit_sketch import FitSketch
from dgm_studio.lab.scenes.parts.fit_surface import LINE_BOX, PLANE_BOX, surface
from dgm_studio.lab.scenes.parts.mixture_tensor import FIELDS
from dgm_studio.lab.scenes.small_scene import SmallScene

FIRST, EACH = 1, 8
"""Steps of the first round, which is all that is seen while a knob is dragged, and of every other."""
MOVED = 1e-3
"""A map whose held numbers have moved less than this is still right."""
HELD = (24, 18)
"""Columns and rows of a map that is drawn anew while the fit moves."""


class ModeSeeking(SmallScene):
    """Five fits from one start; forward KL covers both modes, reverse KL seeks one, the others choose between."""

    card: ClassVar[Card] = Card(
        id="mode-seeking",
        title="Mode covering and mode seeking",
        summary="five fits race to one target",
        lecture="5",
        paper="Bishop, 2006, section 10.1",
        formula="KL(p ‖ q),  KL(q ‖ p),  JSD(p ‖ q),  W₂(p, q),  MMD²(p, q)  →  min over q",
    )
    declared = Knobs
    place = 13
    panel = "divergences"

    def __init__(self, knobs: Knobs, seed: int = 0) -> None:
        super().__init__(knobs, seed)
        dim = 1 if knobs.space == LINE_SPACE else 2
        target = Target(knobs.separation, knobs.width_left, knobs.width_right, knobs.weight, dim)
        self.ground: Ground = ground(target, knobs.bandwidth)
        self.race = Race(start(knobs, dim), self.ground.exact, knobs.optimiser, knobs.rate, knobs.half_life)
        self.noise = torch.Generator().manual_seed(int(self.rng.integers(2**62)))
        self.held_map: Array | None = None
        self._held: torch.Tensor | None = None
        self.rounds = 0

    def round(self) -> Iterator[None]:
        """Some steps of all five fits; from the second round on, one more best value and a finer map."""
        first, name = self.rounds == 0, self.knobs.landscape
        samples = (self.knobs.samples, self.noise) if self.knobs.gradient == SAMPLES else None
        yield from self.race.run(FIRST if first else EACH, samples)
        if self.static:
            yield from self.ground.chart(name, fine=self.rounds == 1)
        else:
            yield from self._hold(name)
        if not first and self.knobs.components == 1:
            wanted = [name, *DESCENDED]
            yield from self.ground.seek(next((one for one in wanted if one not in self.ground.minima), name))
        self.rounds += 1

    @property
    def static(self) -> bool:
        """Whether the map depends on the target alone: mu and log sigma are all that one Gaussian on the line has."""
        return self.ground.target.dim == 1 and self.knobs.components == 1

    def _hold(self, name: str) -> Iterator[None]:
        """The map of the first component of one fit, all else held where that fit is now."""
        base = self.race.theta.detach()[list(DESCENDED).index(name)].clone()
        line = self.ground.target.dim == 1
        if self._held is not None:
            known = base.clone()
            known[0, 1:3] = self._held[0, 1:3]  # what the map varies
            if float((known - self._held).abs().max()) < MOVED:
                return
        shape = HELD if self.rounds else (HELD[0] // 3, HELD[1] // 3)
        box = LINE_BOX if line else PLANE_BOX
        self.held_map = yield from surface(self.ground.rough, DESCENDED[name], base, box, shape)
        self._held = base if self.rounds else None

    def sketch(self) -> Sketch:
        """The densities, the landscape with the paths, and the values as they fall."""
        values = self.ground.maps[self.knobs.landscape] if self.static else self.held_map
        assert values is not None
        return FitSketch(self.knobs, self.ground, self.race, values).sketch()


def start(knobs: Knobs, dim: int) -> torch.Tensor:
    """The model that all fits begin with (k, fields): equal weights, means side by side, two sigma apart."""
    theta = torch.zeros(knobs.components, FIELDS[dim], dtype=torch.float64)
    sigma = math.exp(knobs.start_log_sigma)
    places = np.arange(knobs.components) - (knobs.components - 1) / 2
    theta[:, 1] = knobs.start_mu + 2 * sigma * torch.from_numpy(places)
    if dim == 2:
        theta[:, 2] = knobs.start_up
    theta[:, 1 + dim : 1 + 2 * dim] = knobs.start_log_sigma
    return theta


SCENE = ModeSeeking
