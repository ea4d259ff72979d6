"""An autoregressive model writes left to right, whatever the order."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from dgm_studio.core.unmasking import Unmasking
from dgm_studio.solvers.unmasking.choice import gumbel_max, shaped
from dgm_studio.solvers.unmasking.moment import Change, Moment, Pick
from dgm_studio.solvers.unmasking.network import Network

UNWRITTEN = -1
"""The id of a position that is not yet written: the model knows no mask."""


@dataclass(frozen=True)
class WrittenChain:
    """p(x) = product over i of p(x_i | x_1, ..., x_{i-1}): one token and one call a step."""

    settings: Unmasking

    by_hand = False

    def left(self, now: Moment) -> int:
        """Steps to come."""
        return int((now.ids == UNWRITTEN).sum())

    def next(self, now: Moment, network: Network, generator: torch.Generator, pick: Pick | None) -> Change | None:
        """The first position that is not written, None at the end."""
        left = (now.ids == UNWRITTEN).nonzero()[:, 0]
        if len(left) == 0:
            return None
        first = left[:1]
        rows = self.asked(now, network)[first]
        ids = now.ids.clone()
        ids[first] = gumbel_max(shaped(rows.float(), self.settings), generator)
        return Change(ids=ids, revealed=first, remasked=first[:0], asked=first, rows=rows, stage=0, local=now.local + 1)

    def question(self, now: Moment) -> tuple[Tensor, float] | None:
        """Ids (L',) and noised share that the network is asked about for the step from `now`, None at the end."""
        return self._question(now) if self.left(now) else None

    def asked(self, now: Moment, network: Network) -> Tensor:
        """The logits (L', V) that the step from `now` is made by, up to the place that is written."""
        return network.logits(*self._question(now))

    def _question(self, now: Moment) -> tuple[Tensor, float]:
        # Row i sees only what stands before i: what comes after the place that is written next need not be read.
        first = int((now.ids == UNWRITTEN).to(torch.uint8).argmax())
        return now.ids[: first + 1].clamp_min(0), 0.0
