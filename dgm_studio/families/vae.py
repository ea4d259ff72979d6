"""The variational autoencoder: a latent variable model trained by its evidence lower bound (ELBO)."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.families.capabilities import refuse_grid, refuse_noised
from dgm_studio.families.family import Family
from dgm_studio.families.fit import Fit
from dgm_studio.nets.mlp import MLP
from dgm_studio.solvers.solver import State

FIXED, LEARNED = "fixed", "learned"

LOG_VARIANCE = (-14.0, 14.0)
"""Log-variances are kept in here, so that their exponentials stay finite."""

ROWS = 16_384
"""Decoder rows evaluated together, so that one slice of the importance-weighted bound stays under 50 ms."""


@dataclass(frozen=True)
class Design:
    """What is built."""

    latent: int = knob(2, "Latent dimension", "Coordinates of z; with 2 the warped grid can be drawn.", low=1, high=8)
    width: int = knob(128, "Width", "Hidden units per layer, in encoder and decoder.", low=8, high=512, log=True)
    layers: int = knob(3, "Layers", "Hidden layers of each; 0 makes both linear (probabilistic PCA).", low=0, high=6)
    decoder: str = knob(
        FIXED, "Decoder", "The Gaussian p(x|z) around the decoder's mean.",
        choices=(
            Choice(FIXED, "Fixed sigma", "One standard deviation, given below."),
            Choice(LEARNED, "Learned variance", "The decoder also gives a log-variance per axis."),
        ),
    )  # fmt: skip
    sigma: float = knob(
        0.2,
        "Decoder sigma",
        "Standard deviation of p(x|z).",
        low=0.01,
        high=2.0,
        log=True,
        when=("decoder", (FIXED,)),
    )


@dataclass(frozen=True)
class Training:
    """How it learns; every knob is live."""

    learning_rate: float = knob(1e-3, "Learning rate", "Adam's step size.", low=1e-6, high=1e3, log=True)
    batch: int = knob(512, "Batch", "Points per step.", low=1, high=4096, log=True)
    beta: float = knob(
        1.0,
        "Beta",
        "Weight of the KL term; 1 is the ELBO (beta-VAE: Higgins et al., 2017).",
        low=0.0,
        high=10.0,
    )
    ema: float = knob(
        0.99,
        "EMA decay",
        "Moving average of the weights that is sampled; 0 turns it off.",
        low=0.0,
        high=0.9999,
    )


@dataclass(frozen=True)
class Sampling:
    """How it is sampled, and how its density is bounded."""

    decoder_noise: bool = knob(True, "Decoder noise", "Draw x from p(x|z); off shows the decoder's mean.")
    importance_samples: int = knob(
        64,
        "Importance samples",
        "K of the importance-weighted bound; 1 is the ELBO.",
        low=1,
        high=1000,
        log=True,
    )


class VAE(Family):
    """Loss: E_q[-log p(x|z)] + beta KL(q(z|x) | p(z)), one z a point by reparametrization; minus the ELBO at
    beta 1.
    """

    card = Card(
        id="vae",
        title="VAE",
        summary="An encoder and a decoder around a latent variable, trained by a bound of the likelihood.",
        lecture="3-4",
        paper="Kingma and Welling, 2014",
        formula="ELBO = E_q log p(x|z) - KL(q(z|x) | p(z))",
        shows=("log_prob", "latent", "transport"),
    )
    Design, Training, Sampling = Design, Training, Sampling
    presets = (
        Preset("vae", "VAE", "Two latent coordinates, fixed sigma.", "3-4", "Kingma and Welling, 2014"),
        Preset(
            "linear-vae", "Linear VAE", "No hidden layers: its optimum is probabilistic PCA.", "3",
            "Lucas et al., 2019", {"layers": 0, "latent": 1},
        ),
    )  # fmt: skip
    log_prob_kind = "bound"

    def __init__(self, design: Any, dim: int) -> None:
        super().__init__(design, dim)
        outputs = 2 * dim if design.decoder == LEARNED else dim
        self.encoder = MLP(dim, 2 * design.latent, design.width, design.layers)
        self.decoder = MLP(design.latent, outputs, design.width, design.layers)

    # The model.

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance (n, k) of q(z|x)."""
        mean, log_variance = self.encoder(x).chunk(2, dim=1)
        return mean, log_variance.clamp(*LOG_VARIANCE)

    def decode(self, z: Tensor) -> Tensor:
        """Mean (n, d) of p(x|z)."""
        return self.likelihood(z)[0]

    def likelihood(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance (n, d) of p(x|z)."""
        out: Tensor = self.decoder(z)
        if self.design.decoder == FIXED:
            return out, torch.full_like(out, 2 * math.log(self.design.sigma))
        mean, log_variance = out.chunk(2, dim=1)
        return mean, log_variance.clamp(*LOG_VARIANCE)

    def terms(self, x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """-log p(x|z) at z = mean + std noise, and KL(q(z|x) | N(0, I)), both (n,) in nats."""
        mean, log_variance = self.encode(x)
        z = mean + (0.5 * log_variance).exp() * noise
        divergence = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(1)
        return -log_normal(x, *self.likelihood(z)), divergence

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """One step down the loss."""
        x = fit.batch()
        reconstruction, divergence = (term.mean() for term in self.terms(x, fit.normal(len(x), self.design.latent)))
        loss = reconstruction + fit.training.beta * divergence
        fit.descend(loss)
        return {"loss": loss.detach(), "reconstruction": reconstruction.detach(), "KL": divergence.detach()}

    # Sampling and density.

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """z from N(0, I), (n, k)."""
        shape = (n, self.design.latent)
        return torch.randn(shape, generator=generator, device=generator.device, dtype=self.dtype)

    @torch.no_grad()
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """z where it lives in the data's dimension, then x from p(x|z), or its mean: two states, nothing
        between.
        """
        if self.design.latent == self.dim:
            yield State(0.0, start)
        mean, log_variance = self.likelihood(start)
        if sampling.decoder_noise:
            noise = torch.randn(mean.shape, generator=generator, device=mean.device, dtype=mean.dtype)
            mean = mean + (0.5 * log_variance).exp() * noise
        yield State(1.0, mean, evaluations=1)

    def frames(self, sampling: Any) -> int:
        """Noise where it can be drawn, and samples."""
        return 2 if self.design.latent == self.dim else 1

    @torch.no_grad()
    def transport(self, start: Tensor, sampling: Any) -> Iterator[State]:
        """z (n, k), then the decoder's mean (n, d); Refused unless k = d."""
        refuse_grid(self.design.latent, self.dim)
        yield State(0.0, start)
        yield State(1.0, self.decode(start), evaluations=1)

    def log_prob(
        self, x: Tensor, sampling: Any, generator: torch.Generator, t: float = 1.0
    ) -> Generator[None, None, Tensor]:
        """The importance-weighted bound log 1/K sum_k p(x|z_k) p(z_k) / q(z_k|x) (n,) in nats; only at t = 1.

        Burda et al., 2016, equation 8: a lower bound of log p(x) in expectation, the ELBO at K = 1.
        """
        refuse_noised(self.card, t)
        count = sampling.importance_samples
        found = []
        for part in torch.split(x, max(1, ROWS // count)):
            with torch.no_grad():
                found.append(self._bound(part, count, generator))
            yield
        return torch.cat(found)

    def _bound(self, x: Tensor, count: int, generator: torch.Generator) -> Tensor:
        mean, log_variance = (part.repeat_interleave(count, 0) for part in self.encode(x))
        noise = torch.randn(mean.shape, generator=generator, device=mean.device, dtype=mean.dtype)
        z = mean + (0.5 * log_variance).exp() * noise
        joint = log_normal(x.repeat_interleave(count, 0), *self.likelihood(z))
        joint = joint + log_normal(z, torch.zeros_like(z), torch.zeros_like(z))
        weight = joint - log_normal(z, mean, log_variance)
        return weight.view(len(x), count).logsumexp(1) - math.log(count)


def log_normal(x: Tensor, mean: Tensor, log_variance: Tensor) -> Tensor:
    """log N(x; mean, diag exp log_variance), (n, d) -> (n,)."""
    square = (x - mean).square() * (-log_variance).exp()
    return -0.5 * (square + log_variance + math.log(2 * math.pi)).sum(1)


FAMILY = VAE
