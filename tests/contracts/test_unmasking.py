"""Claims over every order with every re-masking and block length, on a tiny model."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from dgm_studio.core.unmasking import ORDERS, PACES, REMASKING, Unmasking
from tests.solvers.unmasking.films import film, walked
from tests.solvers.unmasking.tabular import chain


@pytest.mark.parametrize("block", [0, 1, 4, 12])
@pytest.mark.parametrize("remasking", [one.id for one in REMASKING])
@pytest.mark.parametrize("order", [one.id for one in ORDERS])
def test_every_film_ends_whole_and_keeps_its_books(order: str, remasking: str, block: int) -> None:
    for pace in (one.id for one in PACES):
        own = Unmasking(order=order, remasking=remasking, block=block, pace=pace, steps=10, eta=0.3, worst=2)
        one = film(chain(), own, 12, {4: 2})
        most = one.most
        told = walked(one).steps
        assert told[-1].mask_rate == 0
        assert len(told) - 1 <= most
        mask = 5
        for before, after in pairwise(told):
            changed = np.flatnonzero(before.ids != after.ids)
            assert sorted([*after.revealed, *after.remasked]) == changed.tolist()
            assert (after.ids[after.remasked] == mask).all()
            assert (before.ids[after.revealed] == mask).all()
            free = np.arange(12) != 4
            assert after.mask_rate == pytest.approx((after.ids[free] == mask).mean())
            assert after.step == before.step + 1
            assert 0 <= after.calls - before.calls <= 1
            assert after.top_probabilities.shape == (12, 5)
            assert np.isfinite(after.entropy).all()
            assert ((after.probability >= 0) & (after.probability <= 1 + 1e-6)).all()
        # Threshold and entropy bound mask again only what they are ahead of the schedule: perhaps nothing.
        if remasking == "worst" and block != 1 and order not in ("manual", "threshold", "entropy-bound"):
            assert any(len(one.remasked) for one in told), "worst masks something again"
