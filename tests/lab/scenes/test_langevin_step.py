"""The step-size scene: ULA on its own law, MALA on p, and what is said when there is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dgm_studio.core.sketch import Reading, Sketch
from dgm_studio.lab.scenes.langevin_step import SIZES, Knobs, LangevinStep


def drawn(rounds: int, **knobs: Any) -> Sketch:
    scene = LangevinStep(Knobs(**knobs))
    for _ in range(rounds):
        for _ in scene.round():
            pass
    return scene.sketch()


def readings(sketch: Sketch) -> dict[str, Reading]:
    return {one.name: one for one in sketch.readings}


def near(one: Reading, doubts: float = 2.5) -> bool:
    assert one.value is not None
    assert one.doubt is not None
    assert one.exact is not None
    return abs(one.value - one.exact) < doubts * one.doubt


def test_each_kind_has_the_variance_that_is_known() -> None:
    found = readings(drawn(5, size=1.0, start=1.0))
    ula, mala = found["Variance, ULA"], found["Variance, MALA"]
    assert ula.exact == pytest.approx(1 / (1 - 1 / 4), rel=1e-8)
    assert mala.exact == 1.0
    assert near(ula)
    assert near(mala)
    assert near(found["Accepted by MALA"], 4)
    ess = found["ESS of 1,000 steps, ULA"]
    assert ess.exact == pytest.approx(1_000 / 3)
    assert ess.value == pytest.approx(ess.exact, rel=0.1)
    assert ula.value is not None
    assert mala.value is not None
    assert ula.value > 1.2 * mala.value


def test_histograms_follow_their_laws() -> None:
    sketch = drawn(3, target="uneven", size=0.4, steps=400)
    plot = sketch.plots[0]
    laws = {one.name: one for one in plot.lines}
    for bars, name in zip(plot.bars, ("ULA's own law", "Target p"), strict=True):
        middles = (bars.edges[1:] + bars.edges[:-1]) / 2
        own = np.interp(middles, laws[name].x, laws[name].y)
        width = bars.edges[1] - bars.edges[0]
        assert 0.5 * np.abs(bars.heights - own).sum() * width < 0.1
    apart = np.interp(middles, laws["ULA's own law"].x, laws["ULA's own law"].y)
    assert 0.5 * np.abs(apart - own).sum() * width > 0.2, "the bias is seen"


def test_the_memory_of_a_gaussian_is_the_known_one() -> None:
    memory = {one.name: one.y for one in drawn(4, size=0.5, start=0.5).plots[2].lines}
    np.testing.assert_allclose(memory["ULA"], memory["ULA, exact"], atol=0.05)


def test_the_bias_grows_size_by_size_with_the_rounds() -> None:
    few, all_of_them = drawn(2), drawn(len(SIZES) + 3, steps=20)
    assert len(few.plots[3].lines[0].x) == 2
    curve = all_of_them.plots[3].lines[0]
    np.testing.assert_allclose(curve.x, SIZES)
    slope = np.polyfit(np.log(curve.x[:5]), np.log(curve.y[:5]), 1)[0]
    assert slope == pytest.approx(1.0, abs=0.05)


def test_too_large_a_step_flies_away_and_mala_stays() -> None:
    sketch = drawn(2, size=4.4, steps=400)
    found = readings(sketch)
    assert "Variance, ULA" not in found
    assert near(found["Variance, MALA"], 3)
    assert "fly away" in sketch.caption
    assert not any(bars.name.startswith("ULA") for bars in sketch.plots[0].bars)


def test_chains_that_have_not_arrived_are_told() -> None:
    sketch = drawn(2, size=0.02, steps=60)
    r_hat = readings(sketch)["Split R-hat, MALA"].value
    assert r_hat is not None
    assert r_hat > 2
    assert "start at ±4 is still seen" in sketch.caption


def test_single_chains_that_are_too_short_are_told_though_all_together_are_right() -> None:
    sketch = drawn(2, target="bells", size=0.4, start=1.5)
    found = readings(sketch)
    r_hat = found["Split R-hat, ULA"].value
    assert r_hat is not None
    assert r_hat > 1.1
    assert near(found["Variance, ULA"], 4)
    assert "One chain alone has not seen it all" in sketch.caption
