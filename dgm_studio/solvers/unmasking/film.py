"""A token film: every step of a restoration kept, so that it can be looked at otherwise, and branched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.errors import Refused
from dgm_studio.core.unmasking import TokenStep, Unmasking
from dgm_studio.solvers.unmasking.chains import Chain, chain_of, hole
from dgm_studio.solvers.unmasking.model import TokenModel
from dgm_studio.solvers.unmasking.moment import Change, Moment, Pick
from dgm_studio.solvers.unmasking.network import Network
from dgm_studio.solvers.unmasking.reading import Reading
from dgm_studio.solvers.unmasking.uniform_chain import UniformChain

KEPT = 256 * 2**20
"""Bytes of logits that a film keeps; of older steps they are asked of the network again."""


class TokenFilm:
    """The reverse chain of one window, step by step; the same arguments give the same film.

    `start` (L,) int64 are the ids, `locked` (L,) bool those that never change; every other position is written anew,
    whatever stands there. All draws come from a generator of `seed`.
    """

    def __init__(self, model: TokenModel, settings: Unmasking, start: Tensor, locked: Tensor, seed: int) -> None:
        self.network = Network(model)
        self.settings = settings
        self._generator = torch.Generator().manual_seed(seed)
        gaps = (~locked).nonzero()[:, 0]
        self.chain, note = chain_of(self.network, settings, gaps, len(start))
        ids = torch.where(locked, start, hole(self.network))
        if isinstance(self.chain, UniformChain):
            ids[gaps] = self.chain.noise(len(gaps), self._generator)
        self.moments = [self._first(ids, locked, note)]
        self._kept = 0

    @classmethod
    def continued(cls, network: Network, settings: Unmasking, chain: Chain, moments: list[Moment]) -> TokenFilm:
        """A film that has these moments and goes on from the last of them."""
        film = cls.__new__(cls)
        film.network, film.settings, film.chain = network, settings, chain
        film.moments = moments
        film._generator = torch.Generator()
        film._generator.set_state(moments[-1].generator)
        film._kept = sum(one.rows.nbytes for one in moments if one.rows is not None)
        return film

    @property
    def now(self) -> Moment:
        """The newest."""
        return self.moments[-1]

    @property
    def steps(self) -> tuple[TokenStep, ...]:
        """What was told so far, from step 0."""
        return tuple(one.told for one in self.moments)

    @property
    def most(self) -> int:
        """The number of the last step, if none ends it early."""
        return self.now.told.step + self.chain.left(self.now)

    def walk(self) -> Iterator[TokenStep]:
        """All steps to come; Refused in the order "manual" while masks are left."""
        while (told := self.advance()) is not None:
            yield told

    def advance(self, pick: Pick | None = None) -> TokenStep | None:
        """One step more, None at the end; `pick` chooses the position in the order "manual", and only there."""
        if pick is not None and not self.chain.by_hand:
            raise Refused("The order chooses the position itself. Set it to By hand, or branch with a forced token.")
        change = self.chain.next(self.now, self.network, self._generator, pick)
        if change is None:
            return None
        self._keep(self._after(change))
        return self.now.told

    def restate(self, step: int, view: Unmasking) -> TokenStep:
        """What was told of a step, with probability, entropy and candidates as temperature, top-k and top-p of `view`
        show them, from kept logits."""
        moment = self.moments[step]
        return replace(moment.told, **read_arrays(self.read(moment, view)))

    def read(self, moment: Moment, view: Unmasking) -> Reading:
        """The reading of a moment of this film as `view` shows it."""
        reading, standing = moment.reading, self._standing(moment.ids)
        asked = (moment.since >= 0).nonzero()[:, 0]
        if len(asked) == 0:
            return reading
        rows = {since: self._rows(since) for since in set(moment.since[asked].tolist())}
        own = [
            rows[since][int(torch.searchsorted(self.moments[since].asked, position))]
            for position, since in zip(asked.tolist(), moment.since[asked].tolist(), strict=True)
        ]
        return reading.at(asked, torch.stack(own), standing[asked], view)

    def _first(self, ids: Tensor, locked: Tensor, note: str) -> Moment:
        nothing = torch.empty(0, dtype=torch.int64)
        reading = Reading.of_given(ids, locked)
        if bool(locked.all()):
            note = "Every position is locked: there is nothing to restore."
        told = TokenStep(
            step=0, ids=as_ids(ids), mask_rate=1.0 if bool((~locked).any()) else 0.0, revealed=as_ids(nothing),
            remasked=as_ids(nothing), calls=0, note=note, **read_arrays(reading),
        )  # fmt: skip
        since = torch.full_like(ids, -1)
        state = self._generator.get_state()
        return Moment(ids, locked, 0, 0, state, locked.double(), since, nothing, None, reading, told)

    def _after(self, change: Change) -> Moment:
        before, number = self.now, len(self.moments)
        since = before.since.index_fill(0, change.asked, number)
        standing = self._standing(change.ids)
        reading = before.reading.at(change.asked, change.rows, standing[change.asked], self.settings)
        reading = reading.masked_again(change.remasked)
        told = TokenStep(
            step=number,
            ids=as_ids(change.ids),
            mask_rate=self.rate(change.ids, before.locked) if change.share is None else change.share,
            revealed=as_ids(change.revealed),
            remasked=as_ids(change.remasked),
            calls=before.told.calls + change.called,
            note=change.note,
            **read_arrays(reading),
        )
        return Moment(
            ids=change.ids,
            locked=before.locked,
            stage=change.stage,
            local=change.local,
            generator=self._generator.get_state(),
            certainty=_certainty(before.certainty, change),
            since=since,
            asked=change.asked,
            rows=change.rows,
            reading=reading,
            told=told,
        )

    def rate(self, ids: Tensor, locked: Tensor) -> float:
        """The share of unlocked positions that are still to be written."""
        free = int((~locked).sum())
        return int(((ids == hole(self.network)) & ~locked).sum()) / max(1, free)

    def _standing(self, ids: Tensor) -> Tensor:
        return torch.where(ids == hole(self.network), -1, ids)

    def _keep(self, moment: Moment) -> None:
        self.moments.append(moment)
        self._kept += 0 if moment.rows is None else moment.rows.nbytes
        for index, old in enumerate(self.moments):
            if self._kept <= KEPT:
                return
            if old.rows is not None:
                self._kept -= old.rows.nbytes
                self.moments[index] = replace(old, rows=None)

    def _rows(self, step: int) -> Tensor:
        moment = self.moments[step]
        if moment.rows is not None:
            return moment.rows
        return self.chain.asked(self.moments[step - 1], self.network)[moment.asked]


def _certainty(before: Tensor, change: Change) -> Tensor:
    """With what the network gave each revealed token before temperature."""
    log_p = change.rows.float().log_softmax(-1)
    rows = torch.searchsorted(change.asked, change.revealed)
    p = log_p[rows].gather(-1, change.ids[change.revealed][:, None])[:, 0].exp()
    return before.index_copy(0, change.revealed, p.double())


def as_ids(ids: Tensor) -> Array:
    """Ids or positions as read-only int64."""
    return frozen(ids.numpy().copy())


def read_arrays(reading: Reading) -> dict[str, Any]:
    """What a step tells of a reading, as read-only arrays."""
    return {
        "probability": frozen(reading.probability.numpy()),
        "entropy": frozen(reading.entropy.numpy()),
        "top_ids": frozen(reading.top_ids.numpy()),
        "top_probabilities": frozen(reading.top_probabilities.numpy()),
    }
