"""How training times are drawn: where along the path the loss is spent."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from dgm_studio.core.knobs import Choice
from dgm_studio.paths.path import Path

UNIFORM, LOGIT_NORMAL, SHIFTED, DISCRETE = "uniform", "logit-normal", "shifted", "discrete"
LOG_NORMAL = "log-normal"

TIME_SAMPLINGS = (
    Choice(UNIFORM, "Uniform", "Every time equally often (lecture 12)."),
    Choice(
        LOGIT_NORMAL,
        "Logit-normal",
        "t = sigmoid(location + scale N(0, 1)): more in the middle (Esser et al., 2024).",
    ),
    Choice(SHIFTED, "Shifted", "Uniform times moved towards noise, as for high resolution (Esser et al., 2024)."),
    Choice(DISCRETE, "Discrete", "One of T levels, each equally often: DDPM's chain (lecture 8)."),
    Choice(
        LOG_NORMAL,
        "Log-normal sigma",
        "ln(s / a) from a normal of mean −location: the noise level itself (Karras et al., 2022).",
    ),
)


def draw_times(training: Any, path: Path, n: int, generator: torch.Generator, dtype: torch.dtype) -> Tensor:
    """Times (n,) as `training.times` says, on the generator's device."""
    device, kind = generator.device, training.times
    if kind in (LOGIT_NORMAL, LOG_NORMAL):
        normal = torch.randn((n,), generator=generator, device=device, dtype=dtype)
        if kind == LOGIT_NORMAL:
            return logit_normal(normal, training.location, training.scale)
        return path.time_of(torch.exp(training.scale * normal - training.location))
    if kind == DISCRETE:
        levels = training.levels
        index = torch.randint(1, levels + 1, (n,), generator=generator, device=device).to(dtype)
        discrete: Tensor = 1 - index / levels
        return discrete
    uniform = torch.rand((n,), generator=generator, device=device, dtype=dtype)
    return shifted(uniform, training.shift) if kind == SHIFTED else uniform


def logit_normal(normal: Tensor, location: float, scale: float) -> Tensor:
    """t = sigmoid(location + scale z) (n,) from standard normal z (n,): Esser et al., 2024, equation 19."""
    return torch.sigmoid(location + scale * normal)


def shifted(t: Tensor, shift: float) -> Tensor:
    """1 - t' with u' = shift u / (1 + (shift - 1) u), u = 1 - t: Esser et al., 2024, equation 23, on noise time u."""
    return t / (t + shift * (1 - t))
