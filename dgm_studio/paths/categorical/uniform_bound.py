"""Uniform diffusion in continuous time: its bound in closed form, with one pass over the vocabulary (lecture 14)."""

from __future__ import annotations

import torch
from torch import Tensor

from dgm_studio.paths.categorical.schedules import keep_rate, keep_slope, noised_rate


def replace_at_rates(tokens: Tensor, rates: Tensor, vocabulary: int, generator: torch.Generator) -> Tensor:
    """Tokens (n, L), each replaced with probability rates (n,) by any of `vocabulary`, itself included: a draw of
    q(x_t | x_0) = alpha x_0 + (1 - alpha) / V."""
    chance = torch.rand(tokens.shape, generator=generator, device=tokens.device, dtype=rates.dtype)
    other = torch.randint(vocabulary, tokens.shape, generator=generator, device=tokens.device, dtype=tokens.dtype)
    return torch.where(chance < rates[:, None], other, tokens)


def uniform_bound(schedule: str, u: Tensor, clean: Tensor, x_t: Tensor, x_0: Tensor) -> Tensor:
    """The integrand of -ELBO at times u (n,) in (0, 1], nats at each position (n, L) (Schiff et al., 2025).

    `clean` (n, L, V) is the network's distribution of the clean token, x_t and x_0 (n, L) tokens. The reverse rates
    from x_t to j are (sigma / V) y_j / y_{x_t}, sigma = -alpha' / alpha, y = V alpha p + 1 - alpha; those of the truth
    have the one-hot x_0 for p, and the integrand is sum_j r_j (e^d_j - 1 - d_j), d = log of model's over true rate.
    With c = V alpha / (1 - alpha), y / (1 - alpha) = 1 + c p, so one log1p(c p) over the vocabulary is all it needs.
    Its mean over u uniform in (0, 1], summed over positions, is -ELBO; by L it is per token.
    """
    size = clean.shape[-1]
    u = u.to(clean.dtype)
    keep, noised = (rate(schedule, u)[:, None].clamp_min(1e-6) for rate in (keep_rate, noised_rate))
    sigma = -keep_slope(schedule, u)[:, None] / keep
    c = size * keep / noised
    logs = torch.log1p(c[..., None] * clean)
    log_here, log_clean = (logs.gather(-1, at.long()[..., None]).squeeze(-1) for at in (x_t, x_0))
    same = x_t == x_0
    true_here = torch.where(same, c, 0.0).log1p()
    total = size / noised
    gap = (-log_here).exp() - (-true_here).exp()
    inner = (1 + c) * c.log1p() - total * (true_here - log_here) - logs.sum(-1) - c * log_clean
    return sigma / size * (total * gap + (-true_here).exp() * inner)
