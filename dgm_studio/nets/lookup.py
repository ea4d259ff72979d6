"""A table of rows, one for each label or token."""

from __future__ import annotations

from torch import nn


class Lookup(nn.Embedding):
    """torch's Embedding, which nets.init fills. Torch's own filling would be lost on the meta device, where it is a
    second's import of torch's compiler besides."""

    def reset_parameters(self) -> None:
        """Nothing: see nets.init.init."""
