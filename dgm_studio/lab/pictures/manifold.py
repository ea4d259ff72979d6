"""The grid of latents over a plane, whose pictures are the manifold figure (Kingma and Welling, 2014, figure 4)."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused

MOST = 40
"""Pictures a side."""


def grid(basis: Array, centre: Array, extent: float, side: int) -> Array:
    """z = centre + (u, v) basis (side^2, k) for u, v evenly over [-extent, extent], row by row from the top, where v is
    largest; u grows along a row. basis (2, k), centre (k,)."""
    if not 1 <= side <= MOST:
        raise Refused(f"A grid of {side} pictures a side cannot be drawn; choose 1 to {MOST}.")
    if np.shape(basis) != (2, len(centre)) or not np.isfinite(extent) or extent <= 0:
        raise Refused(f"A plane of shape {np.shape(basis)} and extent {extent:g} is none of this latent space.")
    ticks = np.linspace(-extent, extent, side) if side > 1 else np.zeros(1)
    v, u = np.meshgrid(ticks[::-1], ticks, indexing="ij")
    return np.asarray(centre + np.stack([u.ravel(), v.ravel()], axis=1) @ np.asarray(basis, dtype=np.float64))
