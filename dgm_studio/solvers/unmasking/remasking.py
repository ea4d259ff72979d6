"""Which restored tokens are masked again: ReMDM (Wang et al., 2025), or the n worst."""

from __future__ import annotations

import torch
from torch import Tensor

from dgm_studio.core.unmasking import BY_CONFIDENCE, CAP, LOOP, NO_REMASK, RESCALE, WORST, Unmasking


def bound(before: float, after: float) -> float:
    """sigma_max = min(1, (1 - alpha_s) / alpha_t), the most that can be masked again if the mask rate is to fall from
    lambda_t = `before` to lambda_s = `after`; alpha = 1 - lambda (Wang et al., 2025)."""
    return 1.0 if before >= 1 else min(1.0, after / (1 - before))


def again(
    settings: Unmasking, certainty: Tensor, before: float, after: float, most: int, generator: torch.Generator
) -> Tensor:
    """Which of n restored tokens are masked again, a boolean (n,).

    `certainty` (n,) is the probability of each when it was restored, `before` and `after` the mask rates around the
    step, `most` how many masks there may be after it. Each with probability sigma: cap min(eta, sigma_max); rescale
    eta sigma_max; confidence eta sigma_max w, w the softmax of minus certainty times n (the paper's weights sum to one,
    so that at most one token a step is masked again; these average one, so that eta means what it does in rescale);
    loop min(eta, sigma_max) while the mask rate stands still. Worst: the n of least certainty.
    """
    tokens = len(certainty)
    if settings.remasking == NO_REMASK or tokens == 0:
        return torch.zeros(tokens, dtype=torch.bool)
    if settings.remasking == WORST:
        out = torch.zeros(tokens, dtype=torch.bool)
        out[certainty.argsort(stable=True)[: min(settings.worst, most)]] = True
        return out
    drawn = torch.rand(tokens, generator=generator, dtype=torch.float64)
    return drawn < sigma(settings, certainty, before, after)


def sigma(settings: Unmasking, certainty: Tensor, before: float, after: float) -> Tensor:
    """ReMDM's probability of each of n restored tokens to be masked again (n,)."""
    most, eta = bound(before, after), settings.eta
    flat = torch.ones(len(certainty), dtype=torch.float64)
    if settings.remasking == CAP or (settings.remasking == LOOP and before == after):
        return flat * min(eta, most)
    if settings.remasking == RESCALE:
        return flat * eta * most
    if settings.remasking == BY_CONFIDENCE:
        weight = len(certainty) * torch.softmax(-certainty.double(), 0)
        return (eta * most * weight).clamp_max(most)
    return flat * 0.0


def lifting_rate(before: float, after: float, remasked: float) -> float:
    """The probability of each mask to be lifted, (lambda_t - lambda_s + sigma (1 - lambda_t)) / lambda_t, so that the
    mask rate falls from `before` to `after` although the share `remasked` = sigma of what is restored is masked again
    (Wang et al., 2025; with sigma = 0 MDLM's)."""
    return min(1.0, (before - after + remasked * (1 - before)) / before) if after > 0 else 1.0
