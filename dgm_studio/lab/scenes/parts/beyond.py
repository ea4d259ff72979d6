"""How a curve that is infinite is drawn: strokes that leave through the top of the axes, and a name that says so."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.sketch import Segments


def beyond(name: str, tone: str, x: Array, foot: float, top: float) -> Segments:
    """Upright strokes at x (k,) from `foot` to `top`, the plot's upper edge: no height is said, there is none."""
    ends = np.column_stack((x, np.full(len(x), foot), x, np.full(len(x), top)))
    return Segments(name, tone, frozen(ends), width=1.6)
