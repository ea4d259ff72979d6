"""Which is stronger: closed forms against the studio's quadratures, W from samples, the table, infinity in words."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dgm_studio.lab.scenes.parts.sequences import SEQUENCES
from dgm_studio.lab.scenes.parts.stretches import Stretches, Wave
from dgm_studio.lab.scenes.which_is_stronger import FIRST, Knobs, WhichIsStronger, density, table
from dgm_studio.measures.measuring import CLOSED_FORM, QUADRATURE

IDS = [one.id for one in SEQUENCES]


def shown(rounds: int = 3, **knobs: int | str) -> WhichIsStronger:
    scene = WhichIsStronger(Knobs(**knobs))  # type: ignore[arg-type]
    for _ in range(rounds):
        list(scene.round())
    return scene


@pytest.mark.parametrize("t", [2, 30])
@pytest.mark.parametrize("sequence", IDS)
def test_paper_and_quadrature_agree(sequence: str, t: int) -> None:
    found = {(one.measure, one.method): one for one in shown(2, sequence=sequence, t=t, n=100).sketch().measured}
    told = {name: one for (name, method), one in found.items() if method == CLOSED_FORM}
    assert list(told) == ["kl", "reverse-kl", "jsd", "tv", "w1"]
    for (name, method), one in found.items():
        if method == QUADRATURE and math.isinf(told[name].value):
            assert one.value == told[name].value
        elif method == QUADRATURE:
            assert one.value == pytest.approx(told[name].value, rel=1e-4)


@pytest.mark.parametrize("sequence", IDS)
def test_w_from_samples_is_w_and_the_noise_of_samples(sequence: str) -> None:
    scene = shown(4, sequence=sequence, n=2_000, t=4)
    exact = scene.sequence.distances(scene.times).w1
    found, doubt = np.array([one.mean for one in scene.found]), np.array([one.doubt for one in scene.found])
    assert (found >= exact - 2.5 * doubt - 1e-12).all()
    assert (found <= exact + scene.floor.mean + 2.5 * doubt + 1e-12).all()  # the triangle inequality, on average


def test_infinite_curves_are_said_and_not_drawn() -> None:
    for one in SEQUENCES:
        plot = shown(1, sequence=one.id).sketch().plots[0]
        gone = [segments.name for segments in plot.segments]
        infinite = [limit for limit in one.limits if math.isinf(limit)]
        assert len(gone) == len(infinite)
        assert all(name.endswith("= ∞") for name in gone)
        assert all(np.isfinite(line.y).all() for line in plot.lines)
        assert len(plot.lines) == 6 - len(infinite)


def test_the_table_marks_what_holds() -> None:
    plot = table(SEQUENCES[3])
    held, missed = ({tuple(point) for point in cloud.points.astype(int).tolist()} for cloud in plot.clouds)
    assert len(held) + len(missed) == 3 * len(SEQUENCES)
    for row, one in enumerate(SEQUENCES, 1):
        assert tuple((column, row) in held for column in (1, 2, 3)) == one.holds()
    assert plot.segments[0].ends[0, 1] == 4


def test_the_caption_says_which_statements_hold() -> None:
    caption = shown(1, sequence="needle").sketch().caption
    assert "(1) fails, (2) holds, (3) holds" in caption
    assert "(2) does not give (1)" in caption


def test_readings_are_exact_now_and_in_the_limit() -> None:
    scene = shown(1, sequence="bump", t=9)
    readings = {one.name: one.exact for one in scene.sketch().readings}
    assert readings["(1) KL(π ‖ pₜ) → 0"] == pytest.approx(-math.log(0.9))
    assert readings["(1) KL(pₜ ‖ π) = ∞"] is None
    assert readings["(3) W → 0"] == pytest.approx(0.2)


@pytest.mark.parametrize("law", [Wave("a", 1.0, 9), Stretches("b", [0, 0.2], [0.1, 1.0], [0.5, 0.5])])
def test_drawn_densities_hold_all_the_mass(law: Wave | Stretches) -> None:
    drawn = density("p", "data", law, 0.0, 1.0)
    assert np.trapezoid(drawn.y, drawn.x) == pytest.approx(1, rel=1e-3)


def test_the_first_round_is_small_and_not_mixed_with_the_others() -> None:
    scene = shown(1, n=50_000)
    assert scene.n == FIRST
    list(scene.round())
    assert scene.n == 50_000
    assert scene.found[0].count == 1
