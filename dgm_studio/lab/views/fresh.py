"""Data the samples are measured against, and how far two such draws are from each other."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.arrays import Array
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views.once import once
from dgm_studio.measures.estimate import Estimate
from dgm_studio.measures.sliced_w2 import noise_floor_slices

FRESH, FLOOR = 41, 42
"""Salts: fixed ones, so that every step is measured against the same truth and read-outs do not flicker."""


def fresh_data(scene: Scene, n: int) -> Tensor:
    """n points (n, d) of the truth: drawn from the data set's law, or at most n of the painted points."""
    return _pool(scene, n)[:n]


def two_draws(scene: Scene, n: int) -> tuple[Tensor, Tensor]:
    """Two disjoint draws of n; painted points give at most half of them each."""
    pool = _pool(scene, 2 * n)
    n = min(n, len(pool) // 2)
    return pool[:n], pool[n : 2 * n]


def _pool(scene: Scene, n: int) -> Tensor:
    key = ("fresh", n, scene.seed, scene.device)
    if key not in scene.data_memo:
        rng = np.random.default_rng([scene.seed, FRESH])
        if scene.data_set is not None:
            scene.data_memo[key] = torch.tensor(np.array(scene.data_set.draw(n, rng).points)).to(scene.points)
        else:
            order = torch.from_numpy(rng.permutation(len(scene.points))[:n])
            scene.data_memo[key] = scene.points[order.to(scene.device)]
    pool: Tensor = scene.data_memo[key]
    return pool


def floor(scene: Scene, n: int) -> Generator[None, None, Estimate]:
    """Sliced W2 between two fresh samples of n of the truth, mean and 5 to 95 % range; made once."""
    key = ("sliced W2 floor", n, scene.seed)
    return once(scene.data_memo, key, lambda: _floor(scene, n))


def _floor(scene: Scene, n: int) -> Generator[None, None, Estimate]:
    generator = torch.Generator().manual_seed(scene.seed * 1_000_003 + FLOOR)
    data_set = scene.data_set
    if data_set is None:
        return (yield from noise_floor_slices(scene.points, n, generator))
    rng = np.random.default_rng([scene.seed, FLOOR])

    def sampler(count: int, _: torch.Generator) -> Tensor:
        points: Array = np.array(data_set.draw(count, rng).points)
        return torch.from_numpy(points)

    return (yield from noise_floor_slices(sampler, n, generator))
