"""Claims over every measure of the catalogue: a new file is judged the moment it exists."""

from __future__ import annotations

import math
import time
from functools import cache

import numpy as np
import pytest

from dgm_studio.core.errors import Refused
from dgm_studio.core.measured import DISTANCE, NATS, NONE, SHARE, SQUARED, Measured
from dgm_studio.core.slow import finish
from dgm_studio.data.law import Law
from dgm_studio.data.laws import DiscreteLaw, MovedLaw, PointsLaw, law_from_text
from dgm_studio.measures import measures
from dgm_studio.measures.measure import DENSITIES, SAMPLES, Estimator, Measure
from dgm_studio.measures.measuring import CLOSED_FORM, QUADRATURE, USUAL, Asked, best, measuring

IDS = (
    "kl", "reverse-kl", "jsd", "tv", "hellinger", "chi2", "fisher", "w1", "w2", "sliced-w2", "sinkhorn", "energy",
    "mmd", "frechet", "precision", "recall", "density", "coverage", "nll",
)  # fmt: skip
EVERY = pytest.mark.parametrize("one", measures().values(), ids=list(measures()))
ESTIMATORS = pytest.mark.parametrize(
    ("one", "way"), [pytest.param(m, e, id=f"{m.card.id}-{e.id}") for m in measures().values() for e in m.estimators]
)
PAIRS = {
    "gaussians": ("gaussian:mean=0;std=1", "gaussian:mean=0.5;std=1.5"),
    "mixture and Laplace": ("mixture-1d", "laplace-1d"),
    "beta and uniform": ("beta-1d", "uniform-1d:half=3"),
    "apart": ("uniform-1d:half=0.5", "uniform-1d:half=0.5;shift=2"),
    "gaussians of the plane": ("gaussian:mean=0,0;std=1", "gaussian:mean=0.5,0;std=1.5"),
    "moons": ("moons:noise=0.4", "moons:noise=0.5;shift=0.3,0"),
    "parallel lines": ("line", "line:x=0.5"),
}
EACH_PAIR = pytest.mark.parametrize("pair", PAIRS)
ENTROPY = ("nll",)
"""At p = q these are not 0 but p's entropy, and may be negative."""
TRAINED = ("discriminator", "critic")
"""Ways that train a network: their numbers follow a shift only roughly."""


@cache
def laws(pair: str) -> tuple[Law, Law]:
    """p and q."""
    p, q = (law_from_text(text) for text in PAIRS[pair])
    return p, q


@cache
def sure(name: str, pair: str) -> Measured | None:
    """The number by closed form, else by quadrature; None where there is neither."""
    return sure_of(measures()[name], *laws(pair))


def sure_of(one: Measure, p: Law, q: Law) -> Measured | None:
    """As `sure`, of any laws."""
    try:
        found = [way for way in measuring(one, Asked(p, q, 100, ways=(CLOSED_FORM, QUADRATURE))) if way is not None]
    except Refused:
        return None
    return best(found)


def close(found: Measured, other: Measured) -> bool:
    """Equal within what both say of their errors."""
    room = (found.high - found.low) / 2 + (other.high - other.low) / 2
    return found.value == other.value or abs(found.value - other.value) <= room + 1e-9 * max(1.0, abs(found.value))


def told(refusal: Refused, *words: str) -> None:
    """One sentence, with one of the words where there are any."""
    assert str(refusal)[-1] in ".?"
    assert not words or any(word in str(refusal) for word in words)


def test_the_measures_of_the_issue_are_there() -> None:
    assert set(IDS) <= set(measures())


@EVERY
def test_card_is_complete(one: Measure) -> None:
    card = one.card
    assert card.title
    assert card.summary.endswith(".")
    assert card.lecture
    assert card.paper
    assert card.formula
    assert set(card.needs) <= {SAMPLES, DENSITIES}
    assert card.needs
    assert one.unit in (NATS, DISTANCE, SQUARED, SHARE, NONE)
    assert isinstance(card.fact("symmetric"), bool)
    assert card.fact("better", "low") in ("low", "high")


@EVERY
def test_estimators_have_names_and_own_up_to_their_bias(one: Measure) -> None:
    ways = one.estimators
    assert len({way.id for way in ways}) == len({way.title for way in ways}) == len(ways)
    assert (SAMPLES in one.card.needs) <= bool(ways)
    for way in ways:
        assert way.id not in (CLOSED_FORM, QUADRATURE)
        assert way.interval in ("bootstrap", "jackknife")
        assert not way.bias or way.bias.endswith(".")
        assert 100 <= way.most <= 200_000
        assert {1, 2} & set(way.dims)


@EVERY
@pytest.mark.parametrize("text", ["gaussian:mean=0;std=1", "beta-1d", "mixture-1d", "moons", "checkerboard", "line"])
def test_a_law_is_at_no_distance_from_itself(one: Measure, text: str) -> None:
    p = law_from_text(text)
    found = sure_of(one, p, law_from_text(text))
    if one.card.id in ENTROPY or one.card.fact("better") == "high":
        return
    if found is None:
        assert one.closed_form(p, p) is None
        return
    assert found.low <= 0.0 <= found.high or abs(found.value) < 1e-9


@EVERY
@EACH_PAIR
def test_what_is_sure_is_not_negative_and_no_nan(one: Measure, pair: str) -> None:
    found = sure(one.card.id, pair)
    if found is None:
        return
    assert not math.isnan(found.value)
    assert found.low <= found.value <= found.high
    assert one.card.id in ENTROPY or found.value >= 0 or found.high >= 0
    assert one.unit != SHARE or found.low <= 1


@EVERY
@EACH_PAIR
def test_closed_form_and_quadrature_agree(one: Measure, pair: str) -> None:
    p, q = laws(pair)
    known, answer = one.closed_form(p, q), finish(one.quadrature(p, q))
    if known is None or answer is None:
        return
    value, error = answer
    assert value == known or abs(value - known) <= error + 1e-7 * max(1.0, abs(known))


@EVERY
@EACH_PAIR
def test_symmetric_where_it_says_so(one: Measure, pair: str) -> None:
    p, q = laws(pair)
    there, back = sure(one.card.id, pair), sure_of(one, q, p) if one.symmetric else None
    if there is not None and back is not None:
        assert close(there, back)


@EVERY
@EACH_PAIR
def test_moving_both_laws_changes_nothing(one: Measure, pair: str) -> None:
    p, q = laws(pair)
    here = sure(one.card.id, pair)
    step = np.full(p.dim, 2.5)
    there = sure_of(one, MovedLaw(p, step), MovedLaw(q, step)) if here is not None else None
    if here is not None and there is not None:
        assert close(here, there)


@EVERY
def test_discrete_laws_are_told_exactly_or_not_at_all(one: Measure) -> None:
    atoms = np.array([[0.0], [1.0], [2.5]])
    p, q = DiscreteLaw(atoms, np.array([1.0, 2.0, 1.0])), DiscreteLaw(atoms, np.array([2.0, 1.0, 1.0]))
    value = one.closed_form(p, q)
    assert value is None or value >= 0.0 or one.card.id in ENTROPY
    assert value != 0.0


@ESTIMATORS
@pytest.mark.parametrize("pair", ["gaussians", "apart", "moons", "parallel lines"])
def test_every_estimator_gives_a_number_in_time(one: Measure, way: Estimator, pair: str) -> None:
    p, q = laws(pair)
    asked = Asked(p, q, 200, 1, (way.id,), doubt=False)
    start = time.process_time()
    try:
        found = [given for given in measuring(one, asked) if given is not None]
    except Refused as refusal:
        told(refusal)
        return
    (only,) = found
    assert not math.isnan(only.value)
    assert only.method == way.title
    assert only.n == min(200, way.most)
    assert time.process_time() - start < 10


@ESTIMATORS
def test_estimators_are_the_same_for_the_same_seed_and_moved_clouds(one: Measure, way: Estimator) -> None:
    dim = 1 if 1 in way.dims else 2
    p, q = laws("gaussians" if dim == 1 else "gaussians of the plane")
    x, y = p.draw(150, np.random.default_rng(0)), q.draw(150, np.random.default_rng(1))
    step = np.full(dim, 4.0)
    here = finish(way.function(x, y, p, q, np.random.default_rng(2)))
    again = finish(way.function(x, y, p, q, np.random.default_rng(2)))
    there = finish(way.function(x + step, y + step, MovedLaw(p, step), MovedLaw(q, step), np.random.default_rng(2)))
    assert again == here
    room = 0.25 if any(word in way.id for word in TRAINED) else 1e-6
    assert there == pytest.approx(here, rel=room, abs=room)


@ESTIMATORS
def test_broken_clouds_are_refused_by_every_estimator(one: Measure, way: Estimator) -> None:
    dim = 1 if 1 in way.dims else 2
    p, q = laws("gaussians" if dim == 1 else "gaussians of the plane")
    good = p.draw(120, np.random.default_rng(0))
    broken = good.copy()
    broken[3] = np.nan
    for x, y in ((good, broken), (broken, good), (good, np.ones((120, dim + 1))), (good[:0], good)):
        with pytest.raises(Refused) as refused:
            finish(way.function(x, y, p, q, np.random.default_rng(0)))
        assert str(refused.value)[-1] in ".?"


@EVERY
def test_a_file_of_points_is_measured_or_the_ways_are_told(one: Measure) -> None:
    points = np.random.default_rng(0).standard_normal((300, 2))
    own = PointsLaw(points, "cloud"), PointsLaw(points + 1.0, "other")
    asked = Asked(*own, 200, ways=(USUAL, CLOSED_FORM, QUADRATURE), doubt=False)
    try:
        found = [way for way in measuring(one, asked) if way is not None]
    except Refused as refusal:
        told(refusal, "could not be measured", "Its ways are")
        return
    assert len(found) == 1
    assert found[0].n == 200
    assert math.isfinite(found[0].value)
