"""The absorbing chain backwards: masks are lifted, and where that is wished tokens are masked again."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from dgm_studio.core.errors import Refused
from dgm_studio.core.unmasking import ENTROPY_BOUND, LOOP, MANUAL, NO_REMASK, THRESHOLD, WORST, Unmasking
from dgm_studio.solvers.unmasking.choice import gumbel_max, shaped
from dgm_studio.solvers.unmasking.moment import Change, Moment, Pick
from dgm_studio.solvers.unmasking.network import Network
from dgm_studio.solvers.unmasking.orders import chosen
from dgm_studio.solvers.unmasking.pace import masked_share
from dgm_studio.solvers.unmasking.remasking import again, lifting_rate, sigma
from dgm_studio.solvers.unmasking.stages import Stage

MANY = 3
"""So many tokens at once in a last step are nothing to speak of."""


@dataclass(frozen=True)
class MaskedChain:
    """In each step of a stage the network is asked once; masks are lifted by the order, tokens drawn from its logits,
    restored ones masked again, so that the share of masks follows the pace."""

    settings: Unmasking
    stages: tuple[Stage, ...]
    mask: int

    def left(self, now: Moment) -> int:
        """Most steps to come."""
        if self.by_hand:
            return int(((now.ids == self.mask) & ~now.locked).sum())
        place = self.place(now)
        return 0 if place is None else sum(stage.steps for stage in self.stages[place[0] :]) - place[1]

    @property
    def by_hand(self) -> bool:
        """Whether each step waits for a pick."""
        return self.settings.order == MANUAL

    def next(self, now: Moment, network: Network, generator: torch.Generator, pick: Pick | None) -> Change | None:
        """One step on from `now`, None at the end; Refused where the order is by hand and nothing was picked."""
        place = self.place(now)
        if place is None:
            return None
        index, local = place
        stage = self.stages[index]
        free = ~now.locked
        masked = (now.ids == self.mask) & free
        reach = masked[: stage.high].nonzero()[:, 0]
        rows = self.asked(now, network)[reach]
        log_p = rows.float().log_softmax(-1)
        before, after = (self._share(stage, local + one) for one in (0, 1))
        target = math.floor(stage.masks * after + 1e-9)
        restored = (~masked & free)[stage.low : stage.high].nonzero()[:, 0] + stage.low
        if self.by_hand:
            back, lifted = restored[:0], self._picked(pick, reach)
        else:
            certainty = now.certainty[restored]
            if self.settings.order in (THRESHOLD, ENTROPY_BOUND):
                # They lift as many as they please: only as many are masked again as the schedule then has to spare.
                lifted = self._lifted(stage, log_p, (before, after), restored[:0], certainty, target, generator)
                target = max(0, target - int((~lifted).sum()))
            back = restored[again(self.settings, certainty, before, after, target, generator)]
            if self.settings.order in (THRESHOLD, ENTROPY_BOUND):
                back = back[now.certainty[back].argsort(stable=True)[:target]].sort().values
            else:
                lifted = self._lifted(stage, log_p, (before, after), back, certainty, target, generator)
        drawn = gumbel_max(shaped(rows[lifted].float(), self.settings), generator)
        if self.by_hand and pick is not None and pick.token >= 0:
            drawn = torch.full_like(drawn, pick.token)
        ids = now.ids.clone()
        ids[reach[lifted]] = drawn
        ids[back] = self.mask
        return Change(
            ids=ids,
            revealed=reach[lifted],
            remasked=back,
            asked=reach,
            rows=rows,
            stage=index,
            local=local + 1,
            called=len(reach) > 0 and not now.still,
            note=self._note(stage, local, int(lifted.sum())),
        )

    def question(self, now: Moment) -> tuple[Tensor, float] | None:
        """Ids (L,) and noised share that the network is asked about for the step from `now`, None at the end."""
        return None if self.place(now) is None else self._question(now)

    def asked(self, now: Moment, network: Network) -> Tensor:
        """The logits (L, V) that the step from `now` is made by."""
        return network.logits(*self._question(now))

    def _question(self, now: Moment) -> tuple[Tensor, float]:
        return now.ids, float((now.ids == self.mask).double().mean())

    def place(self, now: Moment) -> tuple[int, int] | None:
        """The stage and the step in it that come next: stages with nothing left to do are passed over."""
        masked = (now.ids == self.mask) & ~now.locked
        if self.by_hand:
            return (0, now.local) if bool(masked.any()) and self.stages else None
        index, local = now.stage, now.local
        while index < len(self.stages):
            stage = self.stages[index]
            work = bool(masked[: stage.high].any()) or self.settings.remasking != NO_REMASK
            if local < stage.steps and work:
                return index, local
            index, local = index + 1, 0
        return None

    def _share(self, stage: Stage, local: int) -> float:
        return masked_share(self.settings.pace, local, stage.steps, self.settings.remasking == LOOP)

    def _lifted(
        self, stage: Stage, log_p: Tensor, shares: tuple[float, float], back: Tensor, certainty: Tensor, target: int,
        generator: torch.Generator,
    ) -> Tensor:  # fmt: skip
        before, after = shares
        masks = len(log_p)
        if after == 0 or masks == 0:
            return torch.ones(masks, dtype=torch.bool)
        if self.settings.remasking == WORST:
            remasked = len(back) / max(1, len(certainty))
        else:
            remasked = float(sigma(self.settings, certainty, before, after).mean()) if len(certainty) else 0.0
        least = 1 if self.settings.remasking == NO_REMASK else 0
        count = min(masks, max(least, masks + len(back) - target))
        return chosen(self.settings, log_p, count, lifting_rate(before, after, remasked), generator)

    def _picked(self, pick: Pick | None, reach: Tensor) -> Tensor:
        if pick is None:
            raise Refused("The order is by hand, and nothing was picked: click a masked position.")
        lifted = reach == pick.position
        if not bool(lifted.any()):
            raise Refused(f"Position {pick.position + 1} is not masked; pick one that is.")
        return lifted

    def _note(self, stage: Stage, local: int, lifted: int) -> str:
        usual = 1.0 if stage.steps == 1 else 1.5 * stage.masks / stage.steps
        if self.by_hand or local + 1 < stage.steps or lifted <= max(MANY, usual):
            return ""
        where = "The last step" if stage is self.stages[-1] else "The last step of this block"
        return f"{where} restores {lifted} tokens at once, none of them seeing the others."
