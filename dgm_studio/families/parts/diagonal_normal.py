"""Normal densities with a diagonal covariance, one or a mixture of them: encoders, decoders and priors are these."""

from __future__ import annotations

import math

import torch
from torch import Tensor

FIXED, LEARNED = "fixed", "learned"
"""A decoder's spread: one number of the design, or a log-variance per axis that the network gives."""

LOG_VARIANCE = (-14.0, 14.0)
"""Log-variances that a network gives are kept in here, so that their exponentials stay finite."""


def log_normal(x: Tensor, mean: Tensor, log_variance: Tensor) -> Tensor:
    """log N(x; mean, diag exp log_variance), (..., d) -> (...)."""
    square = (x - mean).square() * (-log_variance).exp()
    return -0.5 * (square + log_variance + math.log(2 * math.pi)).sum(-1)


def log_mixture(x: Tensor, means: Tensor, log_variances: Tensor, log_weights: Tensor | None = None) -> Tensor:
    """log sum_j w_j N(x; mean_j, diag exp log_variance_j) (n,) at x (n, d), with means and log-variances (m, d) and
    log w (m,), equal weights 1/m where none are given."""
    weights = -math.log(len(means)) if log_weights is None else log_weights
    return (log_normal(x[:, None], means, log_variances) + weights).logsumexp(1)


def draw_normal(mean: Tensor, log_variance: Tensor, generator: torch.Generator) -> Tensor:
    """One draw of N(mean, diag exp log_variance) a row, (n, d)."""
    noise = torch.randn(mean.shape, generator=generator, device=mean.device, dtype=mean.dtype)
    return mean + (0.5 * log_variance).exp() * noise


def spread(out: Tensor, decoder: str, sigma: float) -> tuple[Tensor, Tensor]:
    """A decoder's output as mean and log-variance (n, d): (n, d) with the one `sigma` where `decoder` is FIXED, else
    (n, 2 d) that holds both."""
    if decoder == FIXED:
        return out, torch.full_like(out, 2 * math.log(sigma))
    mean, log_variance = out.chunk(2, dim=1)
    return mean, log_variance.clamp(*LOG_VARIANCE)
