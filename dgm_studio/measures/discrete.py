"""Two discrete laws on the same points: their weights, side by side."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.data.law import Law


def common_weights(p: Law, q: Law) -> tuple[Array, Array] | None:
    """log p and log q (k,) at the union of both laws' atoms, -inf where a law has none; None unless both are discrete.

    Atoms are one where their coordinates are equal; several at one place are added up.
    """
    one, other = p.atoms(), q.atoms()
    if one is None or other is None:
        return None
    places, index = np.unique(np.concatenate((one[0], other[0])), axis=0, return_inverse=True)
    index = index.reshape(-1)
    split = len(one[0])
    with np.errstate(divide="ignore"):
        return (
            np.log(np.bincount(index[:split], one[1], minlength=len(places)) / np.sum(one[1])),
            np.log(np.bincount(index[split:], other[1], minlength=len(places)) / np.sum(other[1])),
        )
