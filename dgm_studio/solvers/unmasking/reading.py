"""What a step tells of each position: the token's probability, the entropy, the likeliest five."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from dgm_studio.core.unmasking import Unmasking
from dgm_studio.solvers.unmasking.choice import shaped
from dgm_studio.solvers.unmasking.orders import entropy

TOP = 5


class Reading(NamedTuple):
    """`probability` (L,), `entropy` (L,) in nats, `top_ids` (L, 5) and `top_probabilities` (L, 5); where nothing was
    asked yet 0, 0, -1 and 0. Never changed in place."""

    probability: Tensor
    entropy: Tensor
    top_ids: Tensor
    top_probabilities: Tensor

    @staticmethod
    def of_given(ids: Tensor, given: Tensor) -> Reading:
        """Of ids (L,) of which those `given` (L,) are certain and the others not yet asked."""
        length = len(ids)
        sure = given.to(torch.float32)
        top_ids = torch.full((length, TOP), -1, dtype=torch.int64)
        top_ids[:, 0] = torch.where(given, ids, -1)
        top = torch.zeros((length, TOP))
        top[:, 0] = sure
        return Reading(sure, torch.zeros(length), top_ids, top)

    def at(self, positions: Tensor, logits: Tensor, standing: Tensor, settings: Unmasking) -> Reading:
        """The reading with `positions` (m,) read anew from logits (m, V), of the tokens `standing` there (m,), -1
        where masked: the likeliest's probability is then told."""
        if len(positions) == 0:
            return self
        log_p = shaped(logits.float(), settings)
        p = log_p.exp()
        best, index = p.topk(min(TOP, p.shape[-1]), dim=-1)
        own = p.gather(-1, standing.clamp_min(0)[:, None])[:, 0]
        top_ids, top = self.top_ids.clone(), self.top_probabilities.clone()
        top_ids[positions], top[positions] = -1, 0.0
        top_ids[positions, : best.shape[-1]] = torch.where(best > 0, index, -1)
        top[positions, : best.shape[-1]] = best
        return Reading(
            probability=self.probability.index_copy(0, positions, torch.where(standing < 0, best[:, 0], own)),
            entropy=self.entropy.index_copy(0, positions, entropy(log_p)),
            top_ids=top_ids,
            top_probabilities=top,
        )

    def masked_again(self, positions: Tensor) -> Reading:
        """At `positions`, which are masked now, the probability is that of the likeliest; all else as last asked."""
        return self._replace(
            probability=self.probability.index_copy(0, positions, self.top_probabilities[positions, 0])
        )
