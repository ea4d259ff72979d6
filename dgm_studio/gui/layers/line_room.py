"""The room under a line's axis: arrows and marks on levels, where no bar is in their way."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.gui.layers.lens import Lens

LEVELS = {"velocity": 0.18, "score": 0.42}
"""How deep each view's arrows lie, as shares of the room; the exact ones lie EXACT_BELOW deeper."""
EXACT_BELOW = 0.12
HIGHEST, DEEPEST = 0.14, 0.68
"""Levels between which many marks are spread; the lowest quarter is that of the numbers along the axis."""


def spread(count: int) -> Array:
    """Levels (count,) for so many marks, from the highest to the deepest."""
    return np.linspace(HIGHEST, DEEPEST, count)


def at_level(lens: Lens, x: Array, share: float | Array) -> Array:
    """Places x (m, 1) of the line as (m, 2) in model units, at shares of the room's depth: 0 on the axis, 1 at the
    stage's lower edge."""
    below = (lens.top + lens.height - lens.shift_y) / lens.zoom_y
    return np.stack([np.asarray(x, dtype=np.float64)[:, 0], np.broadcast_to(below * share, len(x))], axis=1)
