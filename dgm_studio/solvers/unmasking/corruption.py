"""Noise for one sentence that a time can be dragged through."""

from __future__ import annotations

import torch
from torch import Tensor

from dgm_studio.core.arrays import frozen
from dgm_studio.core.unmasking import Corruption
from dgm_studio.paths.categorical.schedules import SCHEDULES, keep_rates
from dgm_studio.solvers.unmasking.film import as_ids

GRID = 200
"""Intervals of the table of keep rates."""


def corruption(clean: Tensor, categories: int, mask: int, generator: torch.Generator) -> Corruption:
    """q(x_t | x_0) of the absorbing and of the uniform chain over `categories` tokens for ids `clean` (L,).

    One uniform variable a position for all times and both chains: a token is noised from the time on at which the keep
    rate falls below it, and stays what it became.
    """
    return Corruption(
        clean=as_ids(clean),
        threshold=frozen(torch.rand(len(clean), generator=generator, dtype=torch.float64).numpy()),
        noise=as_ids(torch.randint(categories, (len(clean),), generator=generator)),
        mask=mask,
        keep={one.id: frozen(keep_rates(one.id, GRID).flip(0).numpy()) for one in SCHEDULES},
    )
