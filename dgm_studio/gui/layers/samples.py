"""What the model makes: larger dots in the sample colour, one frame of their film, with tails if wanted."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPainter

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Ask, Box
from dgm_studio.core.reports import Picture
from dgm_studio.gui.layers.cloud import CloudLayer
from dgm_studio.gui.layers.colouring import Colouring, way_ink
from dgm_studio.gui.layers.layer import Legend
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.reel import Reel
from dgm_studio.gui.layers.tails import draw_ways, ways
from dgm_studio.gui.theme.theme import Theme

TAILED = 300
"""Particles that get a tail: more would be a smear, and cost a frame's time."""
FADED = 0.14
"""Opacity of particles beside those that are followed, as a share of theirs."""


class SamplesLayer(CloudLayer):
    """Frames (F, n, d) of samples from fixed start noise; the last frame is the samples."""

    id, title, token, z = "samples", "Samples", "sample", 70.0
    diameter, opacity = 4.0, 0.92

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.count = 2_000
        self.tails = 0
        self.colouring: Colouring | None = None
        self.followed: Array | None = None
        self._reel = Reel()
        self._labels: Array | None = None

    def wishes(self, box: Box, resolution: int, t: float, visible: Collection[str]) -> tuple[Ask, ...]:
        return (Ask("samples", count=self.count),)

    def accept(self, picture: Picture) -> None:
        self._reel.replace(picture.arrays["frames"], follow=False)
        self._labels = picture.arrays.get("labels")
        self.changed()

    def set_film(self, frames: Iterable[Array], labels: Array | None = None) -> None:
        """Show a film (F, n, 2), on its last frame."""
        self._reel.replace(frames, follow=True)
        self._labels = labels
        self.changed()

    def append(self, frame: Array, t: float = 1.0) -> None:
        """One more frame (n, 2), at time t, of a film that is still being made."""
        self._reel.append(frame, t)
        self.changed()

    def put(self, index: int, frame: Array) -> None:
        """That frame (n, 2) is another one, while it is edited."""
        if index < len(self._reel.frames):
            self._reel.frames[index] = frame
            self.changed()

    def set_tails(self, steps: int) -> None:
        """Draw the last `steps` steps of the first 300 particles behind them; 0 for none."""
        self.tails = steps
        self.changed()

    def set_colouring(self, colouring: Colouring | None) -> None:
        """What the particles' colour says; None: only what they are."""
        self.colouring = colouring
        self.filled = colouring is not None  # outlines of many colours over each other cannot be told apart
        self.changed()

    def set_followed(self, followed: Array | None) -> None:
        """Let all but these (n,) bool fade; None: none fades."""
        self.followed = followed
        self.changed()

    def legend(self) -> Legend | None:
        return self.colouring.legend(self._theme) if self.colouring is not None else None

    def clear(self) -> None:
        self._reel = Reel()
        self._labels = None
        self.changed()

    @property
    def frame_count(self) -> int:
        return len(self._reel.frames)

    @property
    def frame(self) -> int:
        """The number of the frame shown."""
        return self._reel.index

    def set_frame(self, index: int) -> None:
        if self._reel.seek(index):
            self.changed()

    @property
    def frames(self) -> tuple[Array, ...]:
        """The film it holds, frames (n, 2)."""
        return tuple(self._reel.frames)

    def points(self) -> Array | None:
        return self._reel.shown()

    def labels(self) -> Array | None:
        return self._labels

    def draw(self, painter: QPainter, lens: Lens) -> None:
        self._draw_tails(painter, lens)
        super().draw(painter, lens)

    def raster(self, lens: Lens) -> tuple[QImage, QPointF]:
        image, corner = super().raster(lens)
        if self.tails and not self._on_line():
            painter = QPainter(image)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            # Under the dots that are already there.
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationOver)
            painter.translate(-corner)
            self._draw_tails(painter, lens)
            painter.end()
        return image, corner

    def _on_line(self) -> bool:
        """On a line the histogram moves; there is no room for tails."""
        shown = self._reel.shown()
        return shown is not None and shown.shape[1] == 1

    def _draw_tails(self, painter: QPainter, lens: Lens) -> None:
        shown = self._reel.shown()
        if shown is None or shown.shape[1] == 1 or not self.tails:
            return
        followed = self._followed(shown)
        which = slice(TAILED) if followed is None else np.flatnonzero(followed)[:TAILED]
        track = ways(self._reel.frames, self._reel.index, self.tails, which)
        index = self._reel.index
        times = self._reel.times[index + 1 - track.shape[1] : index + 1]
        plain = self._theme.colour(self.tint, 0.6)
        draw_ways(painter, lens, track, way_ink(self.colouring, self._theme, plain, len(shown), which, times))

    def _followed(self, points: Array) -> Array | None:
        return self.followed if self.followed is not None and len(self.followed) == len(points) else None

    def _coloured(self, points: Array) -> tuple[list[QColor], Array | None]:
        colours, classes = super()._coloured(points)
        told = None if self.colouring is None else self.colouring.classes(len(points), self._reel.time)
        if self.colouring is not None and told is not None:
            colours, classes = self.colouring.colours(self._theme, self.opacity), told
        followed = self._followed(points)
        if followed is None:
            return colours, classes
        faint = [QColor(colour) for colour in colours]
        for colour in faint:
            colour.setAlphaF(FADED * colour.alphaF())
        return [*faint, *colours], len(colours) * followed + (0 if classes is None else classes)

    def _dots(self, points: Array) -> tuple[Array, float, list[QColor], Array | None]:
        points, size, colours, classes = super()._dots(points)
        followed = self._followed(points)
        if followed is None or classes is None:
            return points, size, colours, classes
        above = np.argsort(followed, kind="stable")  # those that are followed lie on top
        return points[above], size, colours, classes[above]

    def _groups(self, points: Array) -> tuple[list[QColor], Array | None]:
        if self.colouring is None and self._followed(points) is None:
            return super()._groups(points)
        colours, classes = self._coloured(points)
        return colours, None if classes is None else np.eye(len(colours))[classes]


LAYER = SamplesLayer
