"""Capabilities: what a trained model can show, one small protocol each; layers and panels ask for these.

A class lists on its card (`shows`) the names of those it implements; a contract test holds the two together.
Where a design decides (a GAN's latent of dimension 3 has no grid), the method raises Refused with the reason.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.paths.path import Path
from dgm_studio.solvers.solver import State


@runtime_checkable
class HasVelocity(Protocol):
    """A marginal velocity along a path."""

    @property
    def path(self) -> Path: ...

    def velocity(self, x: Tensor, t: Tensor) -> Tensor: ...


@runtime_checkable
class HasScore(Protocol):
    """The score of the noised marginal p_t."""

    @property
    def path(self) -> Path: ...

    def score(self, x: Tensor, t: Tensor) -> Tensor: ...


@runtime_checkable
class HasDenoiser(Protocol):
    """The posterior mean of the clean datum."""

    @property
    def path(self) -> Path: ...

    def x1_hat(self, x: Tensor, t: Tensor) -> Tensor: ...


@runtime_checkable
class HasLogProb(Protocol):
    """A log-density in nats at points (n, dim) -> (n,); `log_prob_kind` is exact, ode, quadrature or bound.

    A generator, because it may be slow: each yield ends a slice of at most 50 ms, the value is returned.
    t < 1 asks for the model's noised marginal p_t, where the family has one, else it is Refused.
    """

    log_prob_kind: str

    def log_prob(
        self, x: Tensor, sampling: Any, generator: torch.Generator, t: float = 1.0
    ) -> Generator[None, None, Tensor]: ...


@runtime_checkable
class HasCritic(Protocol):
    """A discriminator: D(x) in (0, 1), the probability that x (n, dim) is real -> (n,)."""

    def critic(self, x: Tensor) -> Tensor: ...


@runtime_checkable
class HasLatent(Protocol):
    """An encoder and decoder: x (n, dim) <-> z (n, k) with log-variances."""

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]: ...

    def decode(self, z: Tensor) -> Tensor: ...


@runtime_checkable
class HasTransport(Protocol):
    """A deterministic map of the plane that carries noise to data, state by state: the warped grid."""

    def transport(self, start: Tensor, sampling: Any) -> Iterator[State]: ...


CAPABILITIES: dict[str, type] = {
    "velocity": HasVelocity,
    "score": HasScore,
    "denoiser": HasDenoiser,
    "log_prob": HasLogProb,
    "critic": HasCritic,
    "latent": HasLatent,
    "transport": HasTransport,
}


def refuse_noised(card: Card, t: float) -> None:
    """Refused for t < 1: what a family without a path answers when asked for a noised marginal's density."""
    if t < 1.0:
        raise Refused(f"{card.title} has no noised marginals; ask for its density at t = 1, the data.")


def refuse_grid(latent: int, dim: int) -> None:
    """Refused unless latent = dim: what a family says when asked to carry a grid to the data."""
    if latent != dim:
        raise Refused(
            f"The latent space has {latent} dimensions, the data {dim}: there is no grid to warp. "
            f"Set the latent dimension to {dim}."
        )
