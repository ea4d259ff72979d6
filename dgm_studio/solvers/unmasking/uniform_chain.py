"""The uniform chain backwards: random tokens become text."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from dgm_studio.core.unmasking import Unmasking
from dgm_studio.paths.categorical.uniform import Uniform
from dgm_studio.solvers.unmasking.choice import gumbel_max, shaped
from dgm_studio.solvers.unmasking.moment import Change, Moment, Pick
from dgm_studio.solvers.unmasking.network import Network
from dgm_studio.solvers.unmasking.pace import masked_share


@dataclass(frozen=True, eq=False)
class UniformChain:
    """p(x_s | x_t) = sum over x_0 of q(x_s | x_t, x_0) p(x_0 | x_t), p the network's after temperature, top-k and
    top-p: a clean token is drawn, then the step before from its posterior. `real` are the ids (K,) of tokens.

    Putting p itself in x_0's place in the posterior (Austin et al., 2021, equation 4) leaves out that q(x_t | x_0)
    depends on x_0: with the exact p it does not end in the data.
    """

    settings: Unmasking
    steps: int
    real: Tensor

    by_hand = False

    def left(self, now: Moment) -> int:
        """Steps to come."""
        return self.steps - now.local

    def noise(self, count: int, generator: torch.Generator) -> Tensor:
        """Tokens (count,) of the chain's limit."""
        return self.real[torch.randint(len(self.real), (count,), generator=generator)]

    def next(self, now: Moment, network: Network, generator: torch.Generator, pick: Pick | None) -> Change | None:
        """One step on from `now`, None at the end. Every free position is asked, and may change."""
        if now.local >= self.steps:
            return None
        free = (~now.locked).nonzero()[:, 0]
        kept = [1 - masked_share(self.settings.pace, now.local + one, self.steps) for one in (1, 0)]
        chain = Uniform(len(self.real), torch.tensor([1.0, *kept], dtype=torch.float64))
        rows = self.asked(now, network)[free]
        clean = gumbel_max(shaped(rows.float(), self.settings)[:, self.real], generator)
        here = torch.searchsorted(self.real, now.ids[free])
        p = chain.posterior(here, chain.one_hot(clean), torch.tensor(2))
        ids = now.ids.clone()
        ids[free] = self.real[gumbel_max(p.log(), generator)]
        return Change(
            ids=ids,
            revealed=(ids != now.ids).nonzero()[:, 0],
            remasked=free[:0],
            asked=free,
            rows=rows,
            stage=0,
            local=now.local + 1,
            share=1 - kept[0],
        )

    def question(self, now: Moment) -> tuple[Tensor, float] | None:
        """Ids (L,) and noised share that the network is asked about for the step from `now`, None at the end."""
        return self._question(now) if now.local < self.steps else None

    def asked(self, now: Moment, network: Network) -> Tensor:
        """The logits (L, V) that the step from `now` is made by."""
        return network.logits(*self._question(now))

    def _question(self, now: Moment) -> tuple[Tensor, float]:
        return now.ids, masked_share(self.settings.pace, now.local, self.steps)
