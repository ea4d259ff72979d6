"""The window's record of a token film: every step as it came, and since when each token has stood where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.unmasking import TokenFilmReport, TokenStep

WRITTEN = {"↵": "\n", "␣": " ", "⇥": "\t"}
"""White space as it is drawn in a cell, and as it is written."""
MASKED, LOCKED, AGAIN, NEW, PLACED = "masked", "locked", "masked again", "new in this step", "revealed"


@dataclass(frozen=True, eq=False)
class Moment:
    """What stands where after one step. `since` (L,) is the step at which the token came to stand there (-1 while it is
    masked, -2 where it is locked), `again` (L,) the step at which it was last masked again (-1: never)."""

    at: TokenStep
    since: Array
    again: Array


class TokenFilm:
    """Steps in order, from the start (no network call yet). Nothing of it is ever changed, only added to."""

    def __init__(self, report: TokenFilmReport, before: Iterable[Moment] = ()) -> None:
        """`before` are the moments that a branch shares with the film it was forked from."""
        self.report = report
        self.moments: list[Moment] = list(before)
        self.locked = frozen(np.array(report.locked, dtype=bool))
        """Which positions never change (L,)."""
        self.final: Array = np.empty(0, dtype=np.int64)

    def add(self, step: TokenStep) -> None:
        """One more step; one that is there already (the step a branch was forked at) takes its place."""
        while self.moments and self.moments[-1].at.step >= step.step:
            self.moments.pop()
        masked = self.masked(step)
        if self.moments:
            before = self.moments[-1]
            since, again = before.since.copy(), before.again.copy()
            changed = before.at.ids != step.ids
            changed[np.asarray(step.revealed, dtype=np.int64)] = True
        else:
            since, again = np.full(self.length, -1), np.full(self.length, -1)
            changed = ~masked
        since[changed] = step.step
        since[masked] = -1
        since[self.locked] = -2
        back = np.asarray(step.remasked, dtype=np.int64)
        again[back[masked[back]]] = step.step
        again[~masked] = -1
        self.moments.append(Moment(step, frozen(since), frozen(again)))
        self.final = np.asarray(step.ids)

    @property
    def length(self) -> int:
        """L, the positions."""
        return len(self.report.locked)

    @property
    def shape(self) -> tuple[int, int]:
        """(moments, L)."""
        return len(self.moments), self.length

    def masked(self, step: TokenStep) -> Array:
        """Which positions are masked after a step (L,)."""
        return np.asarray(np.asarray(step.ids) == self.report.mask)

    def word(self, token: int) -> str:
        """A token as it is shown; masks, and what was not asked yet (-1), are blanks."""
        return "" if token < 0 or token == self.report.mask else self.report.words[token]

    def state(self, index: int, position: int) -> str:
        """What a position is after the step at `index`: MASKED, LOCKED, AGAIN, NEW or PLACED."""
        moment = self.moments[index]
        if self.locked[position]:
            return LOCKED
        if moment.since[position] < 0:
            return AGAIN if moment.again[position] == moment.at.step else MASKED
        return NEW if moment.since[position] == moment.at.step and moment.at.step > 0 else PLACED

    @property
    def gaps(self) -> int:
        """How many tokens were masked at the start."""
        return int((self.moments[0].since == -1).sum())

    def revealed(self, index: int) -> int:
        """How many of those that were masked at the start stand after the step at `index`."""
        return int(((self.moments[0].since == -1) & (self.moments[index].since != -1)).sum())

    def text(self, index: int) -> str:
        """The words after the step at `index` as one would write them; ___ where one is masked."""
        glue, ids = np.asarray(self.report.glue, dtype=bool), np.asarray(self.moments[index].at.ids)
        parts = []
        for place, token in enumerate(ids.tolist()):
            hidden = token == self.report.mask
            parts.append(" " if place and (hidden or not glue[token]) else "")
            parts.append("___" if hidden else WRITTEN.get(self.report.words[token], self.report.words[token]))
        return "".join(parts).replace("\n ", "\n").strip()

    def masks_left(self) -> Array:
        """The share of unlocked positions that are masked, by moment."""
        return np.array([moment.at.mask_rate for moment in self.moments])

    def since_map(self) -> Array:
        """`since` of every moment (moments, L)."""
        return np.stack([moment.since for moment in self.moments])

    def again_map(self) -> Array:
        """Where a token was masked again in that very step (moments, L)."""
        return np.stack([moment.again == moment.at.step for moment in self.moments])

    def entropy_map(self) -> Array:
        """Entropies in nats of the network's distributions (moments, L)."""
        return np.stack([moment.at.entropy for moment in self.moments])
