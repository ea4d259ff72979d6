"""What holds between any two laws: signs, symmetries, bounds, triangles, invariance; over random mixtures and atoms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dgm_studio.core.slow import finish
from dgm_studio.data.law import Law
from dgm_studio.data.laws import DiscreteLaw, MixtureLaw, MovedLaw
from dgm_studio.measures.measure import DENSITIES, SAMPLES
from dgm_studio.measures.on_densities import together
from tests.measures.densities import CHI2, DENSITY_MEASURES, HELLINGER, JSD, KL, REVERSE_KL, TV
from tests.measures.laws_for_measures import bells

BELL = st.tuples(st.floats(0.1, 1), st.floats(-4, 4), st.floats(0.2, 2))
MIXTURES = st.lists(BELL, min_size=1, max_size=3).map(lambda parts: bells(*parts))
WEIGHTS = st.lists(st.floats(0, 1), min_size=5, max_size=5).filter(lambda some: sum(some) > 0.1)
ATOMS = WEIGHTS.map(lambda some: DiscreteLaw(np.arange(5.0)[:, None], np.array(some)))
LAWS = st.one_of(MIXTURES, ATOMS)
PAIRS = st.one_of(st.tuples(MIXTURES, MIXTURES), st.tuples(ATOMS, ATOMS))
TRIPLES = st.one_of(st.tuples(MIXTURES, MIXTURES, MIXTURES), st.tuples(ATOMS, ATOMS, ATOMS))
ROOM = 1e-7
few = settings(max_examples=25, deadline=None, derandomize=True)


def values(p: Law, q: Law) -> dict[str, float]:
    """Each measure's number: by the sum over atoms, else by quadrature, so that both are under test."""
    if p.atoms() is not None:
        exact = {one.card.id: one.closed_form(p, q) for one in DENSITY_MEASURES}
        return {name: value for name, value in exact.items() if value is not None}
    found = finish(together(p, q, DENSITY_MEASURES))
    return {one.card.id: pair[0] for one, pair in zip(DENSITY_MEASURES, found, strict=True) if pair is not None}


@few
@given(PAIRS)
def test_signs_bounds_and_the_order_between_them(pair: tuple[Law, Law]) -> None:
    found = values(*pair)
    for name in ("kl", "reverse-kl", "jsd", "tv", "hellinger", "chi2"):
        assert found[name] >= 0, name
    kl, tv, hellinger = found["kl"], found["tv"], found["hellinger"]
    assert found["jsd"] <= math.log(2) + ROOM
    assert tv <= 1 + ROOM
    assert hellinger <= 1 + ROOM
    assert tv <= math.sqrt(kl / 2) + ROOM  # Pinsker
    assert hellinger <= tv + ROOM
    assert tv <= math.sqrt(hellinger * (2 - hellinger)) + ROOM  # Le Cam
    assert kl <= math.log1p(found["chi2"]) + ROOM
    assert -2 * math.log1p(-min(hellinger, 1 - 1e-15)) <= kl + ROOM
    assert found["jsd"] <= tv * math.log(2) + ROOM
    assert found["jsd"] <= (kl + found["reverse-kl"]) / 4 + ROOM


@few
@given(PAIRS)
def test_symmetry_where_it_is_due(pair: tuple[Law, Law]) -> None:
    one, other = values(*pair), values(*reversed(pair))
    for measure in (JSD, TV, HELLINGER):
        assert measure.symmetric
        assert one[measure.card.id] == pytest.approx(other[measure.card.id], abs=ROOM)
    assert not any(measure.symmetric for measure in (KL, REVERSE_KL, CHI2))
    assert one["kl"] == pytest.approx(other["reverse-kl"], rel=1e-6, abs=ROOM)


@few
@given(LAWS)
def test_zero_at_p_against_p(p: Law) -> None:
    found = values(p, p) if p.atoms() is None else {}
    for measure in DENSITY_MEASURES:
        if measure.card.id == "nll":
            continue
        assert found.get(measure.card.id, 0.0) == pytest.approx(0, abs=1e-12)
        assert measure.closed_form(p, p) == 0


@few
@given(TRIPLES)
def test_roots_that_are_distances_obey_the_triangle(triple: tuple[Law, Law, Law]) -> None:
    p, q, r = triple
    one, two, three = values(p, q), values(q, r), values(p, r)
    for name, power in (("jsd", 0.5), ("hellinger", 0.5), ("tv", 1.0)):
        sides = [max(0.0, side[name]) ** power for side in (one, two, three)]
        assert sides[2] <= sides[0] + sides[1] + 1e-5, name


@few
@given(st.tuples(MIXTURES, MIXTURES), st.floats(-50, 50), st.floats(0.1, 10))
def test_moving_and_stretching_both_changes_nothing(
    pair: tuple[MixtureLaw, MixtureLaw], shift: float, scale: float
) -> None:
    here = values(*pair)
    moved = values(*(MovedLaw(law, (shift,), scale) for law in pair))
    for name in ("kl", "reverse-kl", "jsd", "tv", "hellinger", "chi2"):
        assert moved[name] == pytest.approx(here[name], rel=1e-6, abs=ROOM), name
    assert moved["fisher"] == pytest.approx(here["fisher"] / scale**2, rel=1e-6, abs=ROOM)
    assert moved["nll"] == pytest.approx(here["nll"] + math.log(scale), rel=1e-6, abs=ROOM)


@pytest.mark.parametrize("measure", DENSITY_MEASURES, ids=lambda one: one.card.id)
def test_cards_say_what_is_needed(measure: object) -> None:
    card = measure.card  # type: ignore[attr-defined]
    assert set(card.needs) == {DENSITIES, SAMPLES}
    assert card.title
    assert card.paper
    assert card.lecture
    assert card.formula
    assert card.fact("unit") is not None
    assert isinstance(card.fact("symmetric"), bool)
