"""A regular grid over the noise, carried to data by the model's deterministic map."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.arrays import frozen
from dgm_studio.core.ask import Ask
from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.families.capabilities import HasTransport
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views.lattice import on_line, plain
from dgm_studio.lab.views.once import refusal_of
from dgm_studio.lab.views.view import Shown, View
from dgm_studio.solvers.solver import State

LINES, POINTS, REACH = 21, 41, 2.5
"""Lines each way, points a line, and the standard deviations of the noise the grid spans to each side."""


class GridView(View):
    """frames (F, 42, 41, 2) and t (F,): 21 upright lines (x fixed), then 21 level ones."""

    card: ClassVar[Card] = Card(
        "grid", "Warped grid", "A square grid over the noise, bent into the data.", needs=("transport",)
    )

    def refuses(self, scene: Scene, ask: Ask) -> str:
        if on_line(scene):
            return "A line has no grid to bend; choose data in the plane to see one."
        return super().refuses(scene, ask) or refusal_of(carried(scene, noise_grid(1.0)[:1]))

    @torch.no_grad()
    def compute(self, scene: Scene, ask: Ask) -> Generator[None, None, Shown]:
        frames, times = [], []
        for state in carried(scene, noise_grid(REACH * prior_std(scene))):
            frames.append(plain(state.x).reshape(2 * LINES, POINTS, -1))
            times.append(state.t)
            yield
        return Shown({"frames": frozen(np.stack(frames)), "t": frozen(np.array(times, np.float32))})


def noise_grid(reach: float) -> Tensor:
    """Points (2 * 21 * 41, 2) of the lines of the square [-reach, reach]^2, line after line."""
    offsets, along = torch.linspace(-reach, reach, LINES), torch.linspace(-reach, reach, POINTS)
    across, run = torch.meshgrid(offsets, along, indexing="ij")
    return torch.cat([torch.stack([across, run], -1), torch.stack([run, across], -1)]).reshape(-1, 2)


def carried(scene: Scene, start: Tensor) -> Iterator[State]:
    """The states of start (n, 2) on its way through the model's map."""
    if not isinstance(scene.model, HasTransport):
        raise Refused(f"{scene.model.card.title} has no transport.")
    return scene.model.transport(start.to(scene.points), scene.sampling)


def prior_std(scene: Scene) -> float:
    """Standard deviation of the start noise: the path's where there is one, else 1."""
    return scene.exact.path.prior_std if scene.exact is not None else 1.0


VIEW = GridView()
