"""What a sampler of tokens asks of a model."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor


class TokenModel(Protocol):
    """A distribution over tokens 0, ..., V - 1 at each position of a window."""

    @property
    def kind(self) -> str:
        """core.unmasking.MASKED, UNIFORM or AUTOREGRESSIVE."""

    @property
    def mask(self) -> int | None:
        """The id that says "masked" (V), where the model knows it."""

    @property
    def device(self) -> torch.device:
        """Where it computes."""

    def time_of(self, share: float) -> float:
        """t at which the share `share` of the tokens is noised, 0 where all are."""

    def logits(self, ids: Tensor, t: Tensor | None = None) -> Tensor:
        """Of the clean token at each position (n, L, V), of ids int64 (n, L); t in [0, 1] (n,), 1 is clean."""
