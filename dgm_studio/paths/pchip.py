"""Monotone cubic interpolation for tensors of times: see core.pchip."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from dgm_studio.core.pchip import Cubic


@dataclass(frozen=True)
class Pchip(Cubic[Tensor]):
    """The curve in the dtype and on the device of the times; gradients flow through these."""

    def _pieces(self, t: Tensor) -> tuple[Any, ...]:
        count = len(self.values) - 1
        if t.ndim == 0:  # one time, as a solver asks: numbers instead of rows, four times as fast
            at = min(max(math.floor(float(t) * count), 0), count - 1)
            return t * count - at, 1 / count, *self.values[at : at + 2], *self.slopes[at : at + 2]
        which = (t.detach() * count).floor().clamp(0, count - 1)
        index = which.long()
        values, slopes = (_row(row, t) for row in (self.values, self.slopes))
        return t * count - which, 1 / count, values[index], values[index + 1], slopes[index], slopes[index + 1]


def _row(row: Sequence[float], like: Tensor) -> Tensor:
    return torch.tensor(row, dtype=like.dtype, device=like.device)
