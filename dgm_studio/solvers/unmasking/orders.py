"""Which masks are lifted first.

All orders but the ancestral one see only the distribution at each mask, never the token that will be drawn there:
one at a time, any of them leaves the joint of exact conditionals as it is. They see it before temperature, top-k and
top-p, so that an order still means something at temperature 0.
"""

from __future__ import annotations

import torch
from torch import Tensor

from dgm_studio.core.unmasking import (
    ANCESTRAL,
    CONFIDENCE,
    ENTROPY,
    ENTROPY_BOUND,
    LEFT_TO_RIGHT,
    MARGIN,
    RANDOM,
    THRESHOLD,
    Unmasking,
)
from dgm_studio.solvers.unmasking.choice import gumbel


def chosen(settings: Unmasking, log_p: Tensor, count: int, rate: float, generator: torch.Generator) -> Tensor:
    """The masks to lift, as a boolean (m,), of log-probabilities (m, V) at m masks from left to right.

    Ancestral: each with probability `rate` (Sahoo et al., 2024). Threshold: all above it, at least the best (Wu et al.,
    2025). Entropy bound: in order of entropy, while their sum but for the largest is at most the bound, at least one
    (Ben-Hamu et al., 2025). The others: the `count` first of their order.
    """
    masks = len(log_p)
    if settings.order == ANCESTRAL:
        return torch.rand(masks, generator=generator, dtype=torch.float64) < rate
    score = _score(settings, log_p, generator)
    ranked = score.argsort(descending=True, stable=True)
    if settings.order == THRESHOLD:
        count = max(1, int((score > settings.threshold).sum()))
    elif settings.order == ENTROPY_BOUND:
        own = -score[ranked]  # ascending: the largest so far is the last
        count = max(1, int((own.cumsum(0) - own <= settings.bound).sum()))
    out = torch.zeros(masks, dtype=torch.bool)
    out[ranked[:count]] = True
    return out


def _score(settings: Unmasking, log_p: Tensor, generator: torch.Generator) -> Tensor:
    """What is lifted first has most (m,)."""
    order, masks = settings.order, len(log_p)
    if order == RANDOM:
        return torch.rand(masks, generator=generator, dtype=torch.float64)
    if order == LEFT_TO_RIGHT:
        return -torch.arange(masks, dtype=torch.float64)
    if order in (ENTROPY, ENTROPY_BOUND):
        score = -entropy(log_p).double()
    else:
        first, second = log_p.topk(2, dim=-1).values.exp().double().unbind(-1)
        score = first - second if order == MARGIN else first
    if order in (CONFIDENCE, MARGIN, ENTROPY) and settings.order_temperature > 0:
        # Confidence and margin on the scale of logarithms, as MaskGIT's noise is (Chang et al., 2022).
        smooth = score if order == ENTROPY else score.clamp_min(1e-30).log()
        return smooth + settings.order_temperature * gumbel(score.shape, generator)
    return score


def entropy(log_p: Tensor) -> Tensor:
    """- sum p log p in nats (...,), of log-probabilities (..., V)."""
    out: Tensor = torch.special.entr(log_p.exp()).sum(-1)
    return out
