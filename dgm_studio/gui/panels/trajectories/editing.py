"""Editing a frame: particles are moved by hand, noise is added; the film itself stays as it was."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal

from dgm_studio.core.arrays import Array
from dgm_studio.core.film import Frame
from dgm_studio.gui.layers.branch import BranchLayer
from dgm_studio.gui.layers.samples import SamplesLayer
from dgm_studio.gui.panels.trajectories.brush import Brush
from dgm_studio.gui.panels.trajectories.subject import AXES
from dgm_studio.gui.stage import Stage
from dgm_studio.gui.theme.theme import theme

GRAB = 9.0
"""A press so near to a particle takes it, design pixels."""


class Editing(QObject):
    """A hand on the stage while `on`: a press on a particle takes it, and with it all that are brushed, if it is one
    of them."""

    changed = Signal()

    def __init__(self, stage: Stage, brush: Brush, parent: QObject) -> None:
        super().__init__(parent)
        particles, layer = stage.layer(SamplesLayer.id), stage.layer(BranchLayer.id)
        assert isinstance(particles, SamplesLayer)
        assert isinstance(layer, BranchLayer)
        self.index = -1
        """The frame that is edited, -1 for none."""
        self.x: Array = np.empty((0, AXES), dtype=np.float32)
        """Its points (n, d), as edited."""
        self.noise = 0.0
        """Standard deviation of all noise that was added."""
        self._frame: Frame | None = None
        self._stage, self._particles, self._layer, self._brush = stage, particles, layer, brush
        self._held: Array | None = None
        self._from = (0.0, 0.0)
        stage.add_hand(self)
        stage.hovered.connect(self._hover)

    @property
    def on(self) -> bool:
        """Whether a frame is being edited."""
        return self._frame is not None

    @property
    def frame(self) -> Frame:
        """The frame as it was."""
        assert self._frame is not None
        return self._frame

    def moved(self) -> Array:
        """Which particles (k,) are not where they were."""
        return np.flatnonzero((self.x != self.frame.x).any(axis=1))

    def begin(self, index: int, frame: Frame) -> None:
        """Edit that frame."""
        self.index, self._frame = index, frame
        self.undo()

    def undo(self) -> None:
        """As the frame was."""
        self.x, self.noise = self.frame.x.copy(), 0.0
        self._show()

    def end(self) -> None:
        """Done: the frame is shown as it was."""
        if self._frame is not None:
            self._particles.put(self.index, self._frame.x[:, :AXES])
            self._frame, self.index, self._held = None, -1, None
            self._layer.set_moves(None, None)
            self.changed.emit()

    def add_noise(self, size: float, rng: np.random.Generator) -> None:
        """Move each particle, of a brushed set each of these, by `size` times standard normal noise."""
        which = self._brushed()
        drawn = rng.standard_normal(self.x.shape).astype(self.x.dtype)
        self.x[which] += self.x.dtype.type(size) * drawn[which]
        self.noise = float(np.hypot(self.noise, size))
        self._show()

    def move(self, which: Array, by: tuple[float, float]) -> None:
        """Shift these particles (k,) in the plane that is shown."""
        self.x[which, :AXES] += np.asarray(by, dtype=self.x.dtype)
        self._show()

    # The hand.

    def takes(self, x: float, y: float, modifiers: Qt.KeyboardModifier) -> bool:
        """Near a particle of the frame that is edited; on a line bars are shown, no particles."""
        shown = self.on and self._particles.frame == self.index and not self._stage.line
        return shown and modifiers == Qt.KeyboardModifier.NoModifier and self._nearest(x, y) is not None

    def press(self, x: float, y: float) -> None:
        """Take it."""
        nearest = self._nearest(x, y)
        if nearest is not None:
            brushed = self._brushed()
            together = len(brushed) < len(self.x) and nearest in brushed
            self._held = brushed if together else np.array([nearest])
            self._from = (x, y)
            self._stage.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def drag(self, x: float, y: float) -> None:
        """Move it."""
        if self._held is not None:
            by, self._from = (x - self._from[0], y - self._from[1]), (x, y)
            self.move(self._held, by)

    def release(self, x: float, y: float) -> None:
        """Let it go."""
        self._held = None
        self._hover(x, y)

    def _hover(self, x: float, y: float) -> None:
        if self.on and self._held is None and self._particles.frame == self.index and not self._stage.line:
            near = self._nearest(x, y) is not None
            self._stage.viewport().setCursor(Qt.CursorShape.OpenHandCursor if near else Qt.CursorShape.ArrowCursor)

    def _nearest(self, x: float, y: float) -> int | None:
        """The particle at that place, None where there is none within GRAB pixels."""
        apart = np.hypot(self.x[:, 0] - x, self.x[:, 1] - y) if self.x.shape[1] > 1 else np.empty(0)
        if not len(apart):
            return None
        nearest = int(np.nanargmin(apart)) if np.isfinite(apart).any() else 0
        edge = self._stage.to_pixel(x + float(apart[nearest]), y) - self._stage.to_pixel(x, y)
        return nearest if abs(edge.x()) <= GRAB * theme().scale else None

    def _brushed(self) -> Array:
        """All particles, or those that are brushed."""
        followed = self._brush.followed
        if followed is None or len(followed) != len(self.x):
            return np.arange(len(self.x))
        return np.flatnonzero(followed)

    def _show(self) -> None:
        which = self.moved()
        self._particles.put(self.index, self.x[:, :AXES].copy())
        self._layer.set_moves(self.frame.x[which, :AXES], self.x[which, :AXES])
        self.changed.emit()
