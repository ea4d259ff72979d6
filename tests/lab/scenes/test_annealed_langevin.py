"""Annealing gives the modes their weights; without it, or begun too low, the start decides."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dgm_studio.core.sketch import Reading, Sketch
from dgm_studio.lab.scenes.annealed_langevin import SHOWN, AnnealedLangevin, Knobs


def drawn(rounds: int, **knobs: Any) -> Sketch:
    scene = AnnealedLangevin(Knobs(**knobs))
    for _ in range(rounds):
        for _ in scene.round():
            pass
    return scene.sketch()


def reading(sketch: Sketch, name: str) -> Reading:
    return next(one for one in sketch.readings if one.name == name)


def test_annealed_chains_find_the_weights_and_plain_ones_do_not() -> None:
    sketch = drawn(4)
    annealed, plain = (reading(sketch, f"Right mode, {kind}") for kind in ("annealed", "plain"))
    assert annealed.value == pytest.approx(0.8, abs=0.05)
    assert plain.value == pytest.approx(0.5, abs=0.05)
    assert annealed.exact == pytest.approx(0.8)
    for kind in ("annealed", "plain"):
        spread = reading(sketch, f"Spread in a mode, {kind}")
        assert spread.exact is not None
        assert spread.value == pytest.approx(spread.exact / (1 - 0.3 / 4) ** 0.5, rel=0.05)
    assert "get its weight" in sketch.caption


def test_begun_too_low_the_start_decides() -> None:
    sketch = drawn(3, largest=0.5)
    assert reading(sketch, "Right mode, annealed").value == pytest.approx(0.5, abs=0.08)
    assert "stuck before" in sketch.caption


def test_too_quickly_annealed_the_weights_are_wrong() -> None:
    sketch = drawn(4, levels=3, level_steps=5)
    found = reading(sketch, "Right mode, annealed").value
    assert found is not None
    assert found < 0.7
    assert "too quickly" in sketch.caption


def test_what_is_drawn_has_one_step_for_each_level() -> None:
    sketch = drawn(1, levels=4, level_steps=10)
    picture = sketch.plots[0].pictures[0]
    assert picture.box[:2] == (0.0, 40.0)
    assert len(np.unique(picture.values, axis=1).T) == 4
    assert sketch.plots[0].segments[0].ends.shape == (40 * SHOWN, 4)
    exact = sketch.plots[2].lines[2]
    assert exact.x[0] == 0
    assert exact.x[-1] == 40
    assert exact.y[-1] == pytest.approx(0.8)
