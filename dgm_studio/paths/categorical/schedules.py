"""Noise schedules of categorical chains: how much of a token is kept at a time u, from 1 at u = 0 to 0 at u = 1."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Choice
from dgm_studio.core.names import near

LINEAR, COSINE, GEOMETRIC = "linear", "cosine", "geometric"

SCHEDULES = (
    Choice(LINEAR, "Linear", "The noised share grows evenly: 1 - alpha = u (Austin et al., 2021)."),
    Choice(COSINE, "Cosine", "1 - alpha = sin²(πu/2): slow at both ends (Nichol and Dhariwal, 2021)."),
    Choice(GEOMETRIC, "Geometric", "What is noised in each step grows by a constant factor, 100 in all."),
)
"""What a knob `schedule` may choose from."""

RATIO = 100.0
"""The geometric schedule's last increment over its first."""


def keep_rate(schedule: str, u: Tensor) -> Tensor:
    """alpha(u), the probability that a token is as it was, at u in [0, 1] (0 clean, 1 noise), in the shape of u.

    Geometric: 1 - alpha = (r^u - 1) / (r - 1), r = 100. The schedules' u is the lectures' time, 1 - t of the studio's
    clock. Refused for a name that is none.
    """
    if schedule == LINEAR:
        return 1 - u
    if schedule == COSINE:
        return torch.cos(0.5 * math.pi * u).square()
    if schedule == GEOMETRIC:
        return 1 - torch.expm1(math.log(RATIO) * u) / (RATIO - 1)
    raise _unknown(schedule)


def keep_slope(schedule: str, u: Tensor) -> Tensor:
    """alpha'(u), in the shape of u: -1, -(pi / 2) sin(pi u), -ln(r) r^u / (r - 1). Refused for a name that is none."""
    if schedule == LINEAR:
        return -torch.ones_like(u)
    if schedule == COSINE:
        return -0.5 * math.pi * torch.sin(math.pi * u)
    if schedule == GEOMETRIC:
        return -math.log(RATIO) / (RATIO - 1) * torch.exp(math.log(RATIO) * u)
    raise _unknown(schedule)


def noised_rate(schedule: str, u: Tensor) -> Tensor:
    """lambda(u) = 1 - alpha(u) in the shape of u, exact to the last digit where it is near 0: u, sin^2(pi u / 2),
    (r^u - 1) / (r - 1). Refused for a name that is none."""
    if schedule == LINEAR:
        return u
    if schedule == COSINE:
        return torch.sin(0.5 * math.pi * u).square()
    if schedule == GEOMETRIC:
        return torch.expm1(math.log(RATIO) * u) / (RATIO - 1)
    raise _unknown(schedule)


def _unknown(schedule: str) -> Refused:
    names = [choice.id for choice in SCHEDULES]
    return Refused(f"There is no schedule '{schedule}'. Choose {', '.join(near(schedule, names) or names)}.")


def keep_rates(
    schedule: str, steps: int, device: torch.device | str = "cpu", dtype: torch.dtype = torch.float64
) -> Tensor:
    """alpha-bar_0 = 1, ..., alpha-bar_T = 0 (steps + 1,), the ends exactly so; computed in float64 on the CPU."""
    u = torch.arange(steps + 1, dtype=torch.float64, device="cpu") / steps
    keep = keep_rate(schedule, u)
    keep[0], keep[-1] = 1.0, 0.0
    return keep.to(device, dtype)
