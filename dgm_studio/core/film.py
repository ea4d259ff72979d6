"""Films: every frame of a trajectory from noise (t = 0) to data (t = 1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array, frozen

MOST_BYTES = 256 * 2**20
"""A film is kept in memory, so that it can be scrubbed both ways; of one that would need more only every k-th frame is
kept, and both ends."""

STEPPED = 300
"""Particles whose step is kept as drift and noise: as many as can be told apart as arrows."""


STEPS, JUMP = "steps", "jump"
FORWARD_WAYS = (STEPS, JUMP)
"""How a forward film carries data to noise: by the forward SDE's steps, each with fresh noise, or by jumping to each t
from the datum with one and the same noise, x_t = a(t) x_1 + s(t) x_0."""


def film_bytes(frames: int, count: int, dim: int, *, clean: bool, velocity: bool = False) -> int:
    """Memory in bytes of float32 frames of `count` points of `dim` axes, as much again for predicted clean points, and
    for velocities, with which STEPPED drifts may come."""
    rows = count * (1 + clean + velocity) + (min(count, STEPPED) if velocity else 0)
    return 4 * frames * rows * dim


def thinning(frames: int, frame_bytes: int) -> int:
    """k such that of `frames` every k-th and the last take at most MOST_BYTES, 1 where all do; 0 where not even two
    do."""
    room = MOST_BYTES // max(1, frame_bytes)
    if frames <= room:
        return 1
    return -(-(frames - 1) // (room - 1)) if room > 1 else 0


def kept_frames(frames: int, every: int) -> int:
    """How many of `frames` are kept where every `every`-th is, and the last."""
    return 1 + -(-(frames - 1) // every)


@dataclass(frozen=True)
class Frame:
    """One state: time t, points x (n, d), predicted clean points x1_hat (n, d) or None, evaluations so far.

    `label` is the lecture's own clock where it has one, e.g. "DDPM step 180 of 1000". `velocity` (n, d) is the field at
    x where it came at no extra evaluation. `drift` (k, d) is, of an SDE's step to the next frame, the part that is not
    noise, for the first k particles: the rest of their move is noise.
    """

    t: float
    x: Array
    x1_hat: Array | None = None
    evaluations: int = 0
    label: str = ""
    velocity: Array | None = None
    drift: Array | None = None

    @property
    def nbytes(self) -> int:
        """Memory of its arrays in bytes."""
        return sum(one.nbytes for one in (self.x, self.x1_hat, self.velocity, self.drift) if one is not None)


@dataclass(frozen=True)
class Film:
    """All frames stacked: x (frames, n, d), t (frames,), x1_hat and velocity (frames, n, d) or None (NaN where a frame
    has none)."""

    x: Array
    t: Array
    x1_hat: Array | None
    evaluations: Array
    labels: tuple[str, ...]
    velocity: Array | None = None

    @staticmethod
    def of(frames: Iterable[Frame]) -> Film:
        """Stack frames of equal size."""
        kept = tuple(frames)
        return Film(
            x=frozen(np.stack([frame.x for frame in kept])),
            t=frozen(np.array([frame.t for frame in kept])),
            x1_hat=_stacked([frame.x1_hat for frame in kept], kept[0].x),
            evaluations=frozen(np.array([frame.evaluations for frame in kept])),
            labels=tuple(frame.label for frame in kept),
            velocity=_stacked([frame.velocity for frame in kept], kept[0].x),
        )


def _stacked(parts: list[Array | None], like: Array) -> Array | None:
    """(frames, n, d), NaN where a frame has none; None where all have none."""
    if all(part is None for part in parts):
        return None
    blank = np.full_like(like, np.nan)
    return frozen(np.stack([blank if part is None else part for part in parts]))
