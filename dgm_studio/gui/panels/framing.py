"""Which part of the plane, or of the line, a stage shows: the data fill it, and the start noise is in sight."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Box
from dgm_studio.export.histogram import highest
from dgm_studio.gui.stage import ABOVE, ROOM, Stage

LEAST_REACH = 2.9
"""Half the plane's side in model units: nearly three standard deviations of the start noise."""
LEAST_HEIGHT = 0.5
"""Density that a line's picture must hold: the start noise's peak is 0.4, and half-way to wide data it is higher."""
MOST_NOISE = 3.0
"""So many times the reach of a film's last points may be given to the noise that it begins with."""
SMALLEST = 1e-3
"""Half the side of a box around points that all lie at one place."""
SLACK = 0.05
"""A change of less than this share is none: data of one kind must not make the picture jump."""


class Framing:
    """Frames a stage's data; a person's own zoom stays until other data come."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def frame(self, points: Array) -> None:
        """Show these points (n, 2), model units; of points (n, 1) x by density, with room under the axis."""
        line = points.shape[1] == 1
        self._stage.set_line(line)
        reach = 1.25 * float(np.quantile(np.abs(points), 0.99)) if len(points) else 0.0
        half = max(LEAST_REACH, reach)
        box: Box = (-half, half, -half, half)
        if line:
            top = max(LEAST_HEIGHT, highest(points, 2 * half))
            box = (-half, half, -ROOM * top, ABOVE * top)
        self._set(box)

    def frame_film(self, first: Array, last: Array) -> None:
        """Show where points (n, 1 or 2) end, in the middle, and where they begin, as far as that leaves them visible:
        the noise of a chain in sigma-space is a hundred times as wide as its data."""
        middle = np.median(last, axis=0)
        if last.shape[1] == 1:
            self.frame(last)
            return
        ends, begins = (1.25 * float(np.quantile(np.abs(one - middle), 0.99)) for one in (last, first))
        half = max(ends, min(begins, MOST_NOISE * ends), SMALLEST)
        x, y = float(middle[0]), float(middle[1])
        self._stage.set_line(False)
        self._set((x - half, x + half, y - half, y + half))

    def _set(self, box: Box) -> None:
        if any(abs(new - old) > SLACK * abs(old) for new, old in zip(box, self._stage.home, strict=True)):
            self._stage.set_box(box)
