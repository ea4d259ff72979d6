"""Data the samples are measured against: two disjoint draws of the truth of one size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from dgm_studio.lab.scene import Scene

FRESH = 41
"""Salt of the generator the fresh data come from; a fixed one, so that read-outs do not flicker."""


@dataclass(frozen=True, eq=False)
class FreshPair:
    """`data` and `other` (n, d), disjoint and independent; `source` says in words where they come from."""

    data: Tensor
    other: Tensor
    source: str


def fresh_pair(scene: Scene, n: int) -> FreshPair:
    """Two draws of n from the data set's law; of painted or imported points, two disjoint subsets of at most half."""
    key = ("fresh", n, scene.seed, scene.device)
    if key not in scene.data_memo:
        scene.data_memo[key] = _pair(scene, n)
    pair: FreshPair = scene.data_memo[key]
    return pair


def _pair(scene: Scene, n: int) -> FreshPair:
    rng = np.random.default_rng([scene.seed, FRESH])
    if scene.data_set is not None:
        both = torch.from_numpy(np.array(scene.data_set.draw(2 * n, rng).points)).to(scene.points)
        return FreshPair(both[:n], both[n:], "fresh draws of the data's law")
    total = len(scene.points)
    n = min(n, total // 2)
    order = torch.from_numpy(rng.permutation(total)).to(scene.device)
    halves = "random split halves" if 2 * n + 1 >= total else "disjoint random subsets"
    return FreshPair(
        scene.points[order[:n]], scene.points[order[n : 2 * n]], f"{halves} of the {total:,} data points"
    )
