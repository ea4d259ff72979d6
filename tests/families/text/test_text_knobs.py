"""The learning rate's course."""

from __future__ import annotations

from itertools import pairwise

import pytest

from dgm_studio.families.text.text_knobs import LEAST, TextTraining


def test_it_rises_falls_and_stays() -> None:
    own = TextTraining(learning_rate=1.0, warm_up=9, decay=1_000)
    rates = [own.rate(step) for step in range(2_000)]
    assert rates[0] == pytest.approx(0.1, abs=1e-4)
    assert rates[4] == pytest.approx(0.5, abs=1e-4)
    assert max(rates) == pytest.approx(1.0, abs=1e-3)
    assert rates[500] == pytest.approx((1 + LEAST) / 2)
    assert rates[1_000:] == [pytest.approx(LEAST)] * 1_000
    assert all(a >= b for a, b in pairwise(rates[10:]))


def test_without_warm_up_and_decay_it_is_the_knobs() -> None:
    own = TextTraining(learning_rate=0.5, warm_up=0, decay=0)
    assert {own.rate(step) for step in (0, 1, 10_000)} == {0.5}
