"""Films: every frame of a trajectory from noise (t = 0) to data (t = 1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array, frozen

MOST_BYTES = 256 * 2**20
"""A film is kept whole, so that it can be scrubbed both ways; one that would need more is refused before it begins."""


def film_bytes(frames: int, count: int, dim: int, *, clean: bool) -> int:
    """Memory in bytes of float32 frames of `count` points of `dim` axes, twice that with predicted clean points."""
    return 4 * frames * count * dim * (2 if clean else 1)


@dataclass(frozen=True)
class Frame:
    """One state: time t, points x (n, d), predicted clean points x1_hat (n, d) or None, evaluations so far.

    `label` is the lecture's own clock where it has one, e.g. "DDPM step 180 of 1000".
    """

    t: float
    x: Array
    x1_hat: Array | None = None
    evaluations: int = 0
    label: str = ""

    @property
    def nbytes(self) -> int:
        """Memory of its arrays in bytes."""
        return self.x.nbytes + (self.x1_hat.nbytes if self.x1_hat is not None else 0)


@dataclass(frozen=True)
class Film:
    """All frames stacked: x (frames, n, d), t (frames,), x1_hat (frames, n, d) or None (NaN where a frame has none)."""

    x: Array
    t: Array
    x1_hat: Array | None
    evaluations: Array
    labels: tuple[str, ...]

    @staticmethod
    def of(frames: Iterable[Frame]) -> Film:
        """Stack frames of equal size."""
        kept = tuple(frames)
        blank = np.full_like(kept[0].x, np.nan)
        has_clean = any(frame.x1_hat is not None for frame in kept)
        clean = np.stack([blank if f.x1_hat is None else f.x1_hat for f in kept]) if has_clean else None
        return Film(
            x=frozen(np.stack([frame.x for frame in kept])),
            t=frozen(np.array([frame.t for frame in kept])),
            x1_hat=frozen(clean) if clean is not None else None,
            evaluations=frozen(np.array([frame.evaluations for frame in kept])),
            labels=tuple(frame.label for frame in kept),
        )
