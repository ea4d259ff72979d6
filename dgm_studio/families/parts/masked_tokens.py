"""Masked diffusion over windows of tokens: its losses, whatever network restores the masks (lecture 14)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from dgm_studio.core.knobs import Choice
from dgm_studio.families.parts.token_costs import SHARES, spread, summed
from dgm_studio.paths.categorical.continuous_bound import (
    antithetic_times,
    bound_weight,
    mask_at_rates,
    mask_counted,
    masked_bound,
)
from dgm_studio.paths.categorical.schedules import noised_rate

EVEN, BOUND = "even", "bound"
WEIGHTINGS = (
    Choice(EVEN, "Every mask the same", "Every masked token counts alike: less noise, and faster to learn."),
    Choice(BOUND, "The bound's, 1/λ", "-α' / (1 - α), which makes the loss MDLM's bound on -log p."),
)


class MaskedLosses(NamedTuple):
    """Nats per token: `even`, in which all masks count alike (as MaskGIT, Chang et al., 2022), the bound, and the
    cross-entropy of a mask."""

    even: Tensor
    bound: Tensor
    cross_entropy: Tensor


@dataclass(frozen=True)
class MaskedTokens:
    """-log p(x_0) <= E_u (-alpha' / (1 - alpha)) sum over masks of -log p(x_0^i | x_t) (Sahoo et al., 2024).

    `features` maps ids (n, L) with masks to (n, L, d), `nats` maps features and targets (m,) to -log p (m,); `mask` is
    the id that says "masked". Ids below 0 are holes: seen as masks and never a target.
    """

    features: Callable[[Tensor], Tensor]
    nats: Callable[[Tensor, Tensor], Tensor]
    mask: int

    def held(self, ids: Tensor) -> Tensor:
        """Ids with masks in the holes."""
        return torch.where(ids < 0, self.mask, ids)

    def restored(self, x_t: Tensor, ids: Tensor) -> tuple[Tensor, Tensor]:
        """-log p (m,) at the masked known positions, and where those are (n, L): only they are read out."""
        masked = (x_t == self.mask) & (ids >= 0)
        return self.nats(self.features(x_t)[masked], ids[masked]), masked

    def losses(self, ids: Tensor, schedule: str, generator: torch.Generator) -> MaskedLosses:
        """Of ids (n, L), masked at times spread evenly over the batch."""
        u = antithetic_times(len(ids), generator)
        x_t = mask_at_rates(self.held(ids), noised_rate(schedule, u), self.mask, generator)
        nats, masked = self.restored(x_t, ids)
        known = (ids >= 0).sum().clamp_min(1)
        bound = masked_bound(spread(nats, masked), masked, bound_weight(schedule, u)).sum() / known
        return MaskedLosses(2 * nats.sum() / known, bound, nats.detach().sum() / max(1, len(nats)))

    def judged(self, ids: Tensor, generator: torch.Generator) -> Mapping[str, Tensor]:
        """Sum and count (2,) of the cross-entropies of masks at 15, 50 and 85 % masked."""
        found = {}
        for share in SHARES:
            rates = torch.full((len(ids),), share, device=ids.device)
            nats, _ = self.restored(mask_at_rates(self.held(ids), rates, self.mask, generator), ids)
            found[f"{share:.0%} masked"] = summed(nats)
        return found

    def bound(self, ids: Tensor, generator: torch.Generator) -> Tensor:
        """One draw of -ELBO (n,), nats a window."""
        x_t, weight = mask_counted(self.held(ids), self.mask, generator)
        nats, masked = self.restored(x_t, ids)
        return masked_bound(spread(nats, masked), masked, weight)
