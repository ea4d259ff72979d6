"""A reel: the frames of a film of particles, one of which is shown."""

from __future__ import annotations

from collections.abc import Iterable

from dgm_studio.core.arrays import Array


class Reel:
    """Frames [(n, 2)] in model units. A film that grows is followed while its last frame is the one shown."""

    def __init__(self) -> None:
        self.frames: list[Array] = []
        self.times: list[float] = []
        """Of each frame, where it is known: else evenly from 0 to 1."""
        self.index = 0

    def replace(self, frames: Iterable[Array], *, follow: bool) -> None:
        """Another film (F, n, 2): with `follow` on its last frame, else on the frame number shown before."""
        was_last = self.index >= len(self.frames) - 1
        self.frames = list(frames)
        self.times = [k / max(1, len(self.frames) - 1) for k in range(len(self.frames))]
        self.seek(len(self.frames) - 1 if follow or was_last else self.index)

    def append(self, frame: Array, t: float = 1.0) -> None:
        """One more frame (n, 2) at time t, streamed while integrating."""
        was_last = self.index >= len(self.frames) - 1
        self.frames.append(frame)
        self.times.append(t)
        if was_last:
            self.index = len(self.frames) - 1

    def seek(self, index: int) -> bool:
        """Go to that frame or the nearest; whether that changed anything."""
        wanted = max(0, min(index, len(self.frames) - 1))
        moved, self.index = wanted != self.index, wanted
        return moved

    @property
    def time(self) -> float:
        """Of the frame shown."""
        return self.times[self.index] if self.times else 1.0

    def shown(self) -> Array | None:
        """The frame (n, 2) to draw, None without a film."""
        return self.frames[self.index] if self.frames else None
