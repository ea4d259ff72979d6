"""The forward process: data to noise along a path, by exact steps of its SDE or by jumps to each time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.arrays import frozen
from dgm_studio.core.errors import Refused
from dgm_studio.core.film import FORWARD_WAYS, JUMP
from dgm_studio.core.forward import ForwardReport
from dgm_studio.core.names import pick
from dgm_studio.lab.scene import Scene
from dgm_studio.paths.path import Path
from dgm_studio.solvers.noise import normal_like
from dgm_studio.solvers.solver import State

START = 61
"""Salt of the draw of the data that a forward film begins with."""


@dataclass(frozen=True, eq=False)
class Forward:
    """A film to come: what is told of it first, and its walk, which takes no network."""

    report: ForwardReport
    walk: Iterator[State]

    @property
    def frames(self) -> int:
        """How many there will be."""
        return len(self.report.t)


def forward_film(scene: Scene, way: str, count: int, start: Tensor | None, seed: int) -> Forward:
    """`count` fresh data, or the clean points `start` (n, d), carried to noise along the path of the scene's model at
    as many times as the model's own sampler has frames. Refused for a model without a path that adds Gaussian noise."""
    pick(dict.fromkeys(FORWARD_WAYS, way), way, "forward way")
    path = forward_path(scene)
    clean = fresh_clean(scene, count, seed) if start is None else start
    times = path.time_grid(max(1, scene.model.frames(scene.sampling) - 1), torch.float64).flip(0)
    times, a, s = falling(path, times)
    report = ForwardReport(way, *(frozen(one.numpy().copy()) for one in (times, a, s)))
    generator = torch.Generator(clean.device).manual_seed(seed)
    walk = jumps if way == JUMP else steps
    return Forward(report, walk(clean, times, a, s, generator))


def forward_path(scene: Scene) -> Path:
    """The path whose forward process can be filmed; Refused with the reason where there is none."""
    title, path = scene.model.card.title, getattr(scene.model, "path", None)
    if not isinstance(path, Path):
        raise Refused(f"{title} has no path from data to noise. Choose a diffusion, a flow matching or a score model.")
    if not scene.model.gaussian_source:
        raise Refused(
            f"{title} joins each datum with a point of its own source: no Gaussian noise is added on the way. Choose "
            "a model of Gaussian noise, such as flow matching."
        )
    ends = torch.tensor([0.0, 1.0], dtype=torch.float64)
    most, least = (path.s(ends) / path.a(ends).clamp_min(1e-300)).tolist()
    if not most > least:
        raise Refused(f"{title} knows one noise level only: from data to noise there is nothing in between to film.")
    return path


def falling(path: Path, times: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Times, a and s (F,) in float64 on the CPU."""
    times = times.to("cpu", torch.float64)
    return times, path.a(times), path.s(times)


def fresh_clean(scene: Scene, count: int, seed: int) -> Tensor:
    """`count` points (n, d) of the data's law, else of the training points, some of them twice if there are fewer."""
    rng = np.random.default_rng([seed, START])
    if scene.data_set is not None:
        points = np.array(scene.data_set.draw(count, rng).points)
    elif len(scene.mixture.weights) and not scene.mixture.is_finite_data:
        points = scene.mixture.draw(count, rng)[0]
    elif len(scene.points):
        rounds = [rng.permutation(len(scene.points)) for _ in range(-(-count // len(scene.points)))]
        order = np.concatenate(rounds)[:count]
        return scene.points[torch.from_numpy(order).to(scene.device)]
    else:
        raise Refused("The data are not in the file, so there is nothing to add noise to. Film the reverse process.")
    return torch.from_numpy(points).to(scene.points)


def jumps(clean: Tensor, times: Tensor, a: Tensor, s: Tensor, generator: torch.Generator) -> Iterator[State]:
    """x_t = a x_1 + s x_0 at each time, with one x_0 for all of them."""
    noise = normal_like(clean, generator)
    for t, weight, spread in zip(times.tolist(), a.tolist(), s.tolist(), strict=True):
        yield State(t, weight * clean + spread * noise)


def steps(clean: Tensor, times: Tensor, a: Tensor, s: Tensor, generator: torch.Generator) -> Iterator[State]:
    """The forward SDE, by its exact transitions x_r = k x_t + (s_r^2 - k^2 s_t^2)^(1/2) z, k = a_r / a_t, with fresh z:
    DDPM's x_t = (1 - beta)^(1/2) x_(t-1) + beta^(1/2) z is one of them (Ho et al., 2020, equation 2; lecture 8).

    A linear SDE has Gaussian transitions, so no step size makes an error.
    """
    x = a[0].item() * clean + s[0].item() * normal_like(clean, generator)
    for (t, now), (_, then) in pairwise(zip(times.tolist(), zip(a.tolist(), s.tolist(), strict=True), strict=True)):
        keep, spread = transition(now, then)
        drift = (keep - 1) * x
        yield State(t, x, drift=drift)
        x = x + drift + spread * normal_like(x, generator)
    yield State(times[-1].item(), x)


def transition(now: tuple[float, float], then: tuple[float, float]) -> tuple[float, float]:
    """Factor and standard deviation of the step from (a, s) to a noisier (a, s). Where nothing is left of the datum
    the noise alone is kept to scale."""
    (a, s), (later_a, later_s) = now, then
    keep = later_a / a if a > 0 else later_s / s
    return keep, max(0.0, later_s**2 - (keep * s) ** 2) ** 0.5
