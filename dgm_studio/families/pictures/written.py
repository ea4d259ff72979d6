"""Tokens of a picture from left to right and from top to bottom: the exact chain rule."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from dgm_studio.core.unmasking import AUTOREGRESSIVE
from dgm_studio.families.fit import Fit
from dgm_studio.families.pictures.token_pictures import TokenPictures


class Written(TokenPictures):
    """log p(x | y) = sum_i log p(x_i | y, x_1 .. x_{i-1}) over tokens in raster order; the loss is its mean."""

    kind = AUTOREGRESSIVE

    def lesson(self, ids: Tensor, labels: Tensor, fit: Fit) -> tuple[Tensor, dict[str, Tensor]]:
        """The cross-entropy of each next token."""
        return self.costs(ids, labels).mean(), {}

    def bound(self, ids: Tensor, labels: Tensor, generator: torch.Generator) -> Tensor:
        """-log p (n,), exact; nothing is drawn, `generator` is not used."""
        return self.costs(ids, labels).sum(1)

    def costs(self, ids: Tensor, labels: Tensor) -> Tensor:
        """-log p of each token (n, L) given those before it and labels (n,)."""
        logits = self.read_out(self.features(ids, labels))
        return cross_entropy(logits.flatten(0, 1), ids.flatten(), reduction="none").view(ids.shape)
