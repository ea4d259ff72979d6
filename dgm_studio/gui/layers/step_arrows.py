"""What the drift and the noise layer share: the two parts of an SDE's step, head to tail, to one scale."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
from PySide6.QtGui import QPainter

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Ask, Box
from dgm_studio.gui.layers.arrows import step_segments
from dgm_studio.gui.layers.layer import Layer
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.line_room import at_level, spread
from dgm_studio.gui.layers.lines import line_pen, segments_path
from dgm_studio.gui.theme.theme import Theme

SHOWN = 120
"""Particles whose step is drawn: the first ones, as with tails."""
LENGTH = 48.0
"""Design pixels that the larger of both parts is long at most on average, in the usual step of the film."""
FACTORS = (1, 2, 3, 5, 10, 20, 50, 100)
"""How many times as long as the step both may be drawn."""
ROWS, ON_LINE = 8, 32
"""Of data on a line: levels that the arrows take turns on, and how many particles there is room for."""


class Parts(NamedTuple):
    """Of one step: from x (k, d) by the drift (k, d), then by the noise (k, d)."""

    x: Array
    drift: Array
    noise: Array

    @staticmethod
    def of(x: Array, further: Array, drift: Array) -> Parts:
        """Of the first SHOWN of the particles x (n, d), `further` (n, d) after the step whose drift (k, d) is known."""
        k = min(SHOWN, len(drift))
        return Parts(x[:k], drift[:k], further[:k] - x[:k] - drift[:k])

    @property
    def size(self) -> float:
        """The larger of the mean lengths of drift and noise, in model units."""
        return max(float(np.linalg.norm(part, axis=1).mean()) for part in (self.drift, self.noise))


class StepLayer(Layer):
    """Arrows of one part of each step of a film; of the frame shown, the step that leaves it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._steps: list[Parts | None] = []
        self._index = 0
        self._sizes: list[float] = []
        self._factor = 1

    def wishes(self, box: Box, resolution: int, t: float, visible: Collection[str]) -> tuple[Ask, ...]:
        # It comes with the film.
        return ()

    def append(self, parts: Parts | None) -> None:
        """The step that leaves one more frame, None where it is not known or has no noise."""
        self._steps.append(parts)
        if parts is not None:
            self._sizes.append(parts.size)
        self.changed()

    def clear(self) -> None:
        self._steps, self._sizes = [], []
        self.changed()

    @property
    def frame_count(self) -> int:
        return len(self._steps)

    def set_frame(self, index: int) -> None:
        if index != self._index:
            self._index = index
            self.changed()

    def parts(self) -> Parts | None:
        """Of the step shown."""
        return self._steps[self._index] if 0 <= self._index < len(self._steps) else None

    def has_content(self) -> bool:
        return self.parts() is not None

    def arrows(self) -> tuple[Array, Array, Array]:
        """Where its arrows begin (k, d), how far from there to the left out part's end (k, d), and the arrows (k, d)
        themselves, in model units."""
        raise TypeError(f"The layer {self.id} has no arrows.")

    def remark(self) -> str:
        """How much longer than the step both are drawn."""
        return f"drift and noise of a step, drawn {self._factor} times as long" if self._factor > 1 else ""

    def draw(self, painter: QPainter, lens: Lens) -> None:
        self._factor = self._fitting(lens)
        x, before, v = self.arrows()
        if x.shape[1] == 1:
            x, before, v = x[:ON_LINE], before[:ON_LINE], v[:ON_LINE]
            level = spread(ROWS)[np.arange(len(x)) % ROWS]
            x, before, v = at_level(lens, x, level), _level(before), _level(v)
        painter.setPen(line_pen(self._theme.colour(self.tint, 0.95), lens.scale))
        painter.drawPath(segments_path(step_segments(lens, x + self._factor * before, v, self._factor)))

    def _fitting(self, lens: Lens) -> int:
        """The largest factor at which half the film's steps are drawn no longer than LENGTH on average: one for all of
        them, so that they can be compared."""
        usual = float(np.median(self._sizes)) if self._sizes else 0.0
        room = LENGTH * lens.scale / (usual * abs(lens.zoom_x)) if usual > 0 else 1.0
        return max((one for one in FACTORS if one <= room), default=1)


def _level(v: Array) -> Array:
    return np.stack([v[:, 0], np.zeros(len(v))], axis=1)
