"""The old future of a branch, faded, and what a person has moved of a frame."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Ask, Box
from dgm_studio.gui.layers.layer import Layer
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.lines import draw_lines, line_pen, segments_path
from dgm_studio.gui.splat import cloud_image, draw_cloud
from dgm_studio.gui.theme.theme import Theme

WAYS, DOTS = 200, 2_000
"""Particles whose old ways, and whose old places, are drawn: the first of those that go another way."""
FEW = 12
"""Of so few the old ways are thick and the moved ones ringed."""
RING, DOT = 12.0, 3.5


class BranchLayer(Layer):
    """`old` frames (n, 2) at their times, from where the branch leaves them; `which` particles go another way."""

    id, title, token, z = "branch", "Old future", "dim", 66.0

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._old: list[Array] = []
        self._times = np.empty(0)
        self._which = np.empty(0, dtype=np.intp)
        self._here = 0.0
        self._moves: tuple[Array, Array] | None = None

    def wishes(self, box: Box, resolution: int, t: float, visible: Collection[str]) -> tuple[Ask, ...]:
        # Both are films of their own.
        return ()

    def set_old(self, frames: Sequence[Array], times: Sequence[float], which: Array) -> None:
        """The future that was left: frames (n, 2) at `times`, and which particles (k,) go another way now."""
        self._old, self._times, self._which = list(frames), np.asarray(times), which
        self.changed()

    def set_time(self, t: float) -> None:
        """The time of the frame shown."""
        if t != self._here:
            self._here = t
            self.changed()

    def set_moves(self, before: Array | None, after: Array | None) -> None:
        """While a frame is edited: where the moved ones were and are, (k, 2) each; None: nothing is edited."""
        self._moves = None if before is None or after is None else (before, after)
        self.changed()

    def clear(self) -> None:
        self._old, self._times = [], np.empty(0)
        self.changed()

    def has_content(self) -> bool:
        plane = bool(self._old) and self._old[0].shape[1] == 2  # on a line there is no room for ways
        return plane or (self._moves is not None and self._moves[0].shape[1] == 2)

    def old_place(self) -> Array | None:
        """Where those that go another way would be now (k, 2); None before the branch."""
        if not len(self._times) or self._here < self._times[0] - 1e-6:
            return None
        return self._old[int(np.abs(self._times - self._here).argmin())][self._which]

    def draw(self, painter: QPainter, lens: Lens) -> None:
        self._draw_ways(painter, lens)
        place = self._seen_place()
        if place is not None:
            draw_cloud(painter, lens, place, *self._dots())
        self._draw_moves(painter, lens)

    def raster(self, lens: Lens) -> tuple[QImage, QPointF]:
        place = self._seen_place()
        if place is None:
            return super().raster(lens)
        image, corner = cloud_image(lens, place, *self._dots())  # thousands of dots are stamped, not stroked
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(-corner)
        self._draw_moves(painter, lens)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationOver)
        self._draw_ways(painter, lens)
        painter.end()
        return image, corner

    @property
    def _few(self) -> bool:
        return len(self._which) <= FEW

    def _seen_place(self) -> Array | None:
        place = self.old_place()
        return place[:DOTS] if place is not None and place.shape[1] == 2 else None

    def _dots(self) -> tuple[float, list[QColor]]:
        return (2.0 if self._few else 1.0) * DOT, [self._theme.colour(self.tint, 0.9 if self._few else 0.4)]

    def _draw_ways(self, painter: QPainter, lens: Lens) -> None:
        if not self._old or self._old[0].shape[1] != 2:
            return
        ways = np.stack([frame[self._which[:WAYS]] for frame in self._old], axis=1)
        shade = self._theme.colour(self.tint, 0.75 if self._few else 0.3)
        draw_lines(painter, lens, list(ways), line_pen(shade, (1.6 if self._few else 1.0) * lens.scale))

    def _draw_moves(self, painter: QPainter, lens: Lens) -> None:
        before, after = self._moves if self._moves is not None else (np.empty((0, 2)), np.empty((0, 2)))
        if not len(after) or after.shape[1] != 2:
            return
        ink = self._theme.colour("text", 0.9 if len(after) <= FEW else 0.35)
        painter.setPen(line_pen(ink, lens.scale))
        painter.drawPath(segments_path(np.stack([lens.to_pixels(before), lens.to_pixels(after)], axis=1)))
        if len(after) <= FEW:
            painter.setPen(QPen(ink, 1.6 * lens.scale))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for x, y in lens.to_pixels(after):
                painter.drawEllipse(QPointF(float(x), float(y)), RING / 2 * lens.scale, RING / 2 * lens.scale)


LAYER = BranchLayer
