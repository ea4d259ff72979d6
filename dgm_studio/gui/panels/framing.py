"""Which part of the plane a stage shows: the data fill it, and the start noise is in sight."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.gui.stage import HOME, Stage

LEAST_REACH = 2.9
"""Half the plane's side in model units: nearly three standard deviations of the start noise."""
SLACK = 0.05
"""A change of less than this share is none: data of one kind must not make the picture jump."""


class Framing:
    """Frames a stage's data; remembers how, so that a person's own zoom stays until other data come."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._reach = HOME[1]

    def frame(self, points: Array) -> None:
        """Show these points (n, 2), model units."""
        reach = 1.25 * float(np.quantile(np.abs(points), 0.99)) if len(points) else 0.0
        half = max(LEAST_REACH, reach)
        if abs(half - self._reach) > SLACK * self._reach:
            self._reach = half
            self._stage.set_box((-half, half, -half, half))
