"""DDPM's ancestral sampling along a discrete chain, with any of its variances."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from dgm_studio.lab.checkpoints.samplers.chain import CLEAN, Chain
from dgm_studio.lab.checkpoints.samplers.guided import Guess, Guided
from dgm_studio.solvers.noise import normal_like
from dgm_studio.solvers.solver import State

LEAST = 1e-20
"""A variance is not taken for less, for its logarithm's sake."""
LARGE, LEARNED, RANGE = ("fixed_large", "fixed_large_log"), "learned", "learned_range"


def ddpm(
    guided: Guided, chain: Chain, x: Tensor, steps: int, clip: float, generator: torch.Generator
) -> Iterator[State]:
    """x_r ~ N(posterior mean given x_t and x1_hat, variance): beta tilde, beta, or between the two as the network says
    (Ho et al., 2020, eq. 6 and 7; Nichol and Dhariwal, 2021, eq. 15). x1_hat is kept within +-`clip` (0: it is not).
    No noise after index 0; the noise of a step is one draw of x's shape (n, k)."""
    indices = chain.indices(steps)
    for place, (index, after) in enumerate(zip(indices, (*indices[1:], CLEAN), strict=True), 1):
        guess = guided.guess(x, chain.level(index))
        clean = guess.clean.clamp(-clip, clip) if clip else guess.clean
        yield State(chain.level(index).t, x, clean, place * guided.cost)
        abar, later = chain.left(index), chain.left(after)
        alpha = abar / later
        x = math.sqrt(later) * (1 - alpha) / (1 - abar) * clean + math.sqrt(alpha) * (1 - later) / (1 - abar) * x
        if index > 0:
            z = normal_like(x, generator, chain.level(index).t, chain.level(after).t)
            small = max((1 - later) / (1 - abar) * (1 - alpha), LEAST)
            x = x + _deviation(chain.schedule.variance, small, 1 - alpha, guess) * z
    yield State(1.0, x, x, len(indices) * guided.cost)


def _deviation(kind: str, small: float, large: float, guess: Guess) -> Tensor | float:
    """The noise's standard deviation: `small` is beta tilde, `large` beta."""
    if kind in LARGE:
        return math.sqrt(large)
    if guess.spread is None or kind not in (LEARNED, RANGE):
        return math.sqrt(small)
    if kind == LEARNED:
        return guess.spread.clamp_min(0).sqrt()
    share = (guess.spread + 1) / 2
    return torch.exp(0.5 * (share * math.log(large) + (1 - share) * math.log(small)))
