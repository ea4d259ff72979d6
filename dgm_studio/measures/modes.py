"""Mode coverage: which components of a mixture the samples reach.

A score of one cloud against known modes and no distance of two laws, so it is no MEASURE. As in VEEGAN (Srivastava et
al., 2017), with a share instead of one sample: mode k is covered where the share of samples within 3 sigma of it (in
Mahalanobis distance) is at least 0.2 w_k.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.data.mixture import Mixture

RADIUS = 3.0
SHARE = 0.2


@dataclass(frozen=True)
class Coverage:
    """`covered` of `modes`; `shares` (k,) fraction of samples within 3 sigma of each; `reached` (k,) bool."""

    covered: int
    modes: int
    shares: tuple[float, ...]
    reached: tuple[bool, ...]


def mode_coverage(samples: Tensor | Array, mixture: Mixture) -> Coverage:
    """Coverage of the mixture's modes by samples (n, d); see CONVENTIONS.md.

    Refused for finite data (they have no modes: use k-NN recall) and for no samples.
    """
    if mixture.is_finite_data:
        raise Refused("Finite data have no modes to cover: use k-NN recall.")
    raw = samples.detach().cpu().numpy() if isinstance(samples, Tensor) else samples
    points = np.asarray(raw, dtype=np.float64)
    if not len(points):
        raise Refused("Mode coverage needs samples: draw some first.")
    shares = []
    for mean, covariance in zip(mixture.means, mixture.covariances, strict=True):
        gap = points - mean
        distance2 = np.einsum("ni,ni->n", gap, np.linalg.solve(covariance, gap.T).T)
        shares.append(float(np.mean(distance2 <= RADIUS**2)))
    reached = tuple(bool(share >= SHARE * w) for share, w in zip(shares, mixture.weights, strict=True))
    return Coverage(sum(reached), len(shares), tuple(shares), reached)
