"""Uniform diffusion: a token is replaced by a random one."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.paths.categorical.transition import Transition


class Uniform(Transition):
    """Q_t = (1 - beta_t) I + beta_t U, U_ij = 1/K; Q_{1:t} = alpha-bar_t I + (1 - alpha-bar_t) U (lecture 13)."""

    card: ClassVar[Card] = Card(
        id="uniform",
        title="Uniform",
        summary="A token is replaced by any other, all equally likely; the limit is uniform noise.",
        lecture="13",
        paper="Hoogeboom et al., 2021; Austin et al., 2021",
        formula="Q_t = (1 - β_t) I + β_t 11ᵀ/K",
    )

    @property
    def limit(self) -> Tensor:
        """1/K each."""
        return torch.full_like(self.keep[:1], 1 / self.categories).expand(self.categories)

    def matrix(self, t: int, jump: int = 1) -> Tensor:
        """alpha I + (1 - alpha) U, alpha = alpha-bar_t / alpha-bar_{t-jump}."""
        kept = self.keep[t] / self.keep[t - jump]
        eye = torch.eye(self.categories, dtype=self.keep.dtype, device=self.keep.device)
        return kept * eye + (1 - kept) / self.categories

    def forward(self, p0: Tensor, t: Tensor) -> Tensor:
        """alpha-bar_t p_0 + (1 - alpha-bar_t) / K."""
        kept = self.keep[t][..., None]
        return kept * p0 + (1 - kept) / self.categories * p0.sum(-1, keepdim=True)

    def back(self, x_t: Tensor, t: Tensor, jump: int = 1) -> Tensor:
        """The matrix is symmetric: alpha x_t + (1 - alpha) / K."""
        kept = (self.keep[t] / self.keep[t - jump])[..., None]
        return kept * self.one_hot(x_t) + (1 - kept) / self.categories

    def draw(self, x_0: Tensor, t: Tensor, generator: torch.Generator) -> Tensor:
        """x_0 with probability alpha-bar_t, else any token."""
        kept = torch.rand(x_0.shape, generator=generator, device=x_0.device, dtype=self.keep.dtype) < self.keep[t]
        other = torch.randint(self.categories, x_0.shape, generator=generator, device=x_0.device)
        return torch.where(kept, x_0, other)


TRANSITION = Uniform
