"""The start point one can drag: a handle at its noise, the path from there, and where it is now."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Ask, Box
from dgm_studio.gui.layers.layer import Layer
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.lines import draw_lines, line_pen
from dgm_studio.gui.splat import draw_cloud
from dgm_studio.gui.theme.theme import Theme

HANDLE = 15.0
"""Diameter of the handle in design pixels."""
DOT = 10.0
COPY = 2.2


class ProbeLayer(Layer):
    """`start` (x, y) and `path` (F, 2) in model units."""

    id, title, token, z = "probe", "Start point", "sample", 90.0

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.start: tuple[float, float] | None = None
        self.path: Array = np.empty((0, 2))
        self.index = 0
        self.copies: Array = np.empty((0, 2))
        self.mean, self.std = np.zeros(2), 0.0

    def wishes(self, box: Box, resolution: int, t: float, visible: Collection[str]) -> tuple[Ask, ...]:
        # Its path comes as a film of its own.
        return ()

    def set_start(self, start: tuple[float, float]) -> None:
        """Move the handle; the path follows when it has been made."""
        self.start = start
        self.changed()

    def set_path(self, path: Iterable[Array]) -> None:
        """The way (F, 2) from the start."""
        self.path = np.array(list(path)).reshape(-1, 2)
        self.changed()

    def set_spread(self, copies: Array, mean: Array, std: float) -> None:
        """Copies (n, 2) of a datum that is noised, and their exact law N(mean, std^2 I); none with (0, 2)."""
        self.copies, self.mean, self.std = copies, mean, std
        self.changed()

    def clear(self) -> None:
        self.path = np.empty((0, 2))
        self.copies = np.empty((0, 2))
        self.changed()

    def has_content(self) -> bool:
        return self.start is not None

    @property
    def frame_count(self) -> int:
        return len(self.path)

    def set_frame(self, index: int) -> None:
        if index != self.index:
            self.index = index
            self.changed()

    def here(self) -> Array | None:
        """Where it is (2,) at the frame shown, the nearest frame where there are fewer."""
        return self.path[max(0, min(self.index, len(self.path) - 1))] if len(self.path) else None

    def draw(self, painter: QPainter, lens: Lens) -> None:
        ink, ground, tint = (self._theme.colour(name) for name in ("text", "stage", self.tint))
        scale = lens.scale
        if len(self.copies):
            self._draw_spread(painter, lens)
        for colour, width in ((ground, 5.0), (ink, 2.0)):  # a rim, so that it stands out of a thousand dots
            draw_lines(painter, lens, [self.path] if len(self.path) > 1 else [], line_pen(colour, width * scale))
        if self.start is not None:
            draw_handle(painter, lens, _point(lens, np.array(self.start)), ink, ground)
        here = self.here()
        if here is not None:
            painter.setPen(QPen(ink, 2 * scale))
            painter.setBrush(tint)
            painter.drawEllipse(_point(lens, here), DOT / 2 * scale, DOT / 2 * scale)

    def _draw_spread(self, painter: QPainter, lens: Lens) -> None:
        """The copies, and circles at one and two exact standard deviations."""
        draw_cloud(painter, lens, self.copies, COPY, [self._theme.colour("text", 0.75)])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        middle, ground = _point(lens, self.mean), self._theme.colour("stage")
        for times in (1, 2):
            reach = times * self.std * lens.zoom_x
            painter.setPen(QPen(ground, 4.5 * lens.scale))  # a rim, for the particles are of the same colour
            painter.drawEllipse(middle, reach, reach)
            painter.setPen(line_pen(self._theme.colour("exact"), 2.2 * lens.scale, dashed=True))
            painter.drawEllipse(middle, reach, reach)


def draw_handle(painter: QPainter, lens: Lens, at: QPointF, ink: QColor, ground: QColor) -> None:
    """The ring that a person drags, with its middle."""
    scale = lens.scale
    painter.setBrush(ground)  # the path ends at the ring, it does not cross it
    for colour, width in ((ground, 5.0), (ink, 2.0)):
        painter.setPen(QPen(colour, width * scale))
        painter.drawEllipse(at, HANDLE / 2 * scale, HANDLE / 2 * scale)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink)
    painter.drawEllipse(at, 2 * scale, 2 * scale)


def _point(lens: Lens, place: Array) -> QPointF:
    x, y = lens.to_pixels(place)
    return QPointF(float(x), float(y))


LAYER = ProbeLayer
