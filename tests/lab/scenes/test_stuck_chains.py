"""Chains at one level: stuck where the barrier is high, at the right weights where it is low, at the tops without
noise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dgm_studio.core.sketch import Reading, Sketch
from dgm_studio.lab.scenes.stuck_chains import HALVES, LEFT, MOST_KEPT, Knobs, StuckChains, roughly


def walked(rounds: int, **knobs: Any) -> StuckChains:
    scene = StuckChains(Knobs(**knobs))
    for _ in range(rounds):
        for _ in scene.round():
            pass
    return scene


def reading(sketch: Sketch, name: str) -> Reading:
    return next(one for one in sketch.readings if one.name.startswith(name))


def test_a_high_barrier_is_never_crossed() -> None:
    scene = walked(5, start=LEFT)
    assert scene.crossed == {-1: 0, 1: 0}
    assert (scene.x[:, 0] < 0).all()
    sketch = scene.sketch()
    share = reading(sketch, "Share right")
    assert share.value == 0.0
    assert share.exact == pytest.approx(0.8)
    assert reading(sketch, "Steps from left").value is None
    assert "10¹¹ steps" in sketch.caption


def test_a_low_barrier_gives_each_mode_its_weight_whatever_the_start() -> None:
    scene = walked(12, sigma=0.9, separation=3.5, start=LEFT)
    sketch = scene.sketch()
    share = reading(sketch, "Share right")
    assert share.value is not None
    assert share.doubt is not None
    assert share.exact is not None
    assert abs(share.value - share.exact) < 2.5 * share.doubt
    crossing = reading(sketch, "Steps from left")
    assert crossing.value is not None
    assert crossing.exact is not None
    assert crossing.value == pytest.approx(crossing.exact, rel=0.2)  # steps of 0.1 s^2 are not quite small
    assert scene.r_hat < 1.5 < walked(3, start=HALVES).r_hat


def test_without_noise_all_stand_on_the_tops() -> None:
    scene = walked(8, noise=False)
    x = scene.x.numpy()
    np.testing.assert_allclose(np.abs(x[:, 0]), 2.5, atol=1e-6)
    np.testing.assert_allclose(x[:, 1], 0.0, atol=1e-9)
    sketch = scene.sketch()
    assert not any(one.name.startswith("Steps") for one in sketch.readings)
    assert "does not sample" in sketch.caption


def test_long_ways_are_thinned_evenly() -> None:
    scene = walked(MOST_KEPT // 80 + 3)
    assert len(scene.kept) <= MOST_KEPT + 1
    at = scene.sketch().plots[1].lines[0].x
    assert set(np.diff(at)) == {2.0}
    assert scene.steps - 2 <= at[-1] <= scene.steps


def test_the_grip_turns_the_separation() -> None:
    (grip,) = walked(1, separation=4.0).sketch().plots[0].grips
    assert (grip.across, grip.x / grip.scale) == ("separation", 4.0)


@pytest.mark.parametrize(("number", "said"), [(3_412.0, "3,400"), (1.6e11, "2 · 10¹¹"), (np.inf, "endlessly many")])
def test_large_numbers_are_said_by_their_size(number: float, said: str) -> None:
    assert roughly(number) == said
