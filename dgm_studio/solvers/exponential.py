"""What exponential integrators share: the linear part of the ODE is solved exactly, the clean point is all they step.

In lambda = log(a / s), half the log signal-to-noise ratio, the probability-flow ODE is x_r = (s_r / s_t) x_t +
s_r int exp(lambda) x1_hat(lambda) dlambda (Lu et al., 2022, DPM-Solver++, proposition 4.1).
"""

from __future__ import annotations

import torch
from torch import Tensor

from dgm_studio.paths.path import Path


def log_ratio(path: Path, t: Tensor) -> Tensor:
    """lambda(t) = log a(t) - log s(t), 0-d; minus infinity where a = 0, infinity where s = 0."""
    return torch.log(path.a(t)) - torch.log(path.s(t))


def constant_step(path: Path, x: Tensor, clean: Tensor, t: Tensor, r: Tensor) -> Tensor:
    """x_r (n, d) with x1_hat held at `clean` over the step: (s_r / s_t) x_t + (a_r - a_t s_r / s_t) x1_hat. This is
    DDIM without noise, and the exponential Euler method."""
    kept = path.s(r) / path.s(t)
    return kept * x + (path.a(r) - path.a(t) * kept) * clean
