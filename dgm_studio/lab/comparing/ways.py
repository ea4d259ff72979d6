"""The ways of a film's particles, measured while it is made: how long, how straight they are, how much they turn."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.comparing import Estimated
from dgm_studio.lab.comparing.estimated import mean_of
from dgm_studio.solvers.solver import State


class Ways:
    """Hands on the states of `walk` as they are, and remembers: `seconds` spent in the walk itself, the first and the
    last state, the evaluations, and of every particle length and turning of its way."""

    def __init__(self, walk: Iterator[State]) -> None:
        self._walk = walk
        self.seconds = 0.0
        self.evaluations = 0
        self.times: list[float] = []
        self.first: Tensor | None = None
        self.last: Tensor | None = None
        self._step: Tensor | None = None
        self._length: Tensor | None = None
        self._turning: Tensor | None = None

    def __iter__(self) -> Iterator[State]:
        """The walk's states."""
        while True:
            begun = time.perf_counter()
            state = next(self._walk, None)
            self.seconds += time.perf_counter() - begun
            if state is None:
                return
            self._see(state)
            yield state

    def _see(self, state: State) -> None:
        self.evaluations = state.evaluations
        self.times.append(float(state.t))
        x = state.x.detach()
        if self.first is None or self.last is None or self.last.shape != x.shape:
            self.first, self.last = x.clone(), x.clone()
            self._length = self._turning = torch.zeros(len(x), dtype=x.dtype, device=x.device)
            return
        assert self._length is not None
        assert self._turning is not None
        step = x - self.last
        self._length = self._length + step.norm(dim=1)
        if self._step is not None:
            self._turning = self._turning + _angle(self._step, step)
        moved = (step != 0).any(1, keepdim=True)
        self._step = step if self._step is None else torch.where(moved, step, self._step)
        self.last = x.clone()

    def straightness(self) -> Estimated:
        """Distance over length, 1 of a straight way; of a particle that stays 1 too."""
        first, last, length = self._whole()
        distance = (last - first).norm(dim=1)
        return _mean(torch.where(length > 0, distance / torch.where(length > 0, length, 1), 1.0))

    def length(self) -> Estimated:
        """Of the ways, in model units."""
        return _mean(self._whole()[2])

    def curvature(self) -> Estimated:
        """The sum of the angles between steps over the length, in radians per model unit."""
        length = self._whole()[2]
        assert self._turning is not None
        return _mean(torch.where(length > 0, self._turning / torch.where(length > 0, length, 1), 0.0))

    def _whole(self) -> tuple[Tensor, Tensor, Tensor]:
        assert self.first is not None
        assert self.last is not None
        assert self._length is not None
        return self.first, self.last, self._length


def _angle(one: Tensor, other: Tensor) -> Tensor:
    """Between vectors (n, d), in [0, pi]; 0 where either is 0. By both halves' lengths, exact for small angles too
    (Kahan, 2006)."""
    size, its = one.norm(dim=1, keepdim=True), other.norm(dim=1, keepdim=True)
    scaled, to = its * one, size * other
    return 2 * torch.atan2((scaled - to).norm(dim=1), (scaled + to).norm(dim=1))


def _mean(values: Tensor) -> Estimated:
    return mean_of(np.asarray(values.double().cpu().numpy()))
