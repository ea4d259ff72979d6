"""The room under a line's axis: arrows and marks on levels, where no bar is in their way."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.gui.layers.lens import Lens

LEVELS = {"velocity": 0.22, "score": 0.45, "push": 0.62}
"""How deep each view's arrows lie, as shares of the room; the lowest quarter is that of the numbers along the axis."""
DEEPEST = 0.68


def at_level(lens: Lens, x: Array, share: float | Array) -> Array:
    """Places x (m, 1) of the line as (m, 2) in model units, at shares of the room's depth: 0 on the axis, 1 at the
    stage's lower edge."""
    below = (lens.top + lens.height - lens.shift_y) / lens.zoom_y
    return np.stack([np.asarray(x, dtype=np.float64)[:, 0], np.broadcast_to(below * share, len(x))], axis=1)
