"""Your turn in the optimal transport scene: pairs made by hand, what they cost, and what is revealed."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import fill
from dgm_studio.lab.scenes.optimal_transport import Knobs, OptimalTransport
from dgm_studio.lab.scenes.parts.hand_pairs import hand_pairs
from tests.lab.scenes.transporting import after, read


def test_a_hand_made_plan_costs_the_mean_of_its_pairs() -> None:
    cost = np.arange(9, dtype=np.float64).reshape(3, 3)
    hand = hand_pairs(" 0-2,1 - 0 , 2-1", cost)
    assert hand.pairs == ((0, 2), (1, 0), (2, 1))
    assert hand.total == pytest.approx((2 + 3 + 7) / 3)
    assert hand.missing == 0
    assert hand.misses(2.0) == pytest.approx(1.0)


def test_pairs_drawn_again_go_and_points_have_one_partner() -> None:
    cost = np.ones((4, 4))
    assert hand_pairs("0-1, 0-1", cost).pairs == ()
    assert hand_pairs("0-1, 2-3, 0-1, 0-2", cost).pairs == ((2, 3), (0, 2))
    assert hand_pairs("0-1, 0-2", cost).pairs == ((0, 2),)
    assert hand_pairs("0-1, 3-1", cost).pairs == ((3, 1),)
    assert hand_pairs("", cost).missing == 4


@pytest.mark.parametrize(
    ("text", "said"),
    [("0", "not a pair"), ("a-b", "not a pair"), ("0-1; 1-0", "not a pair"), ("-1-0", "not a pair"),
     ("0-20", "at most 19"), ("999-0", "at most 19")],
)  # fmt: skip
def test_text_that_is_no_pairing_is_refused_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(Refused, match=said) as refused:
        OptimalTransport(fill(Knobs, {"task": "hand", "pairs": text}))
    assert str(refused.value).endswith(".")


def test_the_optimum_is_the_least_of_all_pairings_and_told_only_when_asked() -> None:
    scene, hidden = after(1, task="hand", hand_count=5, pairs="0-1, 1-0")
    cost = scene.problem.cost
    pairings = list(itertools.permutations(range(5)))
    totals = [float(cost[np.arange(5), columns].mean()) for columns in pairings]
    best, worst = (pairings[int(place)] for place in (np.argmin(totals), np.argmax(totals)))
    assert read(hidden, "Points still to connect")[0] == 3
    assert read(hidden, "Your cost so far")[0] == pytest.approx((cost[0, 1] + cost[1, 0]) / 5)
    assert not {one.name for one in hidden.readings} & {"Above the optimum", "Duality gap"}
    assert hidden.measured == ()
    assert [one.name for one in hidden.plots[0].segments] == ["Your pairs"]
    assert not any(line.tone == "exact" for plot in hidden.plots for line in plot.lines)

    def text(columns: tuple[int, ...]) -> str:
        return ", ".join(f"{i}-{j}" for i, j in enumerate(columns))

    _, whole = after(1, task="hand", hand_count=5, pairs=text(worst))
    missed = 100 * (max(totals) / min(totals) - 1)
    assert read(whole, "Above the optimum")[0] == pytest.approx(missed)
    assert f"{missed:.2g} %" in whole.caption
    assert read(whole, "Your cost")[1] is None
    _, told = after(1, task="hand", hand_count=5, pairs=text(worst), told="show")
    assert read(told, "Your cost") == pytest.approx((max(totals), min(totals)))
    assert sorted(one.name for one in told.plots[0].segments) == ["Best plan", "Your pairs"]
    assert told.measured[0].value == pytest.approx(min(totals))
    # What the pairs cost too much, by the prices, is exactly what the plan misses.
    assert told.plots[2].bars[0].heights.mean() == pytest.approx(max(totals) - min(totals), abs=1e-9)
    _, won = after(1, task="hand", hand_count=5, pairs=text(best))
    assert read(won, "Above the optimum")[0] == 0
    assert "optimal" in won.caption


def test_the_swap_it_hints_at_saves_what_it_says() -> None:
    cost = np.array([[0.0, 9, 9], [9, 5, 1], [9, 1, 5]])
    hand = hand_pairs("0-0, 1-1, 2-2", cost)
    from dgm_studio.lab.scenes.parts.hand_view import best_swap

    saved, pairs = best_swap(hand)
    assert saved == pytest.approx(hand.total - hand_pairs("0-0, 1-2, 2-1", cost).total)
    assert set(pairs) == {"1-1", "2-2"}


def test_pairs_of_points_beyond_the_count_rest_until_they_are_there() -> None:
    text = "0-1, 6-2, 1-7, 2-2"
    assert hand_pairs(text, np.ones((4, 4))).pairs == ((0, 1), (2, 2))
    assert hand_pairs(text, np.ones((8, 8))).pairs == ((0, 1), (1, 7), (2, 2))


def test_a_person_connects_as_many_points_as_there_are() -> None:
    scene, sketch = after(1, task="hand", hand_count=6, p_count=50, q_count=9, masses="unequal")
    assert scene.problem.cost.shape == (6, 6)
    assert scene.problem.a == pytest.approx(np.full(6, 1 / 6))
    pairing = sketch.plots[0].pairing
    assert pairing is not None
    assert pairing.left.shape == pairing.right.shape == (6, 2)
