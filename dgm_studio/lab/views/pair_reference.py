"""The marginal velocity of a flow between two data sets: no closed form, so from 20,000 fresh pairs, with the doubt
that leaves."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.arrays import Array
from dgm_studio.data import data_sets
from dgm_studio.families.pair_flow_matching import NORMAL, TURNED, PairFlowMatching, turned
from dgm_studio.families.parts.pairings import INDEPENDENT, PAIRINGS
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views.lattice import precise
from dgm_studio.lab.views.once import newest, once

COUNT = 20_000
"""Pairs; in the weighted mean, points of the one side."""
SMOOTH = 0.1
"""Standard deviation of the kernel where no density gives the weights."""
LINE_UP, AT = 61, 62
"""Salts of the pairs the reference is made of, and of those an error is measured at."""
PIECE = 1_024
"""Pairs drawn in one slice: optimal transport of eight groups takes some 5 ms."""
CELLS = 512
"""Nodes of a tabulated density along each axis."""

LogDensity = Callable[[Array], Array | None]


@dataclass(frozen=True, eq=False)
class Weighted:
    """E[x_1 - x_0 | x_t = x] for independent x_0, x_1, from points y_i (m, d) of the one side and the density q of the
    other, which stands at (x - r y_i) / f, where f is its own share of the line and r = 1 - f:

        v(x, t) = sum_i w_i (x - y_i) / f * sign,   w_i proportional to q((x - r y_i) / f)

    with y = x_0, f = t, sign + or y = x_1, f = 1 - t, sign -. NaN where no weight is above 0: there p_t is 0.
    """

    others: Tensor
    table: Tensor
    """q (CELLS, CELLS) float64, rows along y."""
    low: Tensor
    high: Tensor
    share: float
    sign: float

    def velocity(self, x: Tensor, t: Tensor) -> Tensor:
        """Marginal velocity (n, d) at points x (n, d)."""
        at = (x[:, None] - (1 - self.share) * self.others) / self.share
        place = 2 * (at - self.low) / (self.high - self.low) - 1
        q = torch.nn.functional.grid_sample(self.table[None, None], place[None], align_corners=True)[0, 0]
        total = q.sum(1, keepdim=True)
        mean = (q @ self.others) / total
        velocity: Tensor = self.sign * (x - mean) / self.share
        return velocity


@dataclass(frozen=True, eq=False)
class Smoothed:
    """E[x_1 - x_0 | x_t = x] from pairs whose places at t are `at` (m, d) and whose directions are `along` (m, d): the
    mean under Gaussian weights of standard deviation `width`, exact for these pairs with that much path noise."""

    at: Tensor
    along: Tensor
    width: float

    def velocity(self, x: Tensor, t: Tensor) -> Tensor:
        """Marginal velocity (n, d) at points x (n, d)."""
        gap = torch.zeros(len(x), len(self.at), dtype=x.dtype, device=x.device)
        for axis in range(x.shape[1]):
            gap += (x[:, axis, None] - self.at[:, axis]).square()
        mean: Tensor = torch.softmax(-0.5 * gap / self.width**2, dim=1) @ self.along
        return mean


@dataclass(frozen=True, eq=False)
class Pairs:
    """The reference of all pairs, of either half of them, and how it came about."""

    whole: Weighted | Smoothed
    first: Weighted | Smoothed
    second: Weighted | Smoothed
    said: str


def offers(scene: Scene) -> bool:
    """Whether the model couples a source of its own with the data, so that nothing is closed form."""
    return scene.exact is None and isinstance(scene.model, PairFlowMatching)


def coupled(scene: Scene) -> tuple[Any, ...]:
    """What of the model its marginals depend on: source, coupling, the transport's group, path noise."""
    model = scene.model
    assert isinstance(model, PairFlowMatching)
    return (model.design.source, PAIRINGS[int(model.coupled)].id, int(model.group), float(model.blur))


def fields(scene: Scene, t: float) -> Generator[None, None, Pairs]:
    """The reference at time t, made once for a time and a coupling."""
    key = (t, coupled(scene), scene.seed, scene.device)
    return newest(scene.data_memo, "pair reference", key, lambda: _fields(scene, t))


def marginal(scene: Scene, n: int, t: float) -> Generator[None, None, Tensor]:
    """n samples (n, d) of p_t that share no pair with the reference."""
    x0, x1 = yield from _line_up(scene, n, AT)
    x, blur = t * x1 + (1 - t) * x0, float(coupled(scene)[3])
    z: Tensor = torch.randn(x.shape, generator=scene.generator(AT), device=x.device, dtype=x.dtype)
    return x + blur * z


def _fields(scene: Scene, t: float) -> Generator[None, None, Pairs]:
    # Made once for a coupling, not for each time: a dragged dial needs new weights, not new points.
    key = ("pairs", coupled(scene), scene.seed, scene.device)
    x0, x1 = yield from once(scene.data_memo, key, lambda: _line_up(scene, COUNT, LINE_UP))
    x0, x1 = precise(x0), precise(x1)
    _, coupling, _, blur = coupled(scene)
    late = t >= 0.5
    if coupling == INDEPENDENT and blur == 0.0:
        # The side with the greater share of the line: its weights are spread over the most points.
        name, log_density = ("data", _data_density(scene)) if late else ("source", _source_density(scene))
        table = yield from once(scene.data_memo, ("pair table", *key, name), lambda: _table(log_density, x1, x0, late))
        if table is not None:
            others, share = (x0, t) if late else (x1, 1 - t)

            def weighted(part: slice) -> Weighted:
                return Weighted(others[part], *table, share, 1.0 if late else -1.0)

            return _in_halves(weighted, f"reference from {COUNT:,} fresh {'source' if late else 'data'} points")
    width = max(blur, SMOOTH)
    at, along = t * x1 + (1 - t) * x0, x1 - x0

    def smoothed(part: slice) -> Smoothed:
        return Smoothed(at[part], along[part], width)

    how = "" if width == blur else f", smoothed by {SMOOTH:g}"
    return _in_halves(smoothed, f"reference from {COUNT:,} fresh pairs{how}")


def _in_halves(make: Callable[[slice], Weighted | Smoothed], said: str) -> Pairs:
    half = COUNT // 2
    return Pairs(make(slice(None)), make(slice(half)), make(slice(half, None)), said)


def _line_up(scene: Scene, n: int, salt: int) -> Generator[None, None, tuple[Tensor, Tensor]]:
    """n pairs (x_0, x_1) of the coupling: x_1 fresh (of painted or imported data their own points), x_0 fresh too where
    the source is a data set and any may meet any."""
    model, generator, rng = scene.model, scene.generator(salt), np.random.default_rng([scene.seed, salt])
    assert isinstance(model, PairFlowMatching)
    source, coupling, _, _ = coupled(scene)
    points = scene.points
    if scene.data_set is not None:
        points = torch.from_numpy(np.array(scene.data_set.draw(n, rng).points)).to(points)
    yield
    parts = []
    for start in range(0, n, PIECE):
        parts.append(model.pairs(points, min(PIECE, n - start), generator))
        yield
    x0, x1 = (torch.cat(side) for side in zip(*parts, strict=True))
    if coupling == INDEPENDENT and source in data_sets():
        x0 = torch.from_numpy(np.array(data_sets()[source].draw(n, rng).points)).to(x1)
    return x0, x1


def _data_density(scene: Scene) -> LogDensity:
    data_set = scene.data_set
    return (lambda x: None) if data_set is None else data_set.log_density


def _source_density(scene: Scene) -> LogDensity:
    source = coupled(scene)[0]
    if source in data_sets():
        return data_sets()[source].log_density
    if source == NORMAL:
        return lambda x: -0.5 * (x**2).sum(1) - np.log(2 * np.pi)
    if source == TURNED:
        # A turn keeps volumes: the density at x is the data's at x turned back, (x, y) -> (y, -x).
        return lambda x: _data_density(scene)(-turned(torch.from_numpy(x)).numpy())
    return lambda x: None  # the noised copy: a convolution that has no closed form


def _table(
    log_density: LogDensity, x1: Tensor, x0: Tensor, late: bool
) -> Generator[None, None, tuple[Tensor, Tensor, Tensor] | None]:
    """The density on a lattice a tenth wider than its 20,000 points, with the lattice's corners; None if unknown."""
    points = x1 if late else x0
    room = 0.05 * (points.amax(0) - points.amin(0))
    low, high = points.amin(0) - room, points.amax(0) + room
    axes = [np.linspace(float(low[k]), float(high[k]), CELLS) for k in range(2)]
    rows = []
    for y in axes[1]:
        row = log_density(np.stack([axes[0], np.full(CELLS, y)], axis=1))
        if row is None:
            return None
        rows.append(np.exp(row))
        yield
    return torch.from_numpy(np.stack(rows)).to(points), low, high
