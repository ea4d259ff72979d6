"""What each order lifts, by hand."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import torch

from dgm_studio.core.errors import Refused
from dgm_studio.core.unmasking import Unmasking
from dgm_studio.solvers.unmasking.choice import gumbel_max, shaped
from dgm_studio.solvers.unmasking.moment import Pick
from dgm_studio.solvers.unmasking.orders import chosen
from dgm_studio.solvers.unmasking.pace import masked_share
from dgm_studio.solvers.unmasking.remasking import again, bound, sigma
from dgm_studio.solvers.unmasking.stages import stages
from tests.solvers.unmasking.films import film, settings, walked
from tests.solvers.unmasking.tabular import chain

P = torch.tensor([[0.50, 0.45, 0.05], [0.45, 0.28, 0.27], [0.97, 0.02, 0.01], [0.34, 0.33, 0.33]], dtype=torch.float64)


def lifted(order: str, count: int = 1, rate: float = 0.5, seed: int = 0, **values: float) -> list[int]:
    own = settings(order=order, **values)
    return chosen(own, P.log(), count, rate, torch.Generator().manual_seed(seed)).nonzero()[:, 0].tolist()


def test_each_order_has_its_own_favourites() -> None:
    assert lifted("left-to-right", 2) == [0, 1]
    assert lifted("confidence", 2) == [0, 2]
    assert lifted("margin", 2) == [1, 2]  # 0.17 beats 0.05
    assert lifted("entropy", 2) == [0, 2]
    assert lifted("threshold", threshold=0.48) == [0, 2]
    assert lifted("threshold", threshold=0.99) == [2], "the best goes alone where none passes"
    own = [float(-(row * row.log()).sum()) for row in P]
    small, next_, third = sorted(own)[:3]
    assert lifted("entropy-bound", bound=0.0) == [2]
    assert lifted("entropy-bound", bound=small + 1e-9) == [0, 2], "all but the largest are summed"
    assert lifted("entropy-bound", bound=small + next_ + 1e-9) == [0, 1, 2]
    assert lifted("entropy-bound", bound=small + next_ + third + 1e-9) == [0, 1, 2, 3]
    assert lifted("ancestral", rate=1.0) == [0, 1, 2, 3]
    assert lifted("ancestral", rate=0.0) == []


def test_random_is_even_and_order_temperature_loosens() -> None:
    random = np.bincount([lifted("random", seed=seed)[0] for seed in range(800)], minlength=4)
    assert random.min() > 150
    strict = {lifted("confidence", seed=seed, order_temperature=0.0)[0] for seed in range(50)}
    assert strict == {2}
    # Gumbel noise of scale 1 on log p draws position i with probability p_i over their sum.
    loose = np.bincount(
        [lifted("confidence", seed=seed, order_temperature=1.0)[0] for seed in range(2_000)], minlength=4
    )
    best = P.max(1).values.numpy()
    assert np.abs(loose / 2_000 - best / best.sum()).max() < 0.04


@pytest.mark.parametrize(
    ("pace", "half"), [("constant", 0.5), ("cosine", math.cos(math.pi / 4)), ("growing", 1 - 30 / 110)]
)
def test_paces(pace: str, half: float) -> None:
    shares = [masked_share(pace, step, 10) for step in range(11)]
    assert shares[0] == 1
    assert shares[10] == 0
    assert shares[5] == pytest.approx(half)
    assert all(one > other for one, other in pairwise(shares))
    if pace == "growing":  # in proportion to the step
        gaps = -np.diff(shares)
        assert np.allclose(gaps / gaps[0], np.arange(1, 11))


def test_the_loop_stands_still_in_its_window() -> None:
    shares = [masked_share("constant", step, 100, loop=True) for step in range(101)]
    assert shares[0] == 1
    assert shares[100] == 0
    assert all(shares[step] == pytest.approx(0.1) for step in range(45, 96))
    assert shares[45] == shares[60]


def test_how_tokens_are_chosen() -> None:
    logits = P[:1].log()
    assert torch.allclose(shaped(logits, settings()).exp(), P[:1])
    cold = shaped(logits, settings(temperature=0.5)).exp()
    assert torch.allclose(cold, P[:1] ** 2 / (P[:1] ** 2).sum())
    assert shaped(logits, settings(temperature=0.0)).exp().tolist() == [[1.0, 0.0, 0.0]]
    assert shaped(logits, settings(top_k=1)).exp().tolist() == [[1.0, 0.0, 0.0]]
    assert torch.allclose(shaped(logits, settings(top_k=2)).exp(), torch.tensor([[50.0, 45.0, 0.0]]).double() / 95)
    assert torch.allclose(shaped(logits, settings(top_p=0.6)).exp(), torch.tensor([[50.0, 45.0, 0.0]]).double() / 95)
    assert shaped(logits, settings(top_p=0.49)).exp().tolist() == [[1.0, 0.0, 0.0]]
    even = torch.zeros((1, 4), dtype=torch.float64)
    assert int((shaped(even, settings(top_k=2)).exp() > 0).sum()) == 2, "k tokens also where all are equal"
    drawn = gumbel_max(P[:1].log().expand(20_000, 3), torch.Generator().manual_seed(0))
    assert np.abs(np.bincount(drawn.numpy()) / 20_000 - P[0].numpy()).max() < 0.015


def test_gumbel_noise_reaches_far_tails() -> None:
    """In float32 a uniform number has 24 bits, so that minus log of minus log is at most 17."""
    from dgm_studio.solvers.unmasking.choice import gumbel

    noise = gumbel(torch.Size([400_000]), torch.Generator().manual_seed(0))
    assert noise.dtype == torch.float64
    assert bool(noise.isfinite().all())
    assert len(set(noise.tolist())) > 399_000
    assert float(noise.mean()) == pytest.approx(0.5772, abs=0.01)


def test_remasking_by_its_formulas() -> None:
    certainty = torch.tensor([0.9, 0.1, 0.5, 0.7], dtype=torch.float64)
    generator = torch.Generator().manual_seed(0)
    assert bound(0.5, 0.4) == pytest.approx(0.8)
    assert bound(0.2, 0.0) == 0
    assert bound(0.9, 0.8) == 1
    assert sigma(settings(remasking="cap", eta=0.3), certainty, 0.5, 0.4).tolist() == [0.3] * 4
    assert sigma(settings(remasking="cap", eta=0.3), certainty, 0.5, 0.1).tolist() == pytest.approx([0.2] * 4)
    assert sigma(settings(remasking="rescale", eta=0.3), certainty, 0.5, 0.4).tolist() == pytest.approx([0.24] * 4)
    own = sigma(settings(remasking="confidence", eta=0.3), certainty, 0.5, 0.4)
    assert float(own.mean()) == pytest.approx(0.24)
    assert own.argsort(descending=True).tolist() == [1, 2, 3, 0]
    assert sigma(settings(remasking="loop", eta=0.3), certainty, 0.5, 0.4).tolist() == [0.0] * 4
    assert sigma(settings(remasking="loop", eta=0.3), certainty, 0.1, 0.1).tolist() == pytest.approx([1 / 9] * 4)
    worst = settings(remasking="worst", worst=2)
    assert again(worst, certainty, 0.5, 0.4, 10, generator).tolist() == [False, True, True, False]
    assert again(worst, certainty, 0.5, 0.4, 1, generator).tolist() == [False, True, False, False]
    assert not again(worst, certainty, 0.5, 0.0, 0, generator).any()


def test_stages_share_the_steps() -> None:
    plan, note = stages(settings(steps=8, block=4), [0, 1, 2, 3, 6, 7, 12, 13], 16)
    assert [(one.low, one.masks, one.steps) for one in plan] == [(0, 4, 4), (4, 2, 2), (12, 2, 2)]
    assert note == ""
    plan, note = stages(settings(steps=64), list(range(5)), 16)
    assert plan[0].steps == 5
    assert note == "5 steps instead of 64: one for each mask."
    assert stages(settings(steps=64, order="ancestral"), list(range(5)), 16)[0][0].steps == 64
    plan, note = stages(settings(steps=2, block=4), list(range(16)), 16)
    assert [one.steps for one in plan] == [1, 1, 1, 1]
    assert note == "4 steps instead of 2: each block needs one."
    with pytest.raises(Refused, match=r"Blocks of 5 do not divide 16 positions evenly\. Take .* such as 4\."):
        stages(settings(block=5), [0], 16)
    for steps in range(3, 12):
        plan, _ = stages(settings(steps=steps, block=4), [0, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13], 16)
        assert sum(one.steps for one in plan) == max(4, steps)
        assert all(1 <= one.steps <= one.masks for one in plan)


def test_counts_and_blocks_of_a_film() -> None:
    model = chain()
    for order in ("random", "margin"):
        told = walked(film(model, settings(order=order, steps=4), 12)).steps
        assert [len(one.revealed) for one in told] == [0, 3, 3, 3, 3]
        assert [one.calls for one in told] == [0, 1, 2, 3, 4]
    blocks = walked(film(model, settings(order="random", steps=6, block=4), 12)).steps
    for one in blocks[1:]:
        assert set((one.revealed // 4).tolist()) == {(one.step - 1) // 2}
    left = walked(film(model, settings(order="left-to-right", steps=12), 12)).steps
    assert [one.revealed.tolist() for one in left[1:]] == [[k] for k in range(12)]


def test_a_last_step_that_restores_many_is_announced() -> None:
    one = walked(film(chain(), settings(order="threshold", threshold=1.0, steps=4), 12)).steps
    assert [len(told.revealed) for told in one] == [0, 1, 1, 1, 9]
    assert [told.note for told in one[:4]] == [""] * 4
    assert one[4].note == "The last step restores 9 tokens at once, none of them seeing the others."
    assert walked(film(chain(), settings(order="margin", steps=1), 12)).now.told.note.startswith(
        "The last step restores 12"
    )
    assert walked(film(chain(), settings(order="margin", steps=6), 12)).now.told.note == ""


def test_by_hand() -> None:
    one = film(chain(), settings(order="manual"), 4)
    with pytest.raises(Refused, match="click a masked position"):
        one.advance()
    told = one.advance(Pick(2))
    assert told is not None
    assert told.revealed.tolist() == [2]
    with pytest.raises(Refused, match="Position 3 is not masked"):
        one.advance(Pick(2))
    forced = one.advance(Pick(0, 3))
    assert forced is not None
    assert forced.ids[0] == 3
    assert one.most == 4
    with pytest.raises(Refused, match="The order chooses"):
        film(chain(), settings(), 4).advance(Pick(0))
    assert Unmasking().order == "margin"
