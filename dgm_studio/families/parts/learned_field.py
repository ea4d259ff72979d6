"""A field that is known by its posterior means: velocity, score and clean point by the one table of targets."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cache

import torch
from torch import Tensor

from dgm_studio.paths.path import Path
from dgm_studio.paths.targets import from_clean_and_noise, inner_time


class LearnedField(ABC):
    """A paths.field.Field whose subclasses give `path` and `clean_and_noise`, one network evaluation."""

    @property
    @abstractmethod
    def path(self) -> Path:
        """The path whose marginals these are."""

    @abstractmethod
    def clean_and_noise(self, x: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        """(E[x_1 | x_t = x], E[x_0 | x_t = x]), each (n, d), at points (n, d) and time t, 0-d or (n,)."""

    def velocity(self, x: Tensor, t: Tensor) -> Tensor:
        """Marginal velocity (n, d) at points x (n, d) and time t, 0-d or (n,)."""
        return self._as("velocity", x, t)

    def score(self, x: Tensor, t: Tensor) -> Tensor:
        """grad log p_t (n, d)."""
        return self._as("score", x, t)

    def x1_hat(self, x: Tensor, t: Tensor) -> Tensor:
        """Posterior mean of the clean datum (n, d)."""
        return self.clean_and_noise(x, t)[0]

    def _as(self, target: str, x: Tensor, t: Tensor) -> Tensor:
        return from_clean_and_noise(target, *self.clean_and_noise(x, t), inner(x, t, self.path), self.path)


def inner(x: Tensor, t: Tensor, path: Path) -> Tensor:
    """t, 0-d or (n,), as (n,) in the dtype of x (n, d) and inside the path's ends."""
    return t.to(x.dtype).clamp(*ends(path)).expand(len(x))


@cache
def ends(path: Path) -> tuple[float, float]:
    """The first and last time that paths.targets.inner_time allows, looked up once a path."""
    low, high = inner_time(torch.tensor([0.0, 1.0], dtype=torch.float64, device="cpu"), path).tolist()
    return low, high
