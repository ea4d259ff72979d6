"""What the model makes: larger dots in the sample colour, one frame of their film, with tails if wanted."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage, QPainter

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Ask, Box
from dgm_studio.core.reports import Picture
from dgm_studio.gui.layers.cloud import CloudLayer
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.reel import Reel
from dgm_studio.gui.layers.tails import draw_tails, tail_bands
from dgm_studio.gui.theme.theme import Theme

TAILED = 300
"""Particles that get a tail: more would be a smear, and cost a frame's time."""


class SamplesLayer(CloudLayer):
    """Frames (F, n, d) of samples from fixed start noise; the last frame is the samples."""

    id, title, token, z = "samples", "Samples", "sample", 70.0
    diameter, opacity = 4.0, 0.92

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.count = 2_000
        self.tails = 0
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

    def append(self, frame: Array) -> None:
        """One more frame (n, 2) of a film that is still being made."""
        self._reel.append(frame)
        self.changed()

    def set_tails(self, steps: int) -> None:
        """Draw the last `steps` steps of the first 300 particles behind them; 0 for none."""
        self.tails = steps
        self.changed()

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
        if self._on_line():
            return
        bands = tail_bands(self._reel.frames, self._reel.index, self.tails, TAILED)
        draw_tails(painter, lens, bands, self._theme.colour(self.tint, 0.6))


LAYER = SamplesLayer
