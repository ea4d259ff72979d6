"""The landscape of an objective over two numbers of a fit: mu and log sigma on the line, the mean in the plane."""

from __future__ import annotations

from collections.abc import Generator

import torch
from torch import Tensor

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.lab.scenes.parts.fit_objectives import Objective, Objectives

Box = tuple[float, float, float, float]
LINE_BOX: Box = (-7.0, 7.0, -2.2, 2.2)
"""mu across, log sigma upwards: fields 1 and 2 of a component on the line."""
PLANE_BOX: Box = (-7.0, 7.0, -5.0, 5.0)
"""The mean: fields 1 and 2 of a component in the plane."""

CELLS = 280
"""Of one slice, for one component: under 10 ms."""


@torch.no_grad()
def _values(objectives: Objectives, objective: Objective, theta: Tensor) -> Tensor:
    return objective(objectives, theta)


def surface(
    objectives: Objectives, objective: Objective, base: Tensor, box: Box, shape: tuple[int, int]
) -> Generator[None, None, Array]:
    """The objective (rows, columns) over the first component of `base` (k, fields), the rest held, at the middles of
    the cells of `box`. Each yield ends a slice."""
    columns, rows = shape
    left, right, low, high = box
    across = left + (torch.arange(columns, dtype=torch.float64) + 0.5) * (right - left) / columns
    up = low + (torch.arange(rows, dtype=torch.float64) + 0.5) * (high - low) / rows
    cells = torch.cartesian_prod(up, across)
    found = []
    for some in torch.split(cells, CELLS // len(base)):
        theta = base.expand(len(some), *base.shape).clone()
        theta[:, 0, 1], theta[:, 0, 2] = some[:, 1], some[:, 0]
        found.append(_values(objectives, objective, theta))
        yield
    return frozen(torch.cat(found).reshape(rows, columns).numpy())
