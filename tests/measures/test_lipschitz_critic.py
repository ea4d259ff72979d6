"""The critic's ways to W1: what training finds, in units of the data, and what its slope is."""

from __future__ import annotations

import numpy as np
import pytest

from dgm_studio.core.errors import Refused
from dgm_studio.core.slow import finish
from dgm_studio.measures.lipschitz_critic import CLIP, CRITICS, STEPS, gap, steepest, train
from dgm_studio.measures.w1 import MEASURE as W1
from tests.measures.laws import estimate, gaussian


@pytest.mark.parametrize(
    ("spread", "move", "dim"), [(1.0, 2.0, 2), (100.0, 200.0, 2), (1.0, 2.0, 1)], ids=["plane", "in cm", "line"]
)
def test_with_a_penalty_it_finds_w1(spread: float, move: float, dim: int) -> None:
    rng = np.random.default_rng(0)
    x = spread * rng.normal(size=(1_000, dim))
    y = spread * rng.normal(size=(1_000, dim))
    y[:, 0] += move
    assert estimate(W1, "critic-penalty", x, y) == pytest.approx(move, rel=0.12)


def test_on_the_line_it_finds_a_slope_of_both_signs() -> None:
    """N(0, 1) and N(0, 9): the best critic is -|x|, and W1 = 2 sqrt(2 / pi)."""
    p, q = gaussian((0.0,)), gaussian((0.0,), 9.0)
    rng = np.random.default_rng(0)
    truth = W1.closed_form(p, q)
    assert truth == pytest.approx(2 * np.sqrt(2 / np.pi))
    assert estimate(W1, "critic-penalty", p.draw(2_000, rng), q.draw(2_000, rng)) == pytest.approx(truth, rel=0.12)


def test_clipped_it_is_k_w1_with_unknown_k() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(1_000, 2)), rng.normal(size=(1_000, 2)) + np.array([2.0, 0.0])
    critic, one, other = finish(train(x, y, np.random.default_rng(0), clipped=True))
    assert max(float(weight.detach().abs().max()) for weight in critic.net.parameters()) <= CLIP + 1e-7
    raw, k = gap(critic, one, other), steepest(critic, one, other, np.random.default_rng(1))
    assert raw == pytest.approx(estimate(W1, "critic-clipped", x, y))
    assert abs(raw - 2) > 0.3, "K is what the clipped weights allow, not 1"
    assert 0.5 < raw / k < 2.2
    assert estimate(W1, "critic-scaled", x, y) == pytest.approx(raw / k, rel=0.1)


def test_of_one_law_it_is_small_and_of_another_seed_another() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(1_000, 2)), rng.normal(size=(1_000, 2))
    assert abs(estimate(W1, "critic-penalty", x, y)) < 0.2
    values = {finish(CRITICS[2].function(x, y, W, W, np.random.default_rng(seed))) for seed in (0, 0, 1)}
    assert len(values) == 2


W = gaussian((0.0, 0.0))


def test_it_is_cut_into_steps_and_says_what_it_is() -> None:
    x = np.random.default_rng(0).normal(size=(50, 2))
    assert sum(1 for _ in train(x, x + 1, np.random.default_rng(0), clipped=False)) == STEPS
    assert all(one.bias for one in CRITICS)
    with pytest.raises(Refused, match="8 points"):
        finish(train(x[:4], x, np.random.default_rng(0), clipped=True))
