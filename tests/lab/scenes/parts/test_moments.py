"""Running moments against numpy over all values at once, and their intervals' coverage."""

from __future__ import annotations

import numpy as np
import pytest

from dgm_studio.lab.scenes.parts.moments import Moments


def test_batches_give_what_all_at_once_gives() -> None:
    rng = np.random.default_rng(0)
    values = 1e3 + rng.gamma(2.0, size=500)
    whole, parts = Moments(), Moments()
    whole.add(values)
    for part in np.split(values, (1, 4, 90, 91, 300)):
        parts.add(part)
    for moments in (whole, parts):
        assert moments.mean == pytest.approx(values.mean(), rel=1e-13)
        assert moments.variance == pytest.approx(values.var(ddof=1), rel=1e-10)
        assert moments.doubt == pytest.approx(1.959963984540054 * values.std(ddof=1) / np.sqrt(500), rel=1e-10)
    assert parts.variance_doubt == pytest.approx(whole.variance_doubt, rel=1e-9)


def test_intervals_hold_the_truth_nineteen_times_of_twenty() -> None:
    rng = np.random.default_rng(1)
    held = np.zeros(2)
    for _ in range(1_000):
        moments = Moments()
        moments.add(2.0 + 3.0 * rng.standard_normal(200))
        held += [abs(moments.mean - 2) <= moments.doubt, abs(moments.variance - 9) <= moments.variance_doubt]
    assert held.min() / 1_000 > 0.92
    assert held.max() / 1_000 < 0.98
