"""The maximum mean discrepancy: how far two clouds are apart for a kernel."""

from __future__ import annotations

from collections.abc import Generator

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.core.slow import finish

MEASURE = Card(
    id="mmd",
    title="MMD²",
    summary="Squared distance of the clouds' means in a Gaussian kernel's space; unbiased, so it may fall below 0.",
    lecture="5",
    paper="Gretton et al., 2012",
    formula="E k(x, x') + E k(y, y') − 2 E k(x, y),  k(x, y) = exp(−|x − y|² / 2 h²)",
)

ROWS = 500
"""Rows of the kernel matrix of one slice."""


def median_bandwidth(data: Tensor) -> float:
    """h: the median distance between two different points of data (n, d) (Gretton et al., 2012, section 8)."""
    if len(data) < 2:
        raise Refused("The median bandwidth needs at least two points: give some.")
    sample = data[:1_000]
    return float(torch.pdist(sample.double()).median().clamp_min(1e-12))


def mmd_slices(x: Tensor, y: Tensor, bandwidth: float) -> Generator[None, None, float]:
    """The unbiased squared MMD of clouds x (n, d), y (m, d) at kernel width `bandwidth`; each yield ends a slice.

    Refused for fewer than two points of either.
    """
    if min(len(x), len(y)) < 2:
        raise Refused("MMD needs at least two points of either cloud: draw more.")
    total = 0.0
    for one, other, weight in (
        (x, x, 1 / (len(x) * (len(x) - 1))),
        (y, y, 1 / (len(y) * (len(y) - 1))),
        (x, y, -2 / (len(x) * len(y))),
    ):
        for rows in torch.split(one.double(), ROWS):
            square = torch.cdist(rows, other.double()).square()
            total += weight * float(torch.exp(-square / (2 * bandwidth**2)).sum())
            yield
        if one is other:
            total -= weight * len(one)  # a point's kernel with itself is 1 and no pair
    return total


def mmd(x: Tensor, y: Tensor, bandwidth: float) -> float:
    """`mmd_slices` in one go."""
    return finish(mmd_slices(x, y, bandwidth))
