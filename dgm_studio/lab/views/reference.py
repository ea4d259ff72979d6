"""Where no closed form is known: the answer for 20,000 fresh samples of the data's law, with the doubt that leaves."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.ask import Box
from dgm_studio.data.mixture import Mixture
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views.kde import Kde, fit_kde
from dgm_studio.lab.views.lattice import axes, map_nodes, on_line, precise
from dgm_studio.lab.views.once import newest, once
from dgm_studio.paths.exact import ExactField

COUNT = 20_000
"""Fresh samples, none of which the model was trained on."""
SAID = f"reference from {COUNT:,} fresh samples"
LABEL = f"{SAID} (no closed form)"
FRESH, APART = 51, 52
"""Salts of the generators of the samples, and of those that an error is measured at."""
PIECE = 2_500
"""Samples whose kernels are laid on a lattice in one slice: some 15 ms at 128 x 128."""
MOST = 48
"""Resolution of a map of the reference's field at most: each place costs a sum over all samples."""


@dataclass(frozen=True, eq=False)
class Halves:
    """The reference's field of all samples, and of either half of them."""

    whole: ExactField
    first: ExactField
    second: ExactField


def stands_in(scene: Scene) -> bool:
    """Whether the data's law can be sampled afresh, but is no mixture whose noised marginals are closed form. Painted
    and imported points are their own law: their empirical measure is exact."""
    return scene.data_set is not None and scene.mixture.is_finite_data


def fields(scene: Scene) -> Generator[None, None, Halves]:
    """The fields of the empirical measures of the samples, exact for these (the ideal denoiser); made once a data
    set."""
    assert scene.exact is not None
    path, device = scene.exact.path, scene.device
    return once(scene.data_memo, ("reference fields", scene.seed, path, device), lambda: _fields(scene))


def _fields(scene: Scene) -> Generator[None, None, Halves]:
    assert scene.exact is not None
    points = _draw(scene, COUNT, FRESH)
    made = []
    for part in (points, points[: COUNT // 2], points[COUNT // 2 :]):
        yield
        made.append(ExactField(Mixture.of_points(part), scene.exact.path, scene.device))
    return Halves(*made)


def marginal(scene: Scene, n: int, t: float) -> Tensor:
    """n samples (n, d) of p_t that share none of the reference's points: at its own points its field knows too much."""
    assert scene.exact is not None
    x1 = torch.from_numpy(_draw(scene, n, APART)).to(scene.points)
    x0 = torch.randn(x1.shape, generator=scene.generator(APART), device=x1.device, dtype=x1.dtype)
    return scene.exact.path.mix(x1, x0, torch.full((n,), t, dtype=x1.dtype, device=x1.device))


def half_gap(first: Tensor, second: Tensor, whole: Tensor) -> float:
    """What a perfect model would show, relative to the answer itself: half the difference between the answers of the
    two halves, since the error of a mean over n samples has the variance of that gap over four."""
    return 0.5 * float((first - second).norm() / whole.norm().clamp_min(1e-30))


def density(scene: Scene, box: Box, resolution: int, t: float) -> Generator[None, None, tuple[Tensor, float]]:
    """p_t at the map's nodes, float64, and its floor (`half_gap`).

    Below t = 1 the mean of N(a x_i, s^2 I) over the samples x_i, which is exact for these; where no noise is left a
    kernel estimate. No kernel is narrower than half a cell of the lattice.
    """
    path = scene.exact.path if scene.exact is not None else None
    key = (box, resolution, t, path, scene.seed, scene.device)
    make = lambda: _density(scene, box, resolution, t)  # noqa: E731
    return (yield from newest(scene.data_memo, ("reference density", resolution), key, make))


def _density(scene: Scene, box: Box, resolution: int, t: float) -> Generator[None, None, tuple[Tensor, float]]:
    kernels = yield from _kernels(scene, t)
    lay = _layer(scene, box, resolution)
    halves = []
    for half in torch.chunk(kernels.points, 2):
        parts = []
        for piece in torch.split(half, PIECE):
            parts.append(lay(Kde(piece, kernels.bandwidth)))
            yield
        halves.append(torch.stack(parts).mean(0))
    p = (halves[0] + halves[1]) / 2
    return p, half_gap(halves[0], halves[1], p)


def _kernels(scene: Scene, t: float) -> Generator[None, None, Kde]:
    points = precise(torch.from_numpy(_draw(scene, COUNT, FRESH)).to(scene.device))
    yield
    if t < 1.0 and scene.exact is not None:
        time = torch.tensor(t, dtype=points.dtype, device=points.device)
        a, s = scene.exact.path.a(time), scene.exact.path.s(time)
        return Kde(a * points, s.expand(points.shape[1]))
    return (yield from once(scene.data_memo, ("reference kernels", scene.seed), lambda: fit_kde(points)))


def _layer(scene: Scene, box: Box, resolution: int) -> Callable[[Kde], Tensor]:
    """Puts an estimate on the map's nodes."""
    if on_line(scene):
        nodes = precise(map_nodes(scene, box, resolution)[:, 0])
        return lambda estimate: estimate.on_lattice(nodes)
    x, y = (precise(axis.to(scene.device)) for axis in axes(box, resolution, resolution))
    return lambda estimate: estimate.on_lattice(x, y)


def _draw(scene: Scene, n: int, salt: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    assert scene.data_set is not None
    return np.array(scene.data_set.draw(n, np.random.default_rng([scene.seed, salt])).points)


def with_floor(floor: float, said: str = SAID) -> str:
    """The label of a number that was measured against a reference."""
    return f"{said}, floor {100 * floor:.1f} % (no closed form)"
