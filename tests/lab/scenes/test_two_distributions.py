"""Two distributions: exact values against closed forms, quick first rounds, doubts at full n, grips that set knobs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import fill, knobs_of
from dgm_studio.core.measured import Measured
from dgm_studio.core.sketch import Grip, Sketch
from dgm_studio.lab.scenes.parts.two_laws import KINDS, plane_sets
from dgm_studio.lab.scenes.two_distributions import LEAST, LITTLE, TwoDistributions

GAUSSIANS = {"p_kind": "gaussian", "q_kind": "gaussian", "p_mean": 0.0, "p_width": 1.0, "q_mean": 1.5, "q_width": 2.0}


def drawn(rounds: int, **knobs: Any) -> TwoDistributions:
    """The scene after so many rounds."""
    scene = TwoDistributions(fill(TwoDistributions.declared, knobs))
    for _ in range(rounds):
        list(scene.round())
    return scene


def number(sketch: Sketch, measure: str, method: str) -> Measured:
    """One way to one measure's number."""
    (found,) = [one for one in sketch.measured if (one.measure, one.method) == (measure, method)]
    return found


def test_gaussians_have_their_closed_forms_at_a_glance() -> None:
    sketch = drawn(1, **GAUSSIANS).sketch()
    s, t, m = 1.0, 2.0, 1.5
    kl = math.log(t / s) + (s**2 + m**2) / (2 * t**2) - 0.5
    reverse = math.log(s / t) + (t**2 + m**2) / (2 * s**2) - 0.5
    assert number(sketch, "kl", "closed form").value == pytest.approx(kl, rel=1e-12)
    assert number(sketch, "reverse-kl", "closed form").value == pytest.approx(reverse, rel=1e-12)
    assert number(sketch, "w2", "closed form").value == pytest.approx(math.hypot(m, t - s), rel=1e-12)
    coarse = number(sketch, "kl", "quadrature")
    assert coarse.low <= kl <= coarse.high
    assert coarse.value == pytest.approx(kl, rel=1e-4)


def test_the_first_round_is_small_and_says_so() -> None:
    sketch = drawn(1).sketch()
    estimates = [one for one in sketch.measured if one.n]
    assert {one.n for one in estimates} <= {LITTLE, LEAST}
    assert all(one.pending for one in estimates)
    assert {one.measure for one in sketch.measured} == {"kl", "reverse-kl", "jsd", "tv", "w1", "w2"}


def test_later_rounds_bring_full_n_interval_and_floor() -> None:
    scene = drawn(2, n=600, **GAUSSIANS)
    exact = math.hypot(1.5, 1.0)
    while scene.waiting:
        list(scene.round())
    sketch = scene.sketch()
    for one in sketch.measured:
        assert not one.pending
        if one.n:
            assert one.n == 600
            assert one.floor is not None
            assert one.low < one.value < one.high
    w2 = next(one for one in sketch.measured if one.measure == "w2" and one.n)
    assert w2.low < exact < w2.high
    assert w2.floor is not None
    assert w2.floor < 0.5 * exact


def test_repeats_show_the_bias_against_n() -> None:
    scene = drawn(2, n=500, traced="w2", **GAUSSIANS)
    while scene.waiting:
        list(scene.round())
    for _ in range(12):
        list(scene.round())
    lines = {one.name: one for one in scene.sketch().plots[-1].lines}
    assert lines["Estimate"].x.tolist() == [100, 200, 500]
    assert lines["Estimate"].doubt is not None
    np.testing.assert_allclose(lines["Exact"].y, math.hypot(1.5, 1.0))
    gap = np.abs(lines["Estimate"].y - lines["Exact"].y)
    assert (gap < 3 * lines["Estimate"].doubt + 0.1).all()
    floor = lines["Noise floor"].y
    assert floor[0] > floor[-1] > 0  # W2 of two samples of one law falls with n


def test_one_law_is_not_apart_from_itself() -> None:
    same = {f"{side}_{name}": value for side in "pq" for name, value in (("kind", "laplace"), ("mean", 0.5))}
    sketch = drawn(2, **same, p_width=0.7, q_width=0.7).sketch()
    for one in sketch.measured:
        if not one.n:
            assert one.value == pytest.approx(0, abs=1e-9), one.measure


def test_disjoint_supports_have_their_limits() -> None:
    sketch = drawn(2, p_kind="uniform", q_kind="uniform", p_mean=-2, q_mean=2, p_width=1, q_width=1).sketch()
    exact = {one.measure: one.value for one in sketch.measured if not one.n}
    assert exact["kl"] == exact["reverse-kl"] == math.inf
    assert exact["jsd"] == pytest.approx(math.log(2), rel=1e-9)
    assert exact["tv"] == pytest.approx(1, rel=1e-9)
    assert exact["w1"] == pytest.approx(4, rel=1e-9)
    assert "infinite" in sketch.caption


def grips(**knobs: Any) -> dict[str, Grip]:
    """Of the first plot, by name."""
    return {grip.name: grip for grip in drawn(1, **knobs).sketch().plots[0].grips}


@pytest.mark.parametrize("kind", [one.id for one in KINDS])
def test_a_grip_stands_where_its_knob_says(kind: str) -> None:
    """So that what the card makes of its place is the knob itself, before and after it is turned."""
    knobs = {knob.name: knob for knob in knobs_of(TwoDistributions.declared)}
    base = {"p_kind": kind, "q_kind": kind}
    found = grips(**base)
    assert {"Middle of p", "Width of p", "Middle of q", "Width of q"} <= set(found)
    for name, grip in found.items():
        knob = grip.across or grip.up
        for value in (float(knobs[knob].default), float(knobs[knob].default) * 1.05 + 0.01):
            now = grips(**base, **{knob: value})[name]
            turned = (now.x - now.from_x if now.across else now.y - now.from_y) / now.scale
            assert turned == pytest.approx(value, rel=1e-9), name


def test_every_data_set_of_the_plane_can_be_both() -> None:
    assert len(plane_sets()) >= 15
    for name in plane_sets():
        sketch = drawn(1, space="plane", p_set=name, q_set=name).sketch()
        assert len(sketch.plots) == 3
        assert np.isfinite(sketch.plots[0].clouds[0].points).all()
        assert any(one.measure == "w2" and np.isfinite(one.value) for one in sketch.measured), name


def test_a_drawn_histogram_has_area_one_and_refuses_nothing_at_all() -> None:
    (bars,) = drawn(1, p_kind="drawn", p_bars="1, 0, 3").sketch().plots[0].bars
    assert bars.knob == "p_bars"
    assert float(bars.heights @ np.diff(bars.edges)) == pytest.approx(1)
    np.testing.assert_allclose(bars.heights / bars.heights[0], [1, 0, 3])
    with pytest.raises(Refused, match="0 or more"):
        drawn(1, p_kind="drawn", p_bars="0, 0, 0")


def test_the_same_seed_gives_the_same_numbers() -> None:
    first, again = drawn(4).sketch(), drawn(4).sketch()
    assert [(one.value, one.low, one.floor) for one in first.measured] == [
        (one.value, one.low, one.floor) for one in again.measured
    ]
