"""The brush: a rectangle over a set of particles, and their whole ways through the film."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Ask, Box
from dgm_studio.gui.layers.colouring import Colouring, way_ink
from dgm_studio.gui.layers.layer import Layer, painted
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.lines import line_pen
from dgm_studio.gui.layers.reel import Reel
from dgm_studio.gui.layers.tails import draw_ways, ways
from dgm_studio.gui.theme.theme import Theme

SHOWN = 200
"""Of those that are followed so many ways are drawn: more would be a smear."""
PAST, WHOLE = 0.75, 0.22
"""Opacity of the way so far, and of all of it beneath."""
FEW = 40
"""Of more ways than these each is fainter, so that one sees where they crowd."""


class BrushLayer(Layer):
    """Frames (F, n, 2) of a film, `followed` (n,) bool, and the rectangle while it is drawn."""

    id, title, token, z = "brush", "Brush", "sample", 68.0

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.rectangle: Box | None = None
        self.followed: Array | None = None
        self.colouring: Colouring | None = None
        self._reel = Reel()
        self._beneath: tuple[Lens, QImage] | None = None
        """The whole ways as they were last drawn, which no scrubbing changes."""

    def wishes(self, box: Box, resolution: int, t: float, visible: Collection[str]) -> tuple[Ask, ...]:
        # It comes with the film.
        return ()

    def append(self, frame: Array, t: float = 1.0) -> None:
        """One more frame (n, 2), at time t, of a film that is still being made."""
        self._reel.append(frame, t)
        self._renew()

    def set_rectangle(self, rectangle: Box | None) -> None:
        """What a person is drawing, in model units; None when it is done."""
        self.rectangle = rectangle
        self.changed()

    def set_followed(self, followed: Array | None) -> None:
        """Whose ways (n,) bool are drawn; None: nobody's."""
        self.followed = followed
        self._renew()

    def set_colouring(self, colouring: Colouring | None) -> None:
        """What the ways' colour says; None: only what they are."""
        self.colouring = colouring
        self._renew()

    def clear(self) -> None:
        self._reel = Reel()
        self._renew()

    @property
    def frame_count(self) -> int:
        return len(self._reel.frames)

    def set_frame(self, index: int) -> None:
        if self._reel.seek(index):
            self.changed()

    def has_content(self) -> bool:
        return self.rectangle is not None or self._which() is not None

    def _which(self) -> Array | None:
        shown = self._reel.shown()
        if shown is None or shown.shape[1] == 1 or self.followed is None or len(self.followed) != len(shown):
            return None  # on a line there is no room for ways: their bars stay
        return np.flatnonzero(self.followed)[:SHOWN]

    def set_tint(self, token: str) -> None:
        self._beneath = None
        super().set_tint(token)

    def _renew(self) -> None:
        self._beneath = None
        self.changed()

    def draw(self, painter: QPainter, lens: Lens) -> None:
        self._draw_whole(painter, lens)
        self._draw_past(painter, lens)

    def raster(self, lens: Lens) -> tuple[QImage, QPointF]:
        if self._beneath is None or self._beneath[0] != lens:
            self._beneath = lens, painted(lens, self._draw_whole)[0]
        return painted(lens, self._draw_past, self._beneath[1])

    def _draw_whole(self, painter: QPainter, lens: Lens) -> None:
        self._draw_ways(painter, lens, len(self._reel.frames) - 1, WHOLE)

    def _draw_past(self, painter: QPainter, lens: Lens) -> None:
        self._draw_ways(painter, lens, self._reel.index, PAST)
        if self.rectangle is not None:
            painter.setPen(line_pen(self._theme.colour("text", 0.9), lens.scale))
            painter.setBrush(self._theme.colour("accent", 0.12))
            painter.drawRect(QRectF(*lens.rectangle(self.rectangle)).normalized())
            painter.setBrush(Qt.BrushStyle.NoBrush)

    def _draw_ways(self, painter: QPainter, lens: Lens, end: int, opacity: float) -> None:
        """From the first frame to number `end`."""
        which, frames = self._which(), self._reel.frames
        if which is None or not len(which):
            return
        plain = self._theme.colour(self.tint, opacity * min(1.0, (FEW / len(which)) ** 0.5))
        ink = way_ink(self.colouring, self._theme, plain, len(frames[end]), which, self._reel.times[: end + 1])
        draw_ways(painter, lens, ways(frames, end, end, which), ink, fading=False)


LAYER = BrushLayer
