"""What five fits race over: a target of two Gaussians, its objectives, their best values and a map of one of them.

All of it depends on the target alone, not on the start: it is kept while a person drags the start about.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from functools import cached_property, lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.sketch import Picture
from dgm_studio.lab.scenes.parts.fit_minima import minima
from dgm_studio.lab.scenes.parts.fit_objectives import DESCENDED, Objectives
from dgm_studio.lab.scenes.parts.fit_surface import LINE_BOX, PLANE_BOX, surface
from dgm_studio.lab.scenes.parts.mixture_tensor import gaussian, log_density, moments

TURN = math.radians(25)
"""Of the axis through both modes, in the plane."""
COARSE, FINE = (20, 14), (72, 54)
"""Columns and rows of a map."""
DENSITY = (96, 68)


class Target(NamedTuple):
    """w N(-d/2, left^2) + (1 - w) N(d/2, right^2), in the plane along an axis turned by TURN."""

    separation: float
    left: float
    right: float
    weight: float
    dim: int

    @property
    def axis(self) -> tuple[float, float]:
        """The unit vector from the left mode to the right one."""
        return (1.0, 0.0) if self.dim == 1 else (math.cos(TURN), math.sin(TURN))

    def tensor(self) -> Tensor:
        """As a mixture (2, fields)."""
        rows = []
        for share, side, sd in ((self.weight, -0.5, self.left), (1 - self.weight, 0.5, self.right)):
            mean = [side * self.separation * one for one in self.axis[: self.dim]]
            rows.append([math.log(share), *mean, *([math.log(sd)] * self.dim), *([0.0] * (self.dim - 1))])
        return torch.tensor(rows, dtype=torch.float64)


class Ground:
    """`minima[name]` is (thetas (3, 1, fields), descended values (3,)): the local minima for one Gaussian from the left
    mode, the right one, and the Gaussian of p's moments; `maps[name]` the finest map on the line so far."""

    def __init__(self, target: Target, bandwidth: float) -> None:
        self.target = target
        self.p = target.tensor()
        self.exact = Objectives(self.p, bandwidth)
        self.rough = Objectives(self.p, bandwidth, coarser=4 if target.dim == 1 else 2)
        self.minima: dict[str, tuple[Tensor, Tensor]] = {}
        self.maps: dict[str, Array] = {}
        self.fine: set[str] = set()
        self.pictures: dict[str, tuple[Array, Picture]] = {}

    @cached_property
    def coarse(self) -> Objectives:
        """Of half the nodes, for maps."""
        return self.rough if self.target.dim == 2 else Objectives(self.p, self.exact.bandwidth, coarser=2)

    @cached_property
    def judges(self) -> tuple[Objectives, Objectives]:
        """What the numbers shown are taken from, and the same with fewer nodes, to see how much they change.
        In the plane log p has a crease between the modes, for which a descent's nodes are too few."""
        if self.target.dim == 1:
            return self.exact, self.coarse
        return Objectives(self.p, self.exact.bandwidth, coarser=0.6), self.exact

    @cached_property
    def density(self) -> Picture:
        """p in the plane."""
        (left, right, low, high), (columns, rows) = PLANE_BOX, DENSITY
        x = torch.linspace(left, right, 2 * columns + 1, dtype=torch.float64)[1::2]
        y = torch.linspace(low, high, 2 * rows + 1, dtype=torch.float64)[1::2]
        points = torch.cartesian_prod(y, x).flip(1)
        density = torch.exp(log_density(self.p, points)).reshape(rows, columns).numpy()
        return Picture("Target p", "data", frozen(density), PLANE_BOX)

    def seek(self, name: str) -> Generator[None, None, None]:
        """Find the minima of one objective, once."""
        if name not in self.minima:
            starts = torch.stack((self.p[:1], self.p[1:], gaussian(*moments(self.p))))
            self.minima[name] = yield from minima(lambda theta: DESCENDED[name](self.exact, theta), starts)

    def chart(self, name: str, fine: bool) -> Generator[None, None, None]:
        """Map one objective on the line for one Gaussian, coarsely or finely, once."""
        if name in self.fine or (name in self.maps and not fine):
            return
        base = torch.zeros(1, 3, dtype=torch.float64)
        shape = FINE if fine else COARSE
        self.maps[name] = yield from surface(
            self.coarse if fine else self.rough, DESCENDED[name], base, LINE_BOX, shape
        )
        if fine:
            self.fine.add(name)

    def picture(self, name: str, values: Array, make: Callable[[], Picture]) -> Picture:
        """What `make` gives for `values`; the same object for the same array, which the window then need not redraw."""
        kept = self.pictures.get(name)
        if kept is None or kept[0] is not values:
            kept = self.pictures[name] = (values, make())
        return kept[1]

    def best(self, name: str, components: int) -> float | None:
        """The least descended value known: 0 for two components or more, which can be p itself."""
        if components > 1:
            return 0.0
        return float(self.minima[name][1].min()) if name in self.minima else None


@lru_cache(maxsize=8)
def ground(target: Target, bandwidth: float) -> Ground:
    """The same one for the same target."""
    return Ground(target, bandwidth)
