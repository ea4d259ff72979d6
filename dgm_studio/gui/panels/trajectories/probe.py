"""The dragged start point: a film of one particle from where the handle is, made anew as it moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal

from dgm_studio.core.reports import Failure
from dgm_studio.gui.film_lane import FilmLane
from dgm_studio.gui.layers.probe import HANDLE, ProbeLayer
from dgm_studio.gui.stage import Stage
from dgm_studio.gui.theme.theme import theme

if TYPE_CHECKING:
    from dgm_studio.gui.panels.trajectories.likelihood_lane import LikelihoodLane

START = (-0.9, 0.7)
"""Where the handle first stands: any place in the plane is one that the noise may have."""

Place = tuple[float, float]


class Probe(QObject):
    """Handle, lane and layer together. While one path is being made only the newest place is remembered."""

    changed = Signal()
    """Another path has come, or the start has moved."""

    failed = Signal(object)

    def __init__(
        self, stage: Stage, lane: FilmLane | LikelihoodLane, shoot: Callable[[Place], None], parent: QObject
    ) -> None:
        """`shoot(place)` sends the lane on its way."""
        super().__init__(parent)
        layer = stage.layer(ProbeLayer.id)
        assert isinstance(layer, ProbeLayer)
        self.layer, self.lane = layer, lane
        self.start: Place = START
        self._stage, self._shoot = stage, shoot
        self._next: Place | None = None
        self._held = False
        stage.set_claim(self.is_at)
        stage.pressed.connect(self._press)
        stage.dragged.connect(self._drag)
        stage.released.connect(self._release)
        stage.hovered.connect(self._hover)
        lane.finished.connect(self._finish)
        lane.failed.connect(self._fail)

    @property
    def busy(self) -> bool:
        """Whether its path is not yet that of its place."""
        return self.lane.making or self._next is not None

    def is_at(self, x: float, y: float) -> bool:
        """Whether a press at (x, y) takes the handle."""
        if not (self.layer.isVisible() and self.layer.has_content()):
            return False
        apart = self._stage.to_pixel(x, y) - self._stage.to_pixel(*self.start)
        return float(np.hypot(apart.x(), apart.y())) <= HANDLE * theme().scale

    def move(self, place: Place) -> None:
        """Start from there."""
        self.start = place
        self.layer.set_start(place)
        self.again()

    def again(self) -> None:
        """Make its path: now, or when the one being made is done."""
        if self.lane.making:
            self._next = self.start
        else:
            self._next = None
            self._shoot(self.start)
        self.changed.emit()

    def show(self) -> None:
        """Put the handle on the stage."""
        self.layer.set_start(self.start)

    def _finish(self) -> None:
        self.layer.set_path(frame.x[0] for frame in self.lane.frames)
        if self._next is not None:
            self.again()
        self.changed.emit()

    def _fail(self, failure: Failure) -> None:
        self._next = None
        self.layer.set_path(frame.x[0] for frame in self.lane.frames)
        self.failed.emit(failure)

    def _press(self, x: float, y: float) -> None:
        self._held = True
        self._stage.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def _drag(self, x: float, y: float) -> None:
        if self._held:
            self.move((x, y))

    def _release(self, x: float, y: float) -> None:
        self._held = False
        self._hover(x, y)

    def _hover(self, x: float, y: float) -> None:
        if not self._held:
            at = self.is_at(x, y)
            self._stage.viewport().setCursor(Qt.CursorShape.OpenHandCursor if at else Qt.CursorShape.ArrowCursor)
