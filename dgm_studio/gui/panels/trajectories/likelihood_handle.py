"""The dragged data point of Likelihood: what a start point is in a film, at the other end of the way."""

from __future__ import annotations

import numpy as np

from dgm_studio.gui.panels.trajectories.probe import Place, Probe


class PointHandle(Probe):
    """Of data on a line it stays on the axis."""

    line = False

    def move(self, place: Place) -> None:
        """Weigh that place."""
        super().move((place[0], 0.0) if self.line else place)

    def set_line(self, on: bool) -> None:
        """Whether the data lie on a line."""
        self.line = on
        if on:
            self.start = (self.start[0], 0.0)
        self.show()

    def point(self) -> np.ndarray:
        """The place as a point of the data (d,)."""
        return np.array(self.start[:1] if self.line else self.start, dtype=np.float64)

    def draw_way(self) -> None:
        """The way of the newest answer, which is a better one of the same point."""
        self.layer.set_path(frame.x[0] for frame in self.lane.frames)
