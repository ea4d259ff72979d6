"""Making films in tests."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from dgm_studio.core.unmasking import TokenStep, Unmasking
from dgm_studio.solvers.unmasking import TokenFilm, TokenModel


def settings(**values: Any) -> Unmasking:
    """Temperature 1 unless told otherwise."""
    return Unmasking(**{"temperature": 1.0, **values})


def film(
    model: TokenModel, own: Unmasking, length: int, locked: dict[int, int] | None = None, seed: int = 0
) -> TokenFilm:
    """A film of `length` positions of which some are locked to tokens."""
    start, held = torch.zeros(length, dtype=torch.int64), torch.zeros(length, dtype=torch.bool)
    for position, token in (locked or {}).items():
        start[position], held[position] = token, True
    return TokenFilm(model, own, start, held, seed)


def walked(one: TokenFilm) -> TokenFilm:
    """The film to its end; by hand, from the right."""
    from dgm_studio.solvers.unmasking.moment import Pick

    if one.chain.by_hand:
        while one.now.told.mask_rate > 0:
            one.advance(Pick(int(np.flatnonzero(one.now.told.ids == one.network.model.mask)[-1])))
    for _ in one.walk():
        pass
    return one


def same(one: TokenStep, other: TokenStep) -> bool:
    """Bit for bit."""
    mine, theirs = vars(one), vars(other)
    return all(
        np.array_equal(mine[name], theirs[name]) if isinstance(mine[name], np.ndarray) else mine[name] == theirs[name]
        for name in mine
    )
