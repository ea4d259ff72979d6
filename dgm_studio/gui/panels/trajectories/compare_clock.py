"""One clock over several films: every frame of each is one of its moments, and each film shows what it then has."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from dgm_studio.core.arrays import Array

SAME = 9
"""Digits after which two times are one."""


def clock_of(times: Sequence[float]) -> Array:
    """When each frame of one film begins to be shown (F,), strictly rising; `times` never fall.

    A chain stays at one time for many frames: those share the way to the next time evenly. Where there is no next time
    they share that to the end of the clock, at the end itself half the way from the time before, and the whole clock
    where the time never changes.
    """
    given = np.asarray(times, dtype=np.float64)
    fresh = np.flatnonzero(np.r_[True, np.diff(given) > 0])[: len(given)]
    if len(fresh) == 1:
        return np.linspace(0.0, 1.0, len(given)) if len(given) > 1 else given
    starts, last = given[fresh], len(given) - fresh[-1]
    if last > 1 and starts[-1] >= 1.0:
        starts[-1] = (starts[-2] + starts[-1]) / 2
    out = np.empty(len(given))
    for (first, end), (start, stop) in zip(pairwise([*fresh, len(given)]), pairwise([*starts, 1.0]), strict=True):
        out[first:end] = np.linspace(start, stop, end - first, endpoint=bool(first == fresh[-1] and last > 1))
    return out


def moments(clocks: Sequence[Array], until: float = np.inf) -> Array:
    """All times (k,) at which any of the films changes, up to `until`."""
    every = np.concatenate([*clocks, np.zeros(0)])
    return np.unique(np.round(every[every <= until + 10.0**-SAME], SAME))


def frame_at(clock: Array, time: float) -> int:
    """Which of a film's frames is shown then: the newest that has begun; -1 of a film without frames."""
    if not len(clock):
        return -1
    return max(0, int(np.searchsorted(clock, time + 2 * 10.0**-SAME, side="right")) - 1)
