"""Words of pictures: their shape, and how bytes and the models' numbers stand to each other."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dgm_studio.core.arrays import Array


class PictureShape(NamedTuple):
    """What a family of pictures is built for: channels (1 grey, 3 RGB), pixels down and across, and how many classes
    its labels have (0: none)."""

    channels: int
    height: int
    width: int
    classes: int = 0

    @property
    def dim(self) -> int:
        """Columns of a flat picture."""
        return self.channels * self.height * self.width


def to_bytes(pictures: Array) -> Array:
    """Numbers in [-1, 1] to bytes 0 .. 255, rounded and clipped: round(127.5 (x + 1))."""
    return np.asarray(np.clip(np.rint(127.5 * (np.asarray(pictures) + 1.0)), 0, 255), dtype=np.uint8)


def from_bytes(pictures: Array) -> Array:
    """Bytes to float32 in [-1, 1]: x = byte / 127.5 - 1."""
    return np.asarray(pictures, dtype=np.float32) / np.float32(127.5) - np.float32(1.0)
