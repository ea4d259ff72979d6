"""Scores from samples: the gradient of a kernel estimate's log, with a bandwidth that score matching itself chooses."""

from __future__ import annotations

import math
from collections.abc import Generator

import torch
from torch import Tensor

from dgm_studio.measures.kde import Kde
from dgm_studio.measures.ratio_estimates import log_kernels

FACTORS = (0.1, 0.15, 0.22, 0.33, 0.5, 0.75, 1.1, 1.7)
"""Multiples of the usual bandwidth that are tried."""
JUDGED = 1_000
"""Points the factor is judged with, at most."""


def fit_scores(points: Tensor) -> Generator[None, None, Kde]:
    """The kernel estimate of points (n, d) for the sake of its score. Each yield ends a slice.

    The bandwidth is std n^(-1/(d + 6)), the rate for gradients (Chacon, Duong and Wand, 2011), times the factor of the
    least score-matching loss E [1/2 |s|^2 + div s], each point left out of its own (Hyvarinen, 2005, theorem 1).
    """
    some = points[:JUDGED] - points[:JUDGED].mean(dim=0)  # squares of what is near 0 lose nothing
    best, least = 1.0, math.inf
    for factor in FACTORS:
        loss = yield from _loss(Kde(some, factor * _usual(some)))
        if loss < least:
            best, least = factor, loss
    return Kde(points, best * _usual(points))


def left_out_score(estimate: Kde, points: Tensor) -> Generator[None, None, Tensor]:
    """The score (n, d) of the kernel estimate, sum_i w_i (z_i - x) / bandwidth^2 with w the kernels' shares at x; where
    the points are the estimate's own, each is left out of it.

    Where all kernels together are below one kernel's height it shrinks towards 0 with them, for there the estimate's
    gradient is noise (Wibisono, Wu and Yang, 2024: grad p / max(p, epsilon)).
    """
    parts = []
    for rows, logs in log_kernels(estimate, points):
        held = torch.logsumexp(logs, dim=1, keepdim=True).clamp_max(0).exp()
        parts.append(held * (torch.softmax(logs, dim=1) @ estimate.points - rows))
        yield
    return torch.cat(parts) / estimate.bandwidth.square()


def _loss(estimate: Kde) -> Generator[None, None, float]:
    """Mean of 1/2 |s|^2 + div s = sum_i w_i |(z_i - x) / h^2|^2 - sum_a h_a^-2 - 1/2 |s|^2."""
    total, inverse = 0.0, estimate.bandwidth.pow(-2)
    for rows, logs in log_kernels(estimate, estimate.points):
        share = torch.softmax(logs, dim=1)
        pull = share @ estimate.points - rows
        spread = share @ estimate.points.square() - 2 * rows * (share @ estimate.points) + rows.square()
        total += float((spread * inverse.square() - inverse - 0.5 * (pull * inverse).square()).sum())
        yield
    return total / len(estimate.points)


def _usual(points: Tensor) -> Tensor:
    n, d = points.shape
    return points.std(dim=0).clamp_min(1e-6) * math.pow(n, -1.0 / (d + 6))
