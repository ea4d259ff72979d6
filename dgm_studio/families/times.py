"""How training times are drawn: where along the path the loss is spent."""

from __future__ import annotations

import torch
from torch import Tensor

from dgm_studio.core.knobs import Choice

UNIFORM, LOGIT_NORMAL = "uniform", "logit-normal"

TIME_SAMPLINGS = (
    Choice(UNIFORM, "Uniform", "Every time equally often (lecture 12)."),
    Choice(
        LOGIT_NORMAL,
        "Logit-normal",
        "t = sigmoid(location + scale N(0, 1)): more in the middle (Esser et al., 2024).",
    ),
)


def logit_normal(normal: Tensor, location: float, scale: float) -> Tensor:
    """t = sigmoid(location + scale z) (n,) from standard normal z (n,): Esser et al., 2024, equation 19."""
    return torch.sigmoid(location + scale * normal)
