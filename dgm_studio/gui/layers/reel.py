"""A reel: the frames of a film of particles, one of which is shown."""

from __future__ import annotations

from collections.abc import Iterable

from dgm_studio.core.arrays import Array


class Reel:
    """Frames [(n, 2)] in model units. A film that grows is followed while its last frame is the one shown."""

    def __init__(self) -> None:
        self.frames: list[Array] = []
        self.index = 0

    def replace(self, frames: Iterable[Array], *, follow: bool) -> None:
        """Another film (F, n, 2): with `follow` on its last frame, else on the frame number shown before."""
        was_last = self.index >= len(self.frames) - 1
        self.frames = list(frames)
        self.seek(len(self.frames) - 1 if follow or was_last else self.index)

    def append(self, frame: Array) -> None:
        """One more frame (n, 2), streamed while integrating."""
        was_last = self.index >= len(self.frames) - 1
        self.frames.append(frame)
        if was_last:
            self.index = len(self.frames) - 1

    def seek(self, index: int) -> bool:
        """Go to that frame or the nearest; whether that changed anything."""
        wanted = max(0, min(index, len(self.frames) - 1))
        moved, self.index = wanted != self.index, wanted
        return moved

    def shown(self) -> Array | None:
        """The frame (n, 2) to draw, None without a film."""
        return self.frames[self.index] if self.frames else None
