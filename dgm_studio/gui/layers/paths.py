"""Paths: the whole way particles have come in a film, up to the frame shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from PySide6.QtGui import QPainter

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Ask, Box
from dgm_studio.core.reports import Picture
from dgm_studio.gui.layers.colouring import Colouring, way_ink
from dgm_studio.gui.layers.layer import Layer
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.reel import Reel
from dgm_studio.gui.layers.tails import draw_ways, ways
from dgm_studio.gui.theme.theme import Theme


class PathsLayer(Layer):
    """Lines of the first `particles` particles of frames (F, n, 2), from `length` frames back to the frame
    shown."""

    id, title, token, z = "paths", "Paths", "sample", 50.0

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.count = 2_000
        self.particles = 200
        self.length = 1_000_000
        self.colouring: Colouring | None = None
        self._reel = Reel()

    def wishes(self, box: Box, resolution: int, t: float, visible: Collection[str]) -> tuple[Ask, ...]:
        # The same film as the samples layer's, so that the worker makes it once.
        return (Ask("samples", box=box, resolution=resolution, t=t, count=self.count),)

    def wants(self, key: str) -> bool:
        return key == "samples"

    def accept(self, picture: Picture) -> None:
        self._reel.replace(picture.arrays["frames"], follow=False)
        self.changed()

    def set_film(self, frames: Iterable[Array]) -> None:
        """Show a film (F, n, 2), on its last frame."""
        self._reel.replace(frames, follow=True)
        self.changed()

    def append(self, frame: Array, t: float = 1.0) -> None:
        """One more frame (n, 2), at time t, of a film that is still being made."""
        self._reel.append(frame, t)
        self.changed()

    def set_colouring(self, colouring: Colouring | None) -> None:
        """What the ways' colour says; None: only what they are."""
        self.colouring = colouring
        self.changed()

    def set_tail(self, length: int, particles: int) -> None:
        """How many frames back, and for how many particles."""
        self.length, self.particles = length, particles
        self.changed()

    def clear(self) -> None:
        self._reel = Reel()
        self.changed()

    def has_content(self) -> bool:
        shown = self._reel.shown()
        return shown is not None and shown.shape[1] == 2  # a line has no room for them

    @property
    def frame_count(self) -> int:
        return len(self._reel.frames)

    def set_frame(self, index: int) -> None:
        if self._reel.seek(index):
            self.changed()

    def draw(self, painter: QPainter, lens: Lens) -> None:
        frames, index, which = self._reel.frames, self._reel.index, slice(self.particles)
        track = ways(frames, index, self.length, which)
        times = self._reel.times[index + 1 - track.shape[1] : index + 1]
        plain = self._theme.colour(self.tint, 0.55)
        ink = way_ink(self.colouring, self._theme, plain, len(frames[index]), which, times)
        draw_ways(painter, lens, track, ink)


LAYER = PathsLayer
