"""The point that a person drags, in whichever picture is seen: where it is, and what becomes of it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal

from dgm_studio.gui.panels.trajectories.noising import Noising
from dgm_studio.gui.panels.trajectories.probe import Probe
from dgm_studio.gui.panels.trajectories.readouts import TrajectoriesReadouts
from dgm_studio.gui.panels.trajectories.space_time import SpaceTime
from dgm_studio.gui.stage import Stage
from dgm_studio.gui.widgets.chip import ChipRow


class ChosenPoint(QObject):
    """The plane's ring and the line's, of which one is there at most."""

    changed = Signal()
    failed = Signal(object)

    def __init__(
        self, stage: Stage, chips: ChipRow, probe: Probe, space_time: SpaceTime, numbers: TrajectoriesReadouts,
        parent: QObject,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._stage, self._chips, self._numbers = stage, chips, numbers
        self._plane, self._space_time, self._line = probe, space_time, space_time.probe
        self._noising = Noising(space_time.of_plane, self)
        for one in (probe, space_time.probe):
            one.changed.connect(self.changed)
            one.failed.connect(self.failed)

    @property
    def on_plane(self) -> bool:
        """Whether the plane's ring is there."""
        return self._chips.chips["probe"].isEnabled() and not self._stage.line

    @property
    def busy(self) -> bool:
        """Whether the way that is seen is not yet that of its place."""
        return self._plane.busy or (self._space_time.on and self._line.busy)

    def stand(self) -> None:
        """Put the plane's ring on the stage."""
        if self.on_plane:
            self._plane.show()

    def begin(self) -> None:
        """Another film begins: the plane's point is carried as it is."""
        if self.on_plane:
            self._plane.again()

    def show(self, index: int) -> None:
        """What is said of it at a frame."""
        if self._space_time.on:
            layer = self._space_time.stage.layer("probe")
            start = (self._line.x,) if layer.isVisible() else None
            path = np.array(self._line.places())[:, None]
            self._numbers.show_probe(start, path, index, self._line.at(index))
            return
        layer = self._plane.layer
        noised = self._noising.at(index, np.array(self._plane.start)) if self.on_plane else None
        if noised is not None:
            layer.set_spread(noised.copies, noised.mean, noised.std)
        else:
            layer.set_spread(np.empty((0, 2)), np.zeros(2), 0.0)
        self._numbers.show_probe(self._plane.start if self.on_plane else None, layer.path, index, noised)
