"""What every family of text is: a network that gives a distribution over tokens at each position of a window."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

import torch
from torch import Tensor

from dgm_studio.data.text.vocabulary import LETTERS, Vocabulary
from dgm_studio.families.family import Family

MASKED, UNIFORM, AUTOREGRESSIVE = "masked", "uniform", "autoregressive"


class TextFamily(Family):
    """A family over windows (n, L) of token ids 0 .. V - 1, L = `length` = `dim`, V = design.vocabulary.

    Fit.points are int32 windows (n, L). The vocabulary travels in the state dict as bytes, so that a checkpoint alone
    can write and read its tokens; rows that no token uses are empty, and their logits are minus infinity. `mask` is V
    where the family knows masks. Losses are in nats per token.
    """

    takes: ClassVar[str] = "text"
    kind: ClassVar[str]
    spelling: Tensor

    def __init__(self, design: Any, dim: int) -> None:
        super().__init__(design, dim)
        self.register_buffer("spelling", torch.empty((design.vocabulary, LETTERS), dtype=torch.uint8))

    @property
    def length(self) -> int:
        """L, the positions of a window."""
        return self.dim

    @property
    def mask(self) -> int | None:
        """The id that says "masked", where the family knows it."""
        return int(self.design.vocabulary) if self.kind == MASKED else None

    @property
    def vocabulary(self) -> Vocabulary:
        """The tokens, read from the state dict."""
        return Vocabulary.from_bytes(self.design.tokens, self.spelling.cpu().numpy())

    @abstractmethod
    def logits(self, ids: Tensor, t: Tensor | None = None) -> Tensor:
        """Of the clean token at each position (n, L, V) from ids (n, L); t in [0, 1] (n,), 1 is clean, for a chain
        whose network must be told the time (uniform). An autoregressive family's row i sees only ids before i."""
