"""Absorbing diffusion: a token is masked, and stays so."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.paths.categorical.transition import Transition


class Absorbing(Transition):
    """Q_t = (1 - beta_t) I + beta_t e_m 1^T; Q_{1:t} = alpha-bar_t I + (1 - alpha-bar_t) e_m 1^T (lecture 13)."""

    card: ClassVar[Card] = Card(
        id="absorbing",
        title="Absorbing",
        summary="A token is replaced by a mask, which stays; the limit is all masks: masked language modelling.",
        lecture="13",
        paper="Austin et al., 2021",
        formula="Q_t = (1 - β_t) I + β_t e_m 1ᵀ",
    )

    @property
    def mask(self) -> int:
        """The state after the real ones."""
        return self.categories

    @property
    def limit(self) -> Tensor:
        """e_m."""
        return self._masked

    @property
    def _masked(self) -> Tensor:
        return self.one_hot(torch.tensor(self.mask, device=self.keep.device))

    def matrix(self, t: int, jump: int = 1) -> Tensor:
        """alpha I + (1 - alpha) e_m 1^T, alpha = alpha-bar_t / alpha-bar_{t-jump}."""
        kept = self.keep[t] / self.keep[t - jump]
        eye = torch.eye(self.states, dtype=self.keep.dtype, device=self.keep.device)
        return kept * eye + (1 - kept) * self._masked[:, None]

    def forward(self, p0: Tensor, t: Tensor) -> Tensor:
        """alpha-bar_t p_0 + (1 - alpha-bar_t) e_m."""
        kept = self.keep[t][..., None]
        return kept * p0 + (1 - kept) * self._masked * p0.sum(-1, keepdim=True)

    def back(self, x_t: Tensor, t: Tensor, jump: int = 1) -> Tensor:
        """alpha x_t, and 1 - alpha everywhere where x_t is the mask: any token may have been masked."""
        kept = (self.keep[t] / self.keep[t - jump])[..., None]
        return kept * self.one_hot(x_t) + (1 - kept) * (x_t == self.mask)[..., None]

    def draw(self, x_0: Tensor, t: Tensor, generator: torch.Generator) -> Tensor:
        """x_0 with probability alpha-bar_t, else the mask."""
        kept = torch.rand(x_0.shape, generator=generator, device=x_0.device, dtype=self.keep.dtype) < self.keep[t]
        return torch.where(kept, x_0, self.mask)


TRANSITION = Absorbing
