"""The time machine: keyframes of a training run, thinned so that its start is never forgotten, and its branches."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch

from dgm_studio.core.arrays import Array
from dgm_studio.core.recipe import Recipe
from dgm_studio.core.reports import BranchCard, History
from dgm_studio.data.source import Resolved
from dgm_studio.lab.picture_data import PictureData
from dgm_studio.lab.text_data import TextData

MEGABYTE = 2**20
LIMIT = 256
"""Megabytes that keyframes may take."""
MOST = 500
"""Keyframes of a branch: the track cannot show more, and the smallest models would fill the memory with millions."""
FIRST_INTERVAL = 20
"""Steps between keyframes until the machine is full for the first time."""

Losses = Mapping[str, tuple[Array, Array]]


@dataclass(frozen=True, eq=False)
class Keyframe:
    """A run at one moment: Fit.state() copied, the recipe with the edits made so far, and the data it learned from."""

    tensors: Mapping[str, torch.Tensor]
    meta: Mapping[str, Any]
    recipe: Recipe
    data: Resolved | TextData | PictureData

    @property
    def step(self) -> int:
        """Steps done."""
        return int(self.meta["step"])

    @cached_property
    def size(self) -> int:
        """Bytes of its tensors; asked for again and again, so it is counted once."""
        return sum(tensor.numel() * tensor.element_size() for tensor in self.tensors.values())


@dataclass(eq=False)
class Branch:
    """One course of the run: its keyframes in order, where it forked off, and, once it was left, its end and losses."""

    forked: int = 0
    keyframes: list[Keyframe] = field(default_factory=list)
    end: Keyframe | None = None
    losses: Losses = field(default_factory=dict)


class TimeMachine:
    """Keeps a keyframe every `interval` steps. When `limit` megabytes are full, or a branch holds MOST, every second is
    dropped and the interval doubles: what is kept stays evenly spread, from step 0 on."""

    def __init__(self, limit: float = LIMIT) -> None:
        self.limit = limit
        self.interval = FIRST_INTERVAL
        self.branches = [Branch()]
        self.here = 0
        self._bytes = 0

    @property
    def branch(self) -> Branch:
        """The one that trains."""
        return self.branches[self.here]

    def due(self, step: int) -> bool:
        """Whether a keyframe belongs at this step of the present branch."""
        kept = self.branch.keyframes
        return step % self.interval == 0 and (not kept or kept[-1].step < step)

    def keep(self, keyframe: Keyframe) -> None:
        """One more at the end of the present branch."""
        self.branch.keyframes.append(keyframe)
        self._bytes += keyframe.size
        self._keep_within()

    def set_limit(self, megabytes: float) -> None:
        """Another limit, kept to at once."""
        self.limit = megabytes
        self._keep_within()

    def _keep_within(self) -> None:
        while self.full and self._thin():
            pass

    @property
    def full(self) -> bool:
        """Whether there is more than may be kept."""
        return len(self.branch.keyframes) > MOST or self.megabytes > self.limit

    @property
    def megabytes(self) -> float:
        """What the keyframes take; one that branches share counts once."""
        return self._bytes / MEGABYTE

    def _recount(self) -> None:
        held = {id(one): one.size for branch in self.branches for one in (*branch.keyframes, *_end(branch))}
        self._bytes = sum(held.values())

    def nearest(self, step: int) -> Keyframe | None:
        """The present branch's newest keyframe that is not after `step`."""
        kept = self.branch.keyframes
        place = bisect_right([one.step for one in kept], step)
        return kept[place - 1] if place else None

    def fork(self, at: Keyframe, end: Keyframe, losses: Losses) -> None:
        """A new branch from `at`; the present one is left at `end`."""
        self._leave(end, losses)
        kept = [one for one in self.branch.keyframes if one.step <= at.step]
        self.branches.append(Branch(at.step, kept))
        self.here = len(self.branches) - 1
        self._recount()

    def switch(self, index: int, end: Keyframe, losses: Losses) -> Branch:
        """Leave the present branch at `end` for another, whose end is where to go on."""
        self._leave(end, losses)
        self.here = index
        self._recount()
        return self.branch

    def forget_after(self, step: int) -> None:
        """The run went back to `step`: what came after it on this branch never was."""
        self.branch.keyframes = [one for one in self.branch.keyframes if one.step <= step]
        self._recount()

    def history(self, viewing: int | None, end: int, *, ghosts: Losses | None = None) -> History:
        """What the window shows of it; `end` is the present step of the present branch."""
        cards = tuple(
            BranchCard(one.forked, end if index == self.here or one.end is None else one.end.step)
            for index, one in enumerate(self.branches)
        )
        steps = tuple(one.step for one in self.branch.keyframes)
        return History(steps, self.megabytes, self.limit, viewing, cards, self.here, ghosts)

    def left(self) -> tuple[tuple[int, Keyframe], ...]:
        """The other branches' numbers and ends."""
        return tuple(
            (index, one.end) for index, one in enumerate(self.branches) if index != self.here and one.end is not None
        )

    def ghosts(self) -> Losses:
        """The other branches' losses, named by branch."""
        return {
            f"{name}, branch {index + 1}": curve
            for index, branch in enumerate(self.branches)
            if index != self.here
            for name, curve in branch.losses.items()
        }

    def _leave(self, end: Keyframe, losses: Losses) -> None:
        self.branch.end, self.branch.losses = end, losses

    def _thin(self) -> bool:
        """Drop every second keyframe; False if there is nothing left to drop."""
        before = sum(len(branch.keyframes) for branch in self.branches)
        self.interval *= 2
        for branch in self.branches:
            branch.keyframes = [one for one in branch.keyframes if one.step % self.interval == 0]
        self._recount()
        return sum(len(branch.keyframes) for branch in self.branches) < before or before > len(self.branches)


def _end(branch: Branch) -> tuple[Keyframe, ...]:
    return (branch.end,) if branch.end is not None else ()
