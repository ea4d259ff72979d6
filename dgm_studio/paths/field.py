"""Fields: what a solver walks along, learned or exact."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor

from dgm_studio.paths.path import Path


class Field(Protocol):
    """The marginal vector fields of one path. x is (n, d), t a 0-d tensor or (n,); each returns (n, d).

    Implemented by the trained diffusion and by the exact field of a mixture, in the dtype of x. One
    evaluation of any method is one network evaluation; whoever needs two of them at the same (x, t) calls one
    and converts by `paths.targets`.
    """

    @property
    def path(self) -> Path:
        """The path whose marginals these are."""

    def velocity(self, x: Tensor, t: Tensor) -> Tensor:
        """Marginal velocity E[a' x_1 + s' x_0 | x_t = x]; the finite limit where a conversion is singular."""

    def score(self, x: Tensor, t: Tensor) -> Tensor:
        """grad log p_t(x) = -E[x_0 | x_t = x] / s."""

    def x1_hat(self, x: Tensor, t: Tensor) -> Tensor:
        """Posterior mean E[x_1 | x_t = x]."""
