"""What every transition is: a Markov chain over categories that forgets where it began."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from torch import Tensor

from dgm_studio.core.card import Card


class Transition(ABC):
    """q(x_t | x_{t-1}) = Q_t x_{t-1}: columns of Q_t sum to one, states are one-hot columns (CONVENTIONS.md).

    Over `categories` real categories 0, ..., K - 1 and, where `mask` is not None, the state K that says "masked";
    `states` counts both. `keep` (T + 1,) is alpha-bar_t, from 1 to 0; `steps` is T. Tokens are int64 tensors of any
    shape, times int64 tensors that broadcast against them; a distribution has the states in one more, last axis. All
    in the dtype and on the device of `keep`.
    """

    card: ClassVar[Card]

    def __init__(self, categories: int, keep: Tensor) -> None:
        self.categories = categories
        self.keep = keep

    @property
    def steps(self) -> int:
        """T."""
        return len(self.keep) - 1

    @property
    def mask(self) -> int | None:
        """The absorbing state, where there is one."""
        return None

    @property
    def states(self) -> int:
        """Real categories and the mask, if any."""
        return self.categories + (self.mask is not None)

    @property
    @abstractmethod
    def limit(self) -> Tensor:
        """The stationary distribution (states,), which the sampler starts from."""

    @abstractmethod
    def matrix(self, t: int, jump: int = 1) -> Tensor:
        """Q_{t-jump+1:t} (states, states), [i, j] = q(x_t = i | x_{t-jump} = j); Q_t with jump 1, Q_{1:t} with jump t.

        For drawing and testing; what is large or batched uses the closed forms below.
        """

    @abstractmethod
    def forward(self, p0: Tensor, t: Tensor) -> Tensor:
        """Q_{1:t} p_0 (..., states): the distribution at step t of a clean one p0 (..., states)."""

    @abstractmethod
    def back(self, x_t: Tensor, t: Tensor, jump: int = 1) -> Tensor:
        """Q_{t-jump+1:t}^T x_t (..., states): how likely each x_{t-jump} makes x_t. With a jump over 1 t is 0-d."""

    @abstractmethod
    def draw(self, x_0: Tensor, t: Tensor, generator: torch.Generator) -> Tensor:
        """x_t from q(x_t | x_0), in the shape of x_0."""

    def one_hot(self, tokens: Tensor) -> Tensor:
        """Tokens (...) as distributions (..., states)."""
        out = torch.zeros((*tokens.shape, self.states), dtype=self.keep.dtype, device=tokens.device)
        return out.scatter_(-1, tokens[..., None], 1.0)

    def posterior(self, x_t: Tensor, p0: Tensor, t: Tensor, jump: int = 1) -> Tensor:
        """Proportional to (Q_{t-jump+1:t}^T x_t) * (Q_{1:t-jump} p_0), (..., states), summing to one.

        For a one-hot p_0 it is q(x_{t-jump} | x_t, x_0) by Bayes' rule; for a network's p_0 it is the reverse
        transition p(x_{t-jump} | x_t) of Austin et al., 2021, equation 4.
        """
        product = self.back(x_t, t, jump) * self.forward(p0, t - jump)
        return product / product.sum(-1, keepdim=True).clamp_min(torch.finfo(product.dtype).tiny)


def pick(probabilities: Tensor, generator: torch.Generator) -> Tensor:
    """One draw (...) from each of the distributions (..., states)."""
    flat = probabilities.reshape(-1, probabilities.shape[-1])
    return torch.multinomial(flat, 1, generator=generator).view(probabilities.shape[:-1])
