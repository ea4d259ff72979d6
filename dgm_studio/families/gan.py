"""The generative adversarial network: a generator and a discriminator in a game."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.families.capabilities import PROBABILITY, refuse_grid
from dgm_studio.families.family import Family
from dgm_studio.families.fit import Fit
from dgm_studio.nets.mlp import MLP
from dgm_studio.solvers.solver import State

DISCRIMINATOR, GENERATOR = "discriminator", "generator"
MINIMAX, NON_SATURATING = "minimax", "non-saturating"


@dataclass(frozen=True)
class Design:
    """What is built."""

    latent: int = knob(2, "Latent dimension", "Coordinates of z; with 2 the warped grid can be drawn.", low=1, high=16)
    width: int = knob(128, "Width", "Hidden units per layer, in both networks.", low=8, high=512, log=True)
    layers: int = knob(3, "Layers", "Hidden layers of each network.", low=1, high=6)


@dataclass(frozen=True)
class Training:
    """How it learns; every knob is live."""

    generator_loss: str = knob(
        NON_SATURATING, "Generator loss", "What the generator descends.",
        choices=(
            Choice(MINIMAX, "Minimax", "E log(1 - D(G(z))): the game's own; its gradient fades if D wins."),
            Choice(NON_SATURATING, "Non-saturating", "-E log D(G(z)): same fixed point, strong at first."),
        ),
    )  # fmt: skip
    learning_rate: float = knob(1e-3, "Learning rate", "Adam's step size.", low=1e-6, high=1e3, log=True)
    d_rate_factor: float = knob(
        1.0, "D rate factor", "The discriminator's step size in units of the generator's.",
        low=0.01, high=100.0, log=True,
    )  # fmt: skip
    batch: int = knob(256, "Batch", "Points per beat, real and generated each.", low=1, high=4096, log=True)
    d_beats: int = knob(1, "D beats", "Discriminator beats per generator beat.", low=1, high=20)
    r1: float = knob(
        0.0, "R1 penalty", "gamma/2 E |grad logit(x)|^2 on data damps the game (Mescheder et al., 2018).",
        low=0.0, high=100.0,
    )  # fmt: skip
    ema: float = knob(
        0.0,
        "EMA decay",
        "Moving average of the generator that is sampled; 0 turns it off.",
        low=0.0,
        high=0.9999,
    )


@dataclass(frozen=True)
class Sampling:
    """How it is sampled: one pass, nothing to set but truncation."""

    truncation: float = knob(
        1.0, "Truncation", "z is multiplied by it; below 1 samples come from the middle of the latent space.",
        low=0.0, high=2.0,
    )  # fmt: skip


class GAN(Family):
    """min_G max_D V(G, D) = E log D(x) + E log(1 - D(G(z))), D = sigmoid of the network (lecture 5)."""

    card = Card(
        id="gan",
        title="GAN",
        summary="A generator learns to fool a discriminator that learns to tell its points from data.",
        lecture="5",
        paper="Goodfellow et al., 2014",
        formula="V(G, D) = E log D(x) + E log(1 - D(G(z)))",
        shows=("critic", "transport"),
    )
    Design, Training, Sampling = Design, Training, Sampling
    presets = (
        Preset(
            "non-saturating", "GAN, non-saturating", "The generator ascends log D(G(z)).", "5",
            "Goodfellow et al., 2014",
        ),
        Preset(
            "minimax", "GAN, minimax", "The generator descends the game's own value.", "5",
            "Goodfellow et al., 2014", training={"generator_loss": MINIMAX},
        ),
    )  # fmt: skip

    critic_kind = PROBABILITY

    def __init__(self, design: Any, dim: int) -> None:
        super().__init__(design, dim)
        self.generator = MLP(design.latent, dim, design.width, design.layers)
        self.discriminator = MLP(dim, 1, design.width, design.layers)

    # Training.

    def beats(self, training: Any) -> tuple[str, ...]:
        """The discriminator's beats, then the generator's."""
        return (DISCRIMINATOR,) * int(training.d_beats) + (GENERATOR,)

    def groups(self) -> Mapping[str, Iterable[nn.Parameter]]:
        """Two players, two optimisers."""
        return {DISCRIMINATOR: self.discriminator.parameters(), GENERATOR: self.generator.parameters()}

    def betas(self, group: str) -> tuple[float, float]:
        """Little momentum: the game turns (Radford et al., 2016)."""
        return (0.5, 0.999)

    def averaged(self) -> Iterable[tuple[str, nn.Parameter]]:
        """The generator only; the discriminator is shown as it is."""
        return ((f"generator.{name}", weight) for name, weight in self.generator.named_parameters())

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """One player's step."""
        return self._discriminator_beat(fit) if name == DISCRIMINATOR else self._generator_beat(fit)

    def _discriminator_beat(self, fit: Fit) -> Mapping[str, Tensor | float]:
        training = fit.training
        real = fit.batch().requires_grad_(training.r1 > 0)
        with torch.no_grad():
            fake = self.generator(fit.normal(len(real), self.design.latent))
        logits = self.discriminator(real)
        # log D = -softplus(-logit), log(1 - D) = -softplus(logit): no rounding to 0 or 1.
        loss = softplus(-logits).mean() + softplus(self.discriminator(fake)).mean()
        value = -loss.detach()
        if training.r1 > 0:
            (slope,) = torch.autograd.grad(logits.sum(), real, create_graph=True)
            loss = loss + 0.5 * training.r1 * slope.square().sum(1).mean()
        fit.descend(loss, DISCRIMINATOR, training.d_rate_factor * training.learning_rate)
        return {"discriminator loss": loss.detach(), "V(G, D)": value}

    def _generator_beat(self, fit: Fit) -> Mapping[str, Tensor | float]:
        logits = self.discriminator(self.generator(fit.normal(fit.training.batch, self.design.latent)))
        minimax = fit.training.generator_loss == MINIMAX
        loss = -softplus(logits).mean() if minimax else softplus(-logits).mean()
        fit.descend(loss, GENERATOR)
        return {"generator loss": loss.detach()}

    # Showing.

    def critic(self, x: Tensor) -> Tensor:
        """D(x) (n,): the probability that x (n, d) is real."""
        logits: Tensor = self.discriminator(x)
        return logits.squeeze(1).sigmoid()

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """z from N(0, I), (n, k)."""
        shape = (n, self.design.latent)
        return torch.randn(shape, generator=generator, device=generator.device, dtype=self.dtype)

    @torch.no_grad()
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """z where it lives in the data's dimension, then G(z): two states, for a GAN has nothing between."""
        z = sampling.truncation * start
        if self.design.latent == self.dim:
            yield State(0.0, z)
        yield State(1.0, self.generator(z), evaluations=1)

    def frames(self, sampling: Any) -> int:
        """Noise where it can be drawn, and samples."""
        return 2 if self.design.latent == self.dim else 1

    def transport(self, start: Tensor, sampling: Any) -> Iterator[State]:
        """z (n, k), then G(z) (n, d); Refused unless k = d."""
        refuse_grid(self.design.latent, self.dim)
        yield from self.walk(start, sampling, torch.Generator(start.device))


FAMILY = GAN
