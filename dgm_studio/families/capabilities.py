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
from dgm_studio.families.showing import Bars, Fact, Push, Structure
from dgm_studio.paths.exact import ExactField
from dgm_studio.paths.field import Field
from dgm_studio.paths.path import Path
from dgm_studio.solvers.solver import State

PROBABILITY, VALUE = "probability", "value"


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
    """A discriminator or critic at x (n, dim) -> (n,). `critic_kind` is PROBABILITY (D(x) in (0, 1): how likely x is
    real) or VALUE (a Wasserstein critic f(x), known up to a constant)."""

    critic_kind: str

    def critic(self, x: Tensor) -> Tensor: ...


@runtime_checkable
class HasEnergy(Protocol):
    """An unnormalised energy E(x) (n,), p(x) = exp(-E(x)) / Z."""

    def energy(self, x: Tensor) -> Tensor: ...


@runtime_checkable
class HasLatent(Protocol):
    """An encoder and decoder: x (n, dim) <-> z (n, k) with log-variances."""

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]: ...

    def decode(self, z: Tensor) -> Tensor: ...


@runtime_checkable
class HasTransport(Protocol):
    """A deterministic map of the plane that carries noise to data, state by state: the warped grid."""

    def transport(self, start: Tensor, sampling: Any) -> Iterator[State]: ...


@runtime_checkable
class HasFacts(Protocol):
    """Read-outs only this family has, from the training points (n, dim). A generator: each yield ends a slice."""

    def facts(
        self, points: Tensor, sampling: Any, generator: torch.Generator
    ) -> Generator[None, None, tuple[Fact, ...]]: ...


@runtime_checkable
class HasBars(Protocol):
    """A bar chart of the model on the training points (n, dim). A generator: each yield ends a slice."""

    def bars(self, points: Tensor, sampling: Any, generator: torch.Generator) -> Generator[None, None, Bars]: ...


@runtime_checkable
class HasStructure(Protocol):
    """What only this family has, drawn over the data; the card's fact "structure" is its name on the chip. A
    generator: each yield ends a slice."""

    def structure(
        self, points: Tensor, sampling: Any, generator: torch.Generator
    ) -> Generator[None, None, Structure]: ...


@runtime_checkable
class HasPush(Protocol):
    """Arrows at points of its own choice at time t; the card's fact "push" is its name on the chip. A generator: each
    yield ends a slice."""

    def push(
        self, points: Tensor, t: float, sampling: Any, generator: torch.Generator
    ) -> Generator[None, None, Push]: ...


@runtime_checkable
class HasLossFloor(Protocol):
    """The training loss of the exact answer in the network's place: the irreducible part, which no network can beat.

    For each clean point of x1 (n, d) one draw (n,) of it, with times, noise and weights as `training` has them and the
    exact posterior mean from `exact`. Refused where that is not what the design's loss leads to (class labels).
    """

    def loss_of_exact(self, exact: ExactField, x1: Tensor, training: Any, generator: torch.Generator) -> Tensor: ...


@runtime_checkable
class FollowsField(Protocol):
    """Its walk is the numerical solution, by the solver that Sampling names, of the ODE or SDE of one field: its error
    can be told. No capability of a card: solvers are compared by it, nothing is drawn."""

    def followed(self, count: int, sampling: Any, generator: torch.Generator) -> Field:
        """The field along which `count` particles are walked; what is drawn for them (labels) is drawn first."""
        ...


@runtime_checkable
class Guides(Protocol):
    """Its samples can be guided towards a class: the field it follows is free + gamma (told - free). No capability of a
    card: whether it knows classes is a matter of its design."""

    def guidance_parts(self, sampling: Any) -> tuple[int, Field, Field]:
        """The label that Sampling asks for, or the first of the data's; the fields without and with it. Refused where
        there are no classes."""
        ...


@runtime_checkable
class GoesOn(Protocol):
    """Its walk can begin in the middle though it follows no field by a solver of Sampling: layers, from the next one.
    No capability of a card: films are branched by it, nothing is drawn."""

    def onward(self, start: Tensor, t: float, sampling: Any) -> tuple[int, Iterator[State]]:
        """How many states, and those from start (n, d) at time t on, the first being start itself."""
        ...


CAPABILITIES: dict[str, type] = {
    "velocity": HasVelocity,
    "score": HasScore,
    "denoiser": HasDenoiser,
    "log_prob": HasLogProb,
    "critic": HasCritic,
    "energy": HasEnergy,
    "facts": HasFacts,
    "bars": HasBars,
    "structure": HasStructure,
    "push": HasPush,
    "latent": HasLatent,
    "loss_floor": HasLossFloor,
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
