"""The window's record of a film of pictures that come out of noise: every frame as it came, never changed."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.latents import PictureFilmReport, PictureFrame
from dgm_studio.core.pictures import from_bytes


class PictureFilm:
    """Frames in order, from the noise on."""

    def __init__(self, report: PictureFilmReport) -> None:
        self.report = report
        self.frames: list[PictureFrame] = []

    def add(self, frame: PictureFrame) -> None:
        """One more frame."""
        self.frames.append(frame)

    @property
    def whole(self) -> bool:
        """Whether its last frame is there."""
        return len(self.frames) >= self.report.total

    def sheets(self) -> Array:
        """Each frame as one picture (frames, c, h', w') of bytes: the columns side by side, every picture's prediction
        under its x_t where both are of one size, else the predictions alone."""
        clean = np.stack([frame.x1_hat for frame in self.frames])  # (frames, columns, n, c, h, w)
        noised = np.stack([frame.x_t for frame in self.frames])
        both = np.concatenate([noised, clean], axis=4) if noised.shape == clean.shape else clean
        count, columns, n, channels, high, wide = both.shape
        return both.transpose(0, 3, 4, 1, 2, 5).reshape(count, channels, high, columns * n * wide)

    def unsettled(self) -> Array:
        """How far each frame's prediction is from the last frame's (frames, columns): the root mean square over all
        pixels of a column's pictures, in grey levels of [0, 1]."""
        clean = np.stack([from_bytes(frame.x1_hat) for frame in self.frames])  # (frames, columns, n, c, h, w)
        apart = (clean - clean[-1]) / 2
        return np.asarray(np.sqrt((apart**2).mean(axis=tuple(range(2, apart.ndim)))))
