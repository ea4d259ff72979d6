"""Sequences of Theorem 2: every distance against an independent integral, limits, and no arrow that goes back."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import kstest

from dgm_studio.data.law import Law
from dgm_studio.lab.scenes.parts.sequences import SEQUENCES, Sequence
from dgm_studio.lab.scenes.parts.stretches import Stretches, Wave

LEVELS = (np.arange(40_000) + 0.5) / 40_000
FIELDS = ("kl", "reverse", "jsd", "tv", "w1")
BY_ID = {one.id: one for one in SEQUENCES}
SMOOTH = [one for one in SEQUENCES if isinstance(one.limit(), Stretches) and one.id != "grid"]


def at(sequence: Sequence, t: float) -> dict[str, float]:
    known = sequence.distances(np.array([float(t)]))
    return {field: float(getattr(known, field)[0]) for field in FIELDS}


def integral(p: Law, q: Law, of: Callable[[float, float], float]) -> float:
    """Of a function of both densities, piece by piece, by QUADPACK."""
    edges = np.unique([*p.breaks(), *q.breaks()])

    def densities(x: float) -> float:
        logs = [one.log_density(np.array([[x]])) for one in (p, q)]
        assert all(log is not None for log in logs)
        return of(*(math.exp(log[0]) for log in logs if log is not None))

    return sum(quad(densities, low, high, limit=200)[0] for low, high in pairwise(edges.tolist()))


def kl(p: float, q: float) -> float:
    return 0.0 if p == 0 else math.inf if q == 0 else p * math.log(p / q)


@pytest.mark.parametrize("t", [1, 2, 6])
@pytest.mark.parametrize("sequence", SMOOTH, ids=lambda one: one.id)
def test_distances_of_densities_by_integration(sequence: Sequence, t: int) -> None:
    pi, law, known = sequence.limit(), sequence.law(t), at(sequence, t)
    for field, one, other in (("kl", pi, law), ("reverse", law, pi)):
        if math.isinf(known[field]):
            assert integral(one, other, lambda a, b: float(a > 0 and b == 0)) > 0
        else:
            assert known[field] == pytest.approx(integral(one, other, kl), rel=1e-5)
    middle = integral(pi, law, lambda a, b: 0.5 * (kl(a, (a + b) / 2) + kl(b, (a + b) / 2)))
    assert known["jsd"] == pytest.approx(middle, rel=1e-6)
    assert known["tv"] == pytest.approx(integral(pi, law, lambda a, b: 0.5 * abs(a - b)), rel=1e-5)


@pytest.mark.parametrize("t", [1, 2, 6, 40])
@pytest.mark.parametrize("sequence", SEQUENCES, ids=lambda one: one.id)
def test_w1_by_quantiles(sequence: Sequence, t: int) -> None:
    one, other = sequence.limit().quantile(LEVELS), sequence.law(t).quantile(LEVELS)
    assert one is not None
    assert other is not None
    assert at(sequence, t)["w1"] == pytest.approx(np.abs(one - other).mean(), rel=1e-3)


@pytest.mark.parametrize("sequence", [BY_ID["grid"], BY_ID["point"], BY_ID["shrink"]], ids=lambda one: one.id)
def test_laws_with_points_share_no_mass(sequence: Sequence) -> None:
    """The atoms of one law have no mass under the other: all but W are those of disjoint supports."""
    for t in (1, 9):
        pair = sequence.limit().atoms(), sequence.law(t).atoms()
        assert any(one is not None for one in pair)
        if pair[0] is not None and pair[1] is not None:
            assert not np.isin(pair[0][0], pair[1][0]).any()
        assert at(sequence, t) | {"w1": 0} == {
            "kl": math.inf,
            "reverse": math.inf,
            "jsd": math.log(2),
            "tv": 1,
            "w1": 0,
        }


@pytest.mark.parametrize("sequence", SEQUENCES, ids=lambda one: one.id)
def test_limits_are_reached(sequence: Sequence) -> None:
    far = at(sequence, 1e10)
    for field, limit in zip(FIELDS, sequence.limits, strict=True):
        assert far[field] == pytest.approx(limit, abs=1e-5), field


@pytest.mark.parametrize("sequence", SEQUENCES, ids=lambda one: one.id)
def test_inequalities_hold_at_every_t(sequence: Sequence) -> None:
    known = sequence.distances(np.arange(1.0, 101.0))
    for one in (known.kl, known.reverse, known.jsd, known.tv, known.w1):
        assert one.shape == (100,)
        assert (one > 0).all()
    assert (known.jsd <= math.log(2) + 1e-15).all()
    assert (known.jsd <= known.tv * math.log(2) + 1e-12).all()  # Lin, 1991, theorem 3
    assert (known.jsd >= known.tv**2 / 2 - 1e-12).all()  # Pinsker, twice
    assert (2 * known.tv**2 <= np.minimum(known.kl, known.reverse) + 1e-12).all()  # Pinsker


def test_the_theorem_holds_and_no_arrow_goes_back() -> None:
    found = {one.id: one.holds() for one in SEQUENCES}
    for one in SEQUENCES:
        first, second, third = one.holds()
        assert second or not first
        if one.compact:
            assert third or not second
    assert found["slide"] == found["needle"] == (False, True, True)
    assert found["fast"] == found["grid"] == found["point"] == (False, False, True)
    assert found["far"] == (True, True, False)
    assert set(found.values()) >= {(True, True, True)}
    assert sum(1 for one in SEQUENCES if min(one.limits[:2]) == 0 < max(one.limits[:2])) >= 2  # one KL is enough


@pytest.mark.parametrize(
    ("law", "cdf"),
    [
        (Wave("a", 1.0, 3), lambda x: x + np.sin(6 * np.pi * x) / (6 * np.pi)),
        (Wave("b", 0.3, 1), lambda x: x + 0.3 * np.sin(2 * np.pi * x) / (2 * np.pi)),
        (Stretches("c", [0, 2], [1, 4], [0.25, 0.75]), lambda x: np.interp(x, [0, 1, 2, 4], [0, 0.25, 0.25, 1])),
    ],
    ids=["wave", "faint wave", "stretches"],
)
def test_laws_draw_what_their_density_says(law: Law, cdf: Any) -> None:
    points = law.draw(20_000, np.random.default_rng(0))
    assert points.shape == (20_000, 1)
    assert kstest(points[:, 0], cdf).pvalue > 0.01
    quantiles = law.quantile(LEVELS)
    assert quantiles is not None
    np.testing.assert_allclose(cdf(quantiles), LEVELS, atol=1e-12)
    assert integral(law, law, lambda a, _: a) == pytest.approx(1, rel=1e-9)
    ((low, high),) = law.box() or ()
    beyond = law.log_density(np.array([[low - 0.1], [high + 0.1]]))
    assert beyond is not None
    assert np.isneginf(beyond).all()


def test_a_moved_stretch_knows_its_shift() -> None:
    here, there = Stretches("a", [0, 2], [1, 4], [0.25, 0.75]), Stretches("b", [1, 3], [2, 5], [0.25, 0.75])
    shift = here.shift_to(there)
    assert shift is not None
    np.testing.assert_allclose(shift, [1.0])
    assert here.shift_to(Stretches("c", [1, 3], [2, 6], [0.25, 0.75])) is None
    assert here.shift_to(Wave("d", 0.5, 1)) is None
