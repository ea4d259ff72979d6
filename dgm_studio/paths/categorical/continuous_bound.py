"""Masked diffusion in continuous time: times, masks, and the bound that weights cross-entropies (lecture 14)."""

from __future__ import annotations

import torch
from torch import Tensor

from dgm_studio.paths.categorical.schedules import keep_slope, noised_rate


def antithetic_times(n: int, generator: torch.Generator, dtype: torch.dtype = torch.float32) -> Tensor:
    """u_i = 1 - ((u + i / n) mod 1), i < n, one uniform u for all: (n,) in (0, 1], one in each n-th of the interval.

    Each alone is uniform, so averages stay unbiased; together they spread evenly, so their variance is lower (Kingma
    et al., 2021, appendix I.1; Sahoo et al., 2024). On the generator's device; the lectures' time: 1 is all noise.
    """
    u = torch.rand((), generator=generator, device=generator.device, dtype=dtype)
    return 1 - (u + torch.arange(n, device=generator.device, dtype=dtype) / n).remainder(1)


def bound_weight(schedule: str, u: Tensor) -> Tensor:
    """-alpha'(u) / (1 - alpha(u)), in the shape of u, u in (0, 1]: 1 / lambda for the linear schedule (Sahoo et al.,
    2024, equation 10); pi cot(pi u / 2) for the cosine, ln(r) r^u / (r^u - 1) for the geometric one."""
    rate = noised_rate(schedule, u)
    return -keep_slope(schedule, u) / rate.clamp_min(torch.finfo(rate.dtype).tiny)


def mask_at_rates(tokens: Tensor, rates: Tensor, mask: int, generator: torch.Generator) -> Tensor:
    """Tokens (n, L), each replaced by `mask` with probability rates (n,): a draw of q(x_t | x_0), lambda = rate."""
    chance = torch.rand(tokens.shape, generator=generator, device=tokens.device, dtype=rates.dtype)
    return torch.where(chance < rates[:, None], mask, tokens)


def mask_counted(tokens: Tensor, mask: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Tokens (n, L) with k_i of each row replaced by `mask`, and the weights L / k_i (n,), k_i spread over 1 .. L.

    The rate integrated out: int (1 / lambda) lambda^k (1 - lambda)^(L - k) C(L, k) dlambda = 1 / k, so `masked_bound`
    of these is the same bound with weights of at most L in place of unbounded ones (Ou et al., 2025, theorem 2, as
    LLaDA is evaluated). For validation; rows get their k antithetically.
    """
    n, length = tokens.shape
    k = (antithetic_times(n, generator, torch.float64).to(tokens.device) * length).ceil().clamp(1, length)
    order = torch.rand(tokens.shape, generator=generator, device=tokens.device).argsort(1).argsort(1)
    return torch.where(order < k[:, None], mask, tokens), (length / k).float()


def masked_bound(cross_entropy: Tensor, masked: Tensor, weight: Tensor) -> Tensor:
    """weight x the sum of -log p(x_0^i | x_t) over masked positions i (n,), nats a window; by L it is per token.

    `cross_entropy` (n, L) in nats, `masked` (n, L) says which positions are masks in x_t, `weight` (n,) from
    `bound_weight` or `mask_counted`. Its mean over times uniform in (0, 1] is -ELBO, whatever the schedule.
    """
    return weight * torch.where(masked, cross_entropy, 0.0).sum(1)
