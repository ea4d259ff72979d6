"""One token in a categorical chain: its matrices, its law over time, and the step back, as numpy tables."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.arrays import Array
from dgm_studio.paths.categorical import chain
from dgm_studio.paths.categorical.discretised_gaussian import DiscretisedGaussian
from dgm_studio.paths.categorical.transition import pick


class OneToken:
    """A chain of paths.categorical over K tokens, float64. States are named 1 .. K, the mask, if any, m."""

    def __init__(self, transition: str, schedule: str, categories: int, steps: int) -> None:
        self.chain = chain(transition, categories, schedule, steps, torch.device("cpu"), torch.float64)
        self.mask = self.chain.mask
        self.states = self.chain.states
        self.alike = not isinstance(self.chain, DiscretisedGaussian)
        """Whether all tokens but x_0 are equally likely."""
        self.names = tuple("m" if state == self.mask else str(state + 1) for state in range(self.states))
        self.keep: Array = self.chain.keep.numpy()
        self.limit: Array = self.chain.limit.numpy()

    def step(self, t: int) -> Array:
        """Q_t (states, states), columns are where it comes from."""
        return self.chain.matrix(t).numpy()

    def so_far(self, t: int) -> Array:
        """Q_{1:t}."""
        return self.chain.matrix(t, t).numpy() if t else np.eye(self.states)

    def law(self, x_0: int) -> Array:
        """q(x_t | x_0) for t = 0 .. T (T + 1, states)."""
        times = torch.arange(self.chain.steps + 1)[:, None]
        clean = self.chain.one_hot(torch.full_like(times, x_0))
        return self.chain.forward(clean, times).squeeze(1).numpy()

    def move(self, tokens: Tensor, t: int, generator: torch.Generator) -> Tensor:
        """One step: a draw of q(x_t | x_{t-1}) for each token (n,)."""
        return pick(self.chain.matrix(t).T[tokens], generator)

    def posterior(self, t: int, x_t: int, x_0: int) -> Array | None:
        """q(x_{t-1} | x_t, x_0) (states,) by Bayes' rule; None where x_0 cannot have become x_t."""
        if not self.so_far(t)[x_t, x_0] > 0:
            return None
        clean = self.chain.one_hot(torch.tensor(x_0))
        return self.chain.posterior(torch.tensor(x_t), clean, torch.tensor(t)).numpy()

    def untransposed(self, t: int, x_t: int, x_0: int) -> Array:
        """(Q_t x_t) * (Q_{1:t-1} x_0) / (x_t^T Q_{1:t} x_0) (states,): lecture 13's slide, which drops the transpose.
        Zeros where x_0 cannot have become x_t."""
        out: Array = self.step(t)[:, x_t] * self.so_far(t - 1)[:, x_0]
        chance = self.so_far(t)[x_t, x_0]
        return out / chance if chance > 0 else np.zeros_like(out)
