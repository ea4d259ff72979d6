"""Discretised-Gaussian diffusion: a token moves to a near one, for categories with an order."""

from __future__ import annotations

from itertools import pairwise
from typing import ClassVar

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.paths.categorical.transition import Transition, pick


class DiscretisedGaussian(Transition):
    """[Q_t]_ij = exp(-4 (i - j)^2 / ((K - 1)^2 beta_t)) / Z_t for i != j, the diagonal what is left of one.

    Z_t is the sum over differences from -(K - 1) to K - 1 (Austin et al., 2021, appendix A.2.3). Symmetric, so the
    limit is uniform. beta_t = 1 - alpha-bar_t / alpha-bar_{t-1} of the schedule: the width of a step is
    (K - 1) sqrt(beta_t / 8) categories; alpha-bar itself has no further meaning here. Q_{1:t} is a table (T + 1, K, K).
    """

    card: ClassVar[Card] = Card(
        id="discretised-gaussian",
        title="Discretised Gaussian",
        summary="A token moves to a near one, a random walk on ordered categories; the limit is uniform noise.",
        lecture="13",
        paper="Austin et al., 2021",
        formula="[Q_t]_ij ∝ exp(-4 (i - j)² / ((K - 1)² β_t))",
    )

    def __init__(self, categories: int, keep: Tensor) -> None:
        super().__init__(categories, keep)
        steps = torch.stack([_step(categories, float(1 - r / s)) for s, r in pairwise(keep)])
        so_far = [torch.eye(categories, dtype=torch.float64, device="cpu")]
        for one in steps:
            so_far.append(one @ so_far[-1])
        # One is put before the first step, so that Q_t is found at t.
        self._steps = torch.cat((so_far[0][None], steps)).to(keep)
        self._so_far = torch.stack(so_far).to(keep)

    @property
    def limit(self) -> Tensor:
        """1/K each."""
        return torch.full_like(self.keep[:1], 1 / self.categories).expand(self.categories)

    def matrix(self, t: int, jump: int = 1) -> Tensor:
        """Q_t ... Q_{t-jump+1}."""
        if jump == t:
            return self._so_far[t]
        product = self._steps[t]
        for before in range(t - 1, t - jump, -1):
            product = product @ self._steps[before]
        return product

    def forward(self, p0: Tensor, t: Tensor) -> Tensor:
        """Q_{1:t} p_0 by the table, for there is no closed form; where a whole row of tokens shares its t, so t
        (..., 1) for p0 (..., D, K), one matrix serves the row."""
        if t.ndim and t.shape[-1] != 1:
            return (self._so_far[t] @ p0[..., None]).squeeze(-1)
        return p0 @ self._so_far[t.squeeze(-1) if t.ndim else t].mT

    def back(self, x_t: Tensor, t: Tensor, jump: int = 1) -> Tensor:
        """Row x_t of the matrix."""
        if jump == 1:
            return self._steps[t.expand(x_t.shape), x_t]
        return self.matrix(int(t), jump)[x_t]

    def draw(self, x_0: Tensor, t: Tensor, generator: torch.Generator) -> Tensor:
        """By column x_0 of Q_{1:t}."""
        return pick(self._so_far.mT[t.expand(x_0.shape), x_0], generator)


def _step(categories: int, beta: float) -> Tensor:
    """Q_t (K, K) in float64."""
    gap = torch.arange(categories, dtype=torch.float64, device="cpu")
    scale = max((categories - 1) ** 2 * beta, 1e-12)
    weight = torch.exp(-4 * gap.square() / scale)
    weight = weight / (2 * weight.sum() - weight[0])
    matrix = weight[(gap[:, None] - gap[None]).abs().long()]
    matrix.fill_diagonal_(0.0)
    return matrix + torch.diag(1 - matrix.sum(0))


TRANSITION = DiscretisedGaussian
