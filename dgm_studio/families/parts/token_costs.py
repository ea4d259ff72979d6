"""Costs of tokens: sums and counts of them, and which knobs of a sampler a chain has no use for."""

from __future__ import annotations

import torch
from torch import Tensor

from dgm_studio.core.unmasking import AUTOREGRESSIVE, MASKED

SHARES = (0.15, 0.5, 0.85)
"""Noised shares at which a family is judged."""

_OF_MASKS = ("order", "order_temperature", "threshold", "bound", "remasking", "eta", "worst", "block")
_WRITTEN = "An autoregressive model writes from left to right, one token a step."
_UNIFORM = "A uniform chain has no masks: every position may change at every step."


def summed(nats: Tensor) -> Tensor:
    """Sum and count (2,) of nats (m,)."""
    return torch.stack((nats.sum(), torch.tensor(len(nats), dtype=nats.dtype, device=nats.device)))


def spread(values: Tensor, where: Tensor) -> Tensor:
    """Values (m,) at the m true positions of `where` (n, L), zero elsewhere."""
    return torch.zeros(where.shape, dtype=values.dtype, device=values.device).masked_scatter(where, values)


def idle_of(kind: str) -> dict[str, str]:
    """Which knobs of core.unmasking.Unmasking a chain of that kind has no use for, each with the reason."""
    if kind == MASKED:
        return {}
    reason = _WRITTEN if kind == AUTOREGRESSIVE else _UNIFORM
    return dict.fromkeys((*_OF_MASKS, *(("steps", "pace") if kind == AUTOREGRESSIVE else ())), reason)
