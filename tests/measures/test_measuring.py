"""Every way to one number, in order, with its doubt; the floor; the calibration of intervals."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dgm_studio.core.errors import Refused
from dgm_studio.core.measured import Measured
from dgm_studio.data.law import Law
from dgm_studio.data.laws import PointsLaw, law_from_text
from dgm_studio.measures import measures
from dgm_studio.measures.measuring import CLOSED_FORM, FEW, QUADRATURE, USUAL, Asked, best, measuring
from tests.calibration import calibrate

P, Q = law_from_text("gaussian:mean=0;std=1"), law_from_text("gaussian:mean=1;std=1")


def found(name: str, asked: Asked) -> list[Measured]:
    return [one for one in measuring(measures()[name], asked) if one is not None]


def last(name: str, asked: Asked) -> dict[str, Measured]:
    return {one.method: one for one in found(name, asked)}


def cloud(n: int, seed: int, dim: int = 2, move: float = 0.0) -> PointsLaw:
    return PointsLaw(np.random.default_rng(seed).standard_normal((n, dim)) + move, f"cloud {seed}")


def test_the_ways_come_one_after_the_other_each_value_before_its_doubt() -> None:
    ways = found("kl", Asked(P, Q, 300, ways=(CLOSED_FORM, QUADRATURE, "knn")))
    assert [one.method for one in ways] == [CLOSED_FORM, QUADRATURE, *["Nearest neighbours"] * 3]
    closed, integral, value, with_interval, whole = ways
    assert closed.value == closed.low == closed.high == pytest.approx(0.5)
    assert closed.n == 0
    assert integral.low < 0.5 < integral.high
    assert integral.high - integral.low < 1e-6
    assert value.pending
    assert value.low == value.high == value.value
    assert with_interval.pending
    assert with_interval.low < with_interval.value < with_interval.high
    assert with_interval.floor is None
    assert whole.floor is not None
    assert not whole.pending
    assert len({one.value for one in (value, with_interval, whole)}) == 1
    assert whole.n == 300
    assert whole.bias.endswith(".")


def test_without_doubt_there_are_values_alone() -> None:
    (only,) = found("w2", Asked(P, Q, 500, ways=("exact-line",), doubt=False))
    assert not only.pending
    assert only.floor is None


def test_all_ways_are_gone_unless_some_are_named() -> None:
    one = measures()["hellinger"]
    every = {way.title for way in one.estimators} | {CLOSED_FORM, QUADRATURE}
    assert set(last("hellinger", Asked(P, Q, 200, doubt=False))) == every
    usual = last("hellinger", Asked(P, Q, 200, ways=(USUAL,), doubt=False))
    assert set(usual) == {one.estimators[0].title}


def test_the_usual_estimator_is_the_first_that_these_laws_allow() -> None:
    plane = law_from_text("gaussian:mean=0,0;std=1")
    (way,) = last("w2", Asked(plane, law_from_text("gaussian:mean=1,0;std=1"), 200, ways=(USUAL,), doubt=False))
    assert way == "Exact transport plan"
    own = cloud(300, 0, move=1.0)
    (way,) = last("nll", Asked(plane, own, 200, ways=(USUAL,), doubt=False))
    assert way == "Kernel density for q"


def test_the_best_way_is_the_surest() -> None:
    ways = [Measured("kl", 1.0, 0.9, 1.1, method) for method in ("Histogram", QUADRATURE, CLOSED_FORM)]
    assert best(ways).method == CLOSED_FORM
    assert best(ways[:2]).method == QUADRATURE
    assert best([ways[0]]).method == "Histogram"


def test_a_seed_decides_everything_and_measures_share_the_samples() -> None:
    runs = [last("energy", Asked(P, Q, 300, seed, (USUAL,))) for seed in (3, 3, 4)]
    values = [next(iter(run.values())) for run in runs]
    assert values[0].value == values[1].value
    assert values[0].low == values[1].low
    assert values[0].floor == values[1].floor
    assert values[0].value != values[2].value
    one = last("w1", Asked(P, Q, 300, 3, ("exact-line",), doubt=False))
    two = last("w2", Asked(P, Q, 300, 3, ("exact-line",), doubt=False))
    assert next(iter(one.values())).value <= next(iter(two.values())).value  # which holds on one pair of clouds


def test_the_floor_is_what_two_samples_of_p_are_apart() -> None:
    """For W2 of n points of N(0, 1): found again by hand, and the value at p = q is of its size."""
    whole = last("w2", Asked(P, Q, 1_000, ways=("exact-line",)))["Exact, by sorting"]
    rng = np.random.default_rng(0)
    own = [float(np.sqrt(np.mean((np.sort(rng.standard_normal(1_000)) - np.sort(rng.standard_normal(1_000))) ** 2)))
           for _ in range(200)]  # fmt: skip
    assert whole.floor == pytest.approx(np.mean(own), rel=0.25)
    assert whole.floor is not None
    assert whole.floor < 0.1 < whole.value
    same = last("w2", Asked(P, P, 1_000, ways=("exact-line",)))["Exact, by sorting"]
    assert same.value < 3 * (same.floor or 0.0)


def test_a_file_s_floor_is_scaled_from_split_halves_and_says_so() -> None:
    one, other = cloud(600, 0), cloud(600, 1, move=1.0)
    halved = last("sliced-w2", Asked(one, other, 600, ways=(USUAL,)))
    (way,) = halved.values()
    assert "random split halves of 300 points, scaled to 600 and 600" in way.note
    fresh = law_from_text("gaussian:mean=0,0;std=1")
    (true,) = last("sliced-w2", Asked(fresh, other, 600, ways=(USUAL,))).values()
    assert way.floor == pytest.approx(true.floor, rel=0.25)
    (small,) = last("sliced-w2", Asked(one, other, 250, ways=(USUAL,))).values()
    assert small.note == ""  # two disjoint samples of 250 were to be had


def test_a_file_gives_what_it_holds() -> None:
    (way,) = last("energy", Asked(cloud(150, 0), cloud(400, 1), 1_000, ways=(USUAL,))).values()
    assert way.n == 150
    assert "cloud 0 gave 150 points; cloud 1 gave 400 points" in way.note


def test_one_file_against_itself_is_split_and_not_compared_with_itself() -> None:
    one = cloud(400, 0)
    ways = last("w2", Asked(one, PointsLaw(one.points.copy()), 1_000, ways=(CLOSED_FORM, USUAL), doubt=False))
    assert ways[CLOSED_FORM].value == 0.0
    assert ways["Exact transport plan"].n == 200
    assert ways["Exact transport plan"].value > 0.05


def test_shares_stay_between_nothing_and_all_and_high_is_good() -> None:
    (way,) = last("precision", Asked(P, law_from_text("gaussian:mean=0.1;std=1"), 300, ways=(USUAL,))).values()
    assert 0.0 <= way.low <= way.value <= way.high <= 1.0
    assert way.better == "high"
    assert Measured("precision", 0.9, 0.8, 1.0, "knn", floor=0.8, better="high").within_noise
    assert not Measured("w2", 0.9, 0.8, 1.0, "exact", floor=0.8).within_noise


def test_infinity_needs_no_interval() -> None:
    apart = law_from_text("uniform-1d:half=1"), law_from_text("uniform-1d:half=1;shift=9")
    ways = last("kl", Asked(*apart, 200, ways=(CLOSED_FORM, QUADRATURE)))
    assert all(way.value == way.low == way.high == math.inf for way in ways.values())
    assert best(ways.values()).as_json()["value"] == "inf"


def test_more_samples_than_an_estimator_takes_are_cut_with_a_notice() -> None:
    plan = next(way for way in measures()["w2"].estimators if way.id == "exact-plan")
    assert plan.most == 4_000
    assert plan.quick < plan.most
    one = measures()["sinkhorn"].estimators[0]
    asked = Asked(P, Q, one.most + 500, ways=(one.id,), doubt=False)
    (way,) = last("sinkhorn", asked).values()
    assert way.n == one.most
    assert f"takes {one.most:,} points of each side at most" in way.note


def test_slow_estimators_make_do_with_fewer_replicates() -> None:
    slow = next(way for way in measures()["kl"].estimators if way.id == "kde")
    assert slow.quick < 2_000
    assert FEW >= 5, "Student's t is known from 4 degrees of freedom up"


@pytest.mark.parametrize("n", [0, 99, 200_001])
def test_n_out_of_range_is_refused(n: int) -> None:
    with pytest.raises(Refused, match="between 100 and 200,000"):
        Asked(P, Q, n)


def test_laws_of_unlike_dimension_are_refused() -> None:
    with pytest.raises(Refused, match="1 dimension and moons has 2 dimensions"):
        Asked(P, law_from_text("moons"))


@pytest.mark.parametrize(
    ("name", "p", "q", "ways", "says"),
    [
        ("fisher", P, cloud(200, 0, 1), (CLOSED_FORM, QUADRATURE), "needs both densities, and cloud 0 is known by"),
        ("kl", cloud(200, 0, 3), cloud(200, 1, 3), None, "is not known in 3 dimensions"),
        ("kl", P, Q, ("nonsense",), "no such way. Its ways are closed form, quadrature, knn"),
        ("w2", law_from_text("moons"), law_from_text("ring"), (CLOSED_FORM, QUADRATURE), "by any of its ways"),
    ],
)
def test_what_cannot_be_measured_says_what_can(
    name: str, p: Law, q: Law, ways: tuple[str, ...] | None, says: str
) -> None:
    with pytest.raises(Refused, match=says):
        found(name, Asked(p, q, 200, ways=ways))


def test_high_dimensions_are_measured_where_that_makes_sense() -> None:
    one, other = cloud(300, 0, 8), cloud(300, 1, 8, move=0.5)
    for name in ("w2", "sliced-w2", "energy", "mmd", "frechet", "precision"):
        (way,) = last(name, Asked(one, other, 200, ways=(USUAL,), doubt=False)).values()
        assert math.isfinite(way.value)


@pytest.mark.parametrize(
    ("name", "way"), [("energy", "pairs"), ("mmd", "median"), ("kl", "monte-carlo"), ("nll", "mean")]
)
@pytest.mark.parametrize("dim", [1, 2])
def test_intervals_hold_the_truth_as_often_as_they_say(name: str, way: str, dim: int) -> None:
    """40 seeds here; `python -m tests.calibration` runs 200 for every estimator."""
    one = next(estimator for estimator in measures()[name].estimators if estimator.id == way)
    assert one.bias == ""
    row = calibrate(measures()[name], one, dim, 40, 200)
    assert row.truth is not None
    assert abs(row.mean - row.truth) < 4 * row.error
    assert 0.85 <= row.covered(row.truth) <= 1.0
