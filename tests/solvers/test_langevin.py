"""Langevin dynamics: the step of lecture 6, its stationary law on a Gaussian, walls, thinning."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import Tensor

from dgm_studio.core.errors import Refused
from dgm_studio.solvers.langevin import langevin, langevin_step, shown_steps


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def down(x: Tensor, k: int = 0) -> Tensor:
    """The score of N(0, 1)."""
    return -x


def test_a_step_is_lecture_6s() -> None:
    x, score = torch.tensor([[1.0, 2.0]]), torch.tensor([[-3.0, 4.0]])
    z = torch.randn(1, 2, generator=generator(5))
    assert torch.allclose(langevin_step(x, score, 0.04, generator(5)), x + 0.02 * score + 0.2 * z)
    assert torch.equal(langevin_step(x, score, 0.04, generator(5), noise=0.0), x + 0.02 * score)


@pytest.mark.parametrize("h", [0.5, 1.0, 2.0])
def test_the_stationary_variance_of_a_standard_normal(h: float) -> None:
    """x' = (1 - h/2) x + sqrt(h) z has the variance h / (1 - (1 - h/2)^2) = 1 / (1 - h/4)."""
    truth = 1 / (1 - h / 4)
    start = truth**0.5 * torch.randn(40_000, 1, generator=generator(1), dtype=torch.float64)
    *_, (last, _) = langevin(down, start, [h] * 40, generator())
    error = truth * (2 / len(last)) ** 0.5
    assert float(last.var()) == pytest.approx(truth, abs=4 * error)
    assert abs(truth - 1) > 8 * error  # the bias itself is seen, not only the normal


def test_a_far_start_is_forgotten_at_the_known_rate() -> None:
    """E x_k = (1 - h/2)^k x_0."""
    start = torch.full((20_000, 1), 5.0, dtype=torch.float64)
    means = [float(x.mean()) for x, _ in langevin(down, start, [0.2] * 10, generator())]
    for k, mean in enumerate(means):
        assert mean == pytest.approx(5 * 0.9**k, abs=0.05)


def test_visits_hold_the_score_that_leaves_them_and_sizes_go_in_order() -> None:
    asked: list[int] = []

    def score(x: Tensor, k: int) -> Tensor:
        asked.append(k)
        return -x

    start = torch.ones(3, 2, dtype=torch.float64)
    visits = list(langevin(score, start, [0.1, 0.4, 0.2], generator(2), noise=0.0))
    assert asked == [0, 1, 2]
    assert visits[0].x is start
    assert [visit.score is None for visit in visits] == [False, False, False, True]
    assert torch.allclose(visits[-1].x, start * 0.95 * 0.8 * 0.9)
    for left, right in itertools.pairwise(visits):
        assert left.score is not None
        assert not torch.equal(left.x, right.x)


def test_the_same_generator_gives_the_same_chain_and_walls_hold() -> None:
    start = torch.zeros(50, 2)
    wall = lambda x: x.clamp(-0.1, 0.1)  # noqa: E731
    chains = [[x for x, _ in langevin(down, start, [0.1] * 5, generator(s), inside=wall)] for s in (3, 3, 4)]
    assert all(torch.equal(a, b) for a, b in zip(chains[0], chains[1], strict=True))
    assert not torch.equal(chains[0][-1], chains[2][-1])
    assert all(float(x.abs().max()) <= 0.1 + 1e-6 for x in chains[0])


def test_a_step_without_size_is_refused() -> None:
    with pytest.raises(Refused, match="above 0"):
        next(langevin(down, torch.zeros(1, 1), [0.1, 0.0], generator()))


@pytest.mark.parametrize("steps", [1, 2, 59, 60, 61, 300, 1000])
def test_shown_steps_are_few_even_and_have_both_ends(steps: int) -> None:
    shown = shown_steps(steps, 60)
    assert (shown[0], shown[-1]) == (0, steps)
    assert len(shown) == min(steps, 60) + 1
    gaps = [b - a for a, b in itertools.pairwise(shown)]
    assert min(gaps) >= 1
    assert max(gaps) - min(gaps) <= 1
