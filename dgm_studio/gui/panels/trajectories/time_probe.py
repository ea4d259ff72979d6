"""The chosen point of a line: a ring at noise, or of the forward process at data, dragged up and down."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal

from dgm_studio.core.reports import Failure
from dgm_studio.gui.film_lane import FilmLane
from dgm_studio.gui.layers.over_time import ProbeOverTime
from dgm_studio.gui.layers.probe import HANDLE
from dgm_studio.gui.panels.trajectories.noising import Noised, Noising
from dgm_studio.gui.panels.trajectories.time_stage import TimeStage
from dgm_studio.gui.theme.theme import theme

START = 0.5


class TimeProbe(QObject):
    """Ring, lane and layer together. While one way is being made only the newest place is remembered."""

    changed = Signal()
    """Another way has come, or the ring has moved."""

    failed = Signal(object)

    def __init__(self, stage: TimeStage, lane: FilmLane, shoot: Callable[[float], None], parent: QObject) -> None:
        """`shoot(x)` sends the lane on its way from x."""
        super().__init__(parent)
        layer = stage.layer(ProbeOverTime.id)
        assert isinstance(layer, ProbeOverTime)
        self.layer, self.lane, self.noising = layer, lane, Noising(lane, self)
        self.x = START
        self._t = 0.0
        self._stage, self._shoot = stage, shoot
        self._again = self._held = False
        stage.set_claim(self.is_at)
        stage.pressed.connect(self._press)
        stage.dragged.connect(self._drag)
        stage.released.connect(self._release)
        stage.hovered.connect(self._hover)
        lane.finished.connect(self._finish)
        lane.failed.connect(self._fail)

    @property
    def busy(self) -> bool:
        """Whether its way is not yet that of its place."""
        return self.lane.making or self._again

    def is_at(self, t: float, x: float) -> bool:
        """Whether a press there takes the ring."""
        if not (self.layer.isVisible() and self.layer.has_content()):
            return False
        apart = self._stage.to_pixel(t, x) - self._stage.to_pixel(self._t, self.x)
        return float(np.hypot(apart.x(), apart.y())) <= HANDLE * theme().scale

    def begin(self, *, forward: bool) -> None:
        """Another film: it starts at noise, or at data."""
        self._t = 1.0 if forward else 0.0
        self.move(self.x)

    def move(self, x: float) -> None:
        """Start from there."""
        self.x = x
        self.layer.set_start((self._t, x))
        self._again = self.lane.making
        if not self._again:
            self._shoot(x)
        self.changed.emit()

    def at(self, index: int) -> Noised | None:
        """Of a datum that is noised: its copies and their law at that frame."""
        return self.noising.at(index, np.array([self.x]))

    def places(self) -> list[float]:
        """x at every frame there is."""
        return [float(frame.x[0, 0]) for frame in self.lane.frames]

    def _finish(self) -> None:
        frames = self.lane.frames
        way = np.array([(frame.t, float(frame.x[0, 0])) for frame in frames]).reshape(-1, 2)
        laws = [law for index in range(len(frames)) if (law := self.at(index)) is not None]
        mean = np.array([(frame.t, law.mean[0]) for frame, law in zip(frames, laws, strict=False)]).reshape(-1, 2)
        self.layer.set_way(way, mean, np.array([law.std for law in laws]))
        if self._again:
            self.move(self.x)
        self.changed.emit()

    def _fail(self, failure: Failure) -> None:
        self._again = False
        self.failed.emit(failure)

    def _press(self, t: float, x: float) -> None:
        self._held = True
        self._stage.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def _drag(self, t: float, x: float) -> None:
        if self._held:
            self.move(x)

    def _release(self, t: float, x: float) -> None:
        self._held = False
        self._hover(t, x)

    def _hover(self, t: float, x: float) -> None:
        if not self._held:
            at = self.is_at(t, x)
            self._stage.viewport().setCursor(Qt.CursorShape.OpenHandCursor if at else Qt.CursorShape.ArrowCursor)
