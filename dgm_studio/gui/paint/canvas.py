"""The painted points and their history: a plain model, without widgets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dgm_studio.core.arrays import Array
from dgm_studio.core.dataspec import Normalisation, PointSet

HALF = 4.0
"""The canvas reaches from -HALF to HALF in both model units."""
LIMIT = 20_000
"""Points a canvas holds; more would make every redraw and every feeding of a running model felt."""
CLASSES = 8
FEWEST = 10
"""Points below which there is nothing to learn from."""
HISTORY = 100
"""Strokes that can be taken back (at most 12 bytes a point each: 24 MB)."""


@dataclass(frozen=True, eq=False)
class State:
    """Points (n, 2) float32 and labels (n,) int32 at a moment; never written to, so history can share it."""

    points: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int32]


def _empty() -> State:
    return State(np.zeros((0, 2), np.float32), np.zeros(0, np.int32))


class Canvas:
    """Points (n, 2) in model units with classes 0 to 7; every stroke is one step of undo."""

    def __init__(self) -> None:
        self._state = _empty()
        self._undo: list[State] = []
        self._redo: list[State] = []
        self._stroke: State | None = None
        self.refused = False

    @property
    def state(self) -> State:
        """All that is painted; another object after every change, the same one again after undo."""
        return self._state

    @property
    def points(self) -> npt.NDArray[np.float32]:
        """(n, 2) float32; not to be written to."""
        return self._state.points

    @property
    def labels(self) -> npt.NDArray[np.int32]:
        """(n,) classes from 0; not to be written to."""
        return self._state.labels

    def __len__(self) -> int:
        return len(self._state.points)

    @property
    def can_undo(self) -> bool:
        """Whether a finished stroke can be taken back."""
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        """Whether a stroke that was taken back can be brought again."""
        return bool(self._redo)

    def begin(self) -> None:
        """A stroke starts: what happens until `commit` is taken back together."""
        self.commit()
        self._stroke = self._state
        self.refused = False

    def commit(self) -> None:
        """The stroke ends; one that changed nothing leaves no trace in the history."""
        before, self._stroke = self._stroke, None
        if before is None or before is self._state:
            return
        self._undo = [*self._undo, before][-HISTORY:]
        self._redo = []

    def undo(self) -> None:
        """Take the last stroke back."""
        self.commit()
        if self._undo:
            self._redo.append(self._state)
            self._set(self._undo.pop())

    def redo(self) -> None:
        """Bring again what `undo` took."""
        self.commit()
        if self._redo:
            self._undo.append(self._state)
            self._set(self._redo.pop())

    def add(self, points: Array, labels: Array | int) -> int:
        """Put points (m, 2) of the given class or classes; those off the canvas or over LIMIT are left out.

        Returns how many were put; `refused` then says, until the next stroke, that LIMIT kept some out.
        """
        points = np.asarray(points, np.float32).reshape(-1, 2)
        own = np.broadcast_to(np.asarray(labels, np.int32), len(points))
        inside = np.all(np.abs(points) <= HALF, axis=1)
        points, own = points[inside], own[inside]
        room = LIMIT - len(self)
        self.refused |= len(points) > room
        points, own = points[:room], own[:room]
        if len(points):
            held = self._state
            self._state = State(np.concatenate([held.points, points]), np.concatenate([held.labels, own]))
        return len(points)

    def erase(self, hit: npt.NDArray[np.bool_]) -> int:
        """Remove the points where the mask (n,) is true; returns how many went."""
        gone = int(np.count_nonzero(hit))
        if gone:
            self._state = State(self.points[~hit], self.labels[~hit])
            self.refused = False
        return gone

    def place(self, index: npt.NDArray[np.intp], points: Array) -> None:
        """Put the points of the given rows elsewhere, all inside the canvas."""
        if len(index):
            moved = self.points.copy()
            moved[index] = np.clip(points, -HALF, HALF)
            self._state = State(moved, self.labels)

    def clear(self) -> None:
        """Remove everything, as one stroke."""
        self.replace(np.zeros((0, 2)), 0)

    def replace(self, points: Array, labels: Array | int) -> None:
        """Start anew from points (m, 2), as one stroke; classes beyond the eighth begin at the first."""
        self.begin()
        if len(self):
            self._state = _empty()
        self.add(points, np.asarray(labels) % CLASSES)
        self.commit()

    def point_set(self) -> PointSet:
        """What is painted now, in model units."""
        return PointSet(self.points, self.labels, "Painted points", "painted", Normalisation.none(2))

    def _set(self, state: State) -> None:
        self._state = state
        self.refused = False
