"""Two tokens: the mixture of joint and product by chi-squared over 20,000 draws, and its parts against scipy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from dgm_studio.core.sketch import Sketch
from dgm_studio.core.slow import finish
from dgm_studio.lab.scenes.parts.token_pair import COUPLED, WORDS, TokenPair, by_chance, p_value
from dgm_studio.lab.scenes.two_tokens import DRAWS, MOST_POINTS, Knobs, TwoTokens

N = 20_000
NAMES = pytest.mark.parametrize("name", sorted(COUPLED))


def drawn(rounds: int = 1, **knobs: Any) -> Sketch:
    scene = TwoTokens(Knobs(**knobs))
    for _ in range(rounds):
        for _ in scene.round():
            pass
    return scene.sketch()


def restored(pair: TokenPair, steps: int | None, seed: int = 0) -> tuple[Any, Any]:
    """N pairs, and when each of their tokens was restored."""
    return pair.pairs(finish(pair.restored(N, steps, seed)))


def chance(pair: TokenPair, steps: int | None, law: np.ndarray[Any, Any], seed: int = 0) -> float:
    """Chi-squared's p-value by scipy, of N pairs against `law`."""
    counts = pair.table(restored(pair, steps, seed)[0])
    assert counts.sum() == N
    return float(stats.chisquare(counts.ravel(), N * law.ravel()).pvalue)


@NAMES
def test_tables_are_laws_with_the_same_marginals(name: str) -> None:
    pair = TokenPair(name, 0.7)
    for law in (pair.joint, pair.product, pair.mixture(3)):
        assert law.sum() == pytest.approx(1)
        np.testing.assert_allclose(law.sum(0), pair.product.sum(0))
        np.testing.assert_allclose(law.sum(1), pair.product.sum(1))
    assert [len(words) for words in WORDS[name]] == list(pair.joint.shape)


@NAMES
def test_one_at_a_time_restores_the_joint(name: str) -> None:
    pair = TokenPair(name, 0.8)
    assert chance(pair, None, pair.joint) > 1e-3


@NAMES
def test_both_at_once_are_the_product(name: str) -> None:
    pair = TokenPair(name, 0.8)
    assert chance(pair, 1, pair.product) > 1e-3
    if name != "independent":
        assert chance(pair, 1, pair.joint) < 1e-9


@pytest.mark.parametrize("steps", [2, 3, 8])
def test_k_steps_are_the_mixture_and_nothing_else(steps: int) -> None:
    pair = TokenPair("animals", 0.9)
    assert chance(pair, steps, (1 - 1 / steps) * pair.joint + pair.product / steps) > 1e-3
    assert chance(pair, steps, pair.joint) < 1e-9
    assert chance(pair, steps, pair.mixture(2 * steps)) < 1e-6


def test_tokens_fall_in_the_same_step_one_time_in_k() -> None:
    tokens, when = restored(TokenPair("xor", 1.0), 5)
    assert (tokens < 2).all()
    assert np.unique(when).tolist() == [1, 2, 3, 4, 5]
    together = when[:, 0] == when[:, 1]
    assert together.mean() == pytest.approx(0.2, abs=5 * (0.16 / N) ** 0.5)
    # Apart, the bits are opposite every time; together they are so by chance only.
    opposite = tokens[:, 0] != tokens[:, 1]
    assert opposite[~together].all()
    assert opposite[together].mean() == pytest.approx(0.5, abs=5 * (0.25 / together.sum()) ** 0.5)


def test_left_to_right_restores_all_first_words_before_the_second_ones() -> None:
    _, when = restored(TokenPair("cities", 0.5), None)
    assert (when == [1, 2]).all()


def test_chance_alone_and_the_p_value_are_scipys() -> None:
    law, n = TokenPair("animals", 0.5).mixture(3), 70
    k = np.arange(n + 1)
    slow = sum(float(stats.binom.pmf(k, n, p) @ np.abs(k / n - p)) for p in law.ravel())
    assert by_chance(law, n) == pytest.approx(0.5 * slow, rel=1e-10)
    counts = np.random.default_rng(0).multinomial(500, law.ravel()).reshape(3, 3)
    assert p_value(counts, law) == pytest.approx(stats.chisquare(counts.ravel(), 500 * law.ravel()).pvalue, rel=1e-9)
    sure = TokenPair("xor", 1.0).joint
    assert p_value(np.array([[1, 4], [5, 0]]), sure) == 0
    assert p_value(np.array([[0, 50], [50, 0]]), sure) == 1


@pytest.mark.parametrize("knobs", [{}, {"sampler": "one"}, {"steps": 1, "pair": "animals"}, {"pair": "independent"}])
def test_measured_numbers_agree_with_the_exact_ones(knobs: dict[str, Any]) -> None:
    for one in drawn(20, **knobs).readings:
        if one.value is not None and one.exact is not None:
            assert one.doubt is not None
            assert abs(one.value - one.exact) <= 2 * one.doubt + 1e-12, one.name
        if one.name == "χ² p-value":
            assert one.value is not None
            assert one.value > 1e-3


def test_tables_stand_side_by_side_with_their_words() -> None:
    plot, against, stream = drawn(3, pair="animals").plots
    assert [one.name for one in plot.pictures] == ["joint", "product", "exact: K = 2", "drawn"]
    for one in plot.pictures:
        assert one.values.sum() == pytest.approx(1)
    assert [name for _, name in plot.names_across] == ["swan", "cat", "frog"] * 4
    exact = next(one for one in against.lines if one.tone == "exact")
    pair = TokenPair("animals", 0.9)
    assert exact.y[0] == pytest.approx(pair.apart)
    assert exact.y[-1] == pytest.approx(pair.apart / 32)
    to_joint = next(one for one in stream.lines if one.name == "to the joint")
    assert to_joint.x.tolist() == [DRAWS, 2 * DRAWS, 3 * DRAWS]


def test_captions_say_what_the_sampler_did() -> None:
    assert "13.2% of pairs, where the joint has 2.4%" in drawn().caption
    assert "the product, however good the network" in drawn(steps=1).caption
    assert "sees the first" in drawn(sampler="one").caption
    assert "independent" in drawn(pair="independent").caption


def test_curves_that_grow_stay_short() -> None:
    scene = TwoTokens(Knobs(sampler="one"))
    for _ in range(MOST_POINTS + 5):
        scene._count(np.array([[300, 0], [0, 200]]), np.zeros(DRAWS))
    assert len(scene.history) < MOST_POINTS
    assert scene.history[-1][0] == scene.drawn == DRAWS * (MOST_POINTS + 5)
