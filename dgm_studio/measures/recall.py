"""k-nearest-neighbour recall: how much of the data the samples reach, where there are no modes to count."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.core.slow import finish

MEASURE = Card(
    id="knn-recall",
    title="k-NN recall",
    summary="Share of the data points that lie within the k-nearest-neighbour ball of some sample.",
    lecture="6",
    paper="Kynkäänniemi et al., 2019",
    formula="mean over data x of [exists sample y : |x - y| <= distance of y to its k-th nearest sample]",
)

BLOCK = 1 << 20
"""Entries of the distance matrix held at once."""


def knn_recall_slices(data: Tensor, samples: Tensor, k: int = 3) -> Generator[None, None, float]:
    """Recall in [0, 1] of data (n, d) by samples (m, d); with the arguments exchanged it is precision.

    Both in memory of BLOCK entries; each yield ends a slice of one block. Refused for fewer than k + 1
    samples.
    """
    if len(samples) <= k:
        raise Refused(f"k-NN recall with k = {k} needs at least {k + 1} samples: draw more.")
    if not len(data):
        raise Refused("k-NN recall needs data points: give some.")
    rows = max(1, BLOCK // len(samples))
    radii = []
    for block in _blocks(samples, rows):
        # the nearest of all is the sample itself at distance 0, hence k + 1
        radii.append(_distances(block, samples).kthvalue(k + 1, dim=1).values)
        yield
    radius = torch.cat(radii)
    inside = 0
    for block in _blocks(data, rows):
        inside += int((_distances(block, samples) <= radius).any(dim=1).sum())
        yield
    return inside / len(data)


def knn_recall(data: Tensor, samples: Tensor, k: int = 3) -> float:
    """`knn_recall_slices` in one go."""
    return finish(knn_recall_slices(data, samples, k))


def _blocks(points: Tensor, rows: int) -> Iterator[Tensor]:
    for start in range(0, len(points), rows):
        yield points[start : start + rows]


def _distances(x: Tensor, y: Tensor) -> Tensor:
    """Euclidean distances (n, m), without the cancellation of the matrix-product form."""
    return torch.cdist(x, y, compute_mode="donot_use_mm_for_euclid_dist")
