"""The variational autoencoder: a latent variable model trained by its evidence lower bound (ELBO)."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.families.capabilities import refuse_grid, refuse_noised
from dgm_studio.families.family import Family
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts import gradient_knobs
from dgm_studio.families.parts.diagonal_normal import FIXED, LEARNED, LOG_VARIANCE, draw_normal, log_normal, spread
from dgm_studio.families.parts.elbo_surgery import surgery
from dgm_studio.families.parts.latent_priors import AGGREGATED, FLOW, PRIORS, STANDARD, VAMP, make_prior
from dgm_studio.families.showing import Bars, Fact, Structure
from dgm_studio.nets.mlp import MLP
from dgm_studio.solvers.solver import State

ROWS = 16_384
"""Decoder rows evaluated together, so that one slice of the importance-weighted bound stays under 50 ms."""

PAIRS = 500_000
"""Of (z, component of the prior) evaluated together, for the same reason."""

MOST_ROWS = 32_768
"""Largest batch times importance samples of a training step: what a step's memory and patience allow."""

ELLIPSES = 40
"""Data points whose posteriors are drawn."""

ACTIVE = 0.01
"""Variance over the data of the posterior mean above which a latent coordinate is in use (Burda et al., 2016)."""


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
    prior: str = knob(STANDARD, "Prior", "p(z), from which z is sampled.", choices=PRIORS)
    prior_couplings: int = knob(
        4, "Prior couplings", "Affine couplings of the flow prior.", low=2, high=8, when=("prior", (FLOW,))
    )
    components: int = knob(
        64, "Prior components", "Posteriors that the VampPrior or the aggregated posterior is the mean of.",
        low=1, high=500, log=True, when=("prior", (VAMP, AGGREGATED)),
    )  # fmt: skip


@dataclass(frozen=True)
class Training:
    """How it learns; every knob is live."""

    learning_rate: float = gradient_knobs.learning_rate(1e-3)
    batch: int = gradient_knobs.batch(512)
    beta: float = knob(
        1.0,
        "Beta",
        "Weight of the KL term; 1 is the ELBO (beta-VAE: Higgins et al., 2017).",
        low=0.0,
        high=10.0,
    )
    warm_up: int = knob(
        0, "KL warm-up", "Steps over which beta rises from 0 to its value; 0 starts there (Bowman et al., 2016).",
        low=0, high=100_000, unit="steps",
    )  # fmt: skip
    training_samples: int = knob(
        1, "IWAE samples", "K of the importance-weighted bound that is raised; 1 is the ELBO (Burda et al., 2016).",
        low=1, high=50, log=True,
    )  # fmt: skip
    free_bits: float = knob(
        0.0, "Free bits", "KL per latent dimension, averaged over the batch, that costs nothing (Kingma et al., 2016).",
        low=0.0, high=4.0, unit="nats", when=("training_samples", (1,)),
    )  # fmt: skip
    ema: float = gradient_knobs.ema(0.99)


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
    """Loss: E_q[-log p(x|z)] + beta KL(q(z|x) | p(z)), one z a point by reparametrization: minus the ELBO at beta 1.

    With K > 1 samples it is minus the importance-weighted bound log 1/K sum_k p(x|z_k) (p(z_k) / q(z_k|x))^beta.
    """

    card = Card(
        id="vae",
        title="VAE",
        summary="An encoder and a decoder around a latent variable, trained by a bound of the likelihood.",
        lecture="3-4",
        paper="Kingma and Welling, 2014",
        formula="ELBO = E_q log p(x|z) - KL(q(z|x) | p(z))",
        shows=("log_prob", "latent", "transport", "facts", "bars", "structure"),
        facts=(
            ("loss", "L = −E_q log p(x|z) + β KL(q(z|x) | p(z))"),
            ("kin", "VAE"),
            ("structure", "Posteriors, decoded"),
        ),
    )
    Design: ClassVar[type] = Design
    Training: ClassVar[type] = Training
    Sampling: ClassVar[type] = Sampling
    presets: ClassVar[tuple[Preset, ...]] = (
        Preset("vae", "VAE", "Two latent coordinates, fixed sigma.", "3-4", "Kingma and Welling, 2014"),
        Preset(
            "beta-vae", "beta-VAE", "The KL weighs more: a tidier latent space, blurrier points.", "3",
            "Higgins et al., 2017", training={"beta": 4.0, "warm_up": 500},
        ),
        Preset(
            "iwae", "IWAE", "Trained by the tighter bound of eight importance samples.", "3",
            "Burda et al., 2016", training={"training_samples": 8, "batch": 128},
        ),
        Preset(
            "vamp-prior", "VAE with VampPrior", "The prior is a mixture of posteriors of learned pseudo-inputs.", "4",
            "Tomczak and Welling, 2018", {"prior": VAMP},
        ),
        Preset(
            "linear-vae", "Linear VAE", "No hidden layers: its optimum is probabilistic PCA.", "3",
            "Lucas et al., 2019", {"layers": 0, "latent": 1},
        ),
    )  # fmt: skip
    log_prob_kind = "bound"
    rows: ClassVar[int] = ROWS
    most_rows: ClassVar[int] = MOST_ROWS

    def __init__(self, design: Any, dim: int) -> None:
        super().__init__(design, dim)
        self.encoder, self.decoder = self.networks()
        self.latent_prior = make_prior(design, dim)

    def networks(self) -> tuple[Any, Any]:
        """The encoder (n, d) -> (n, 2 k), and the decoder (n, k) -> (n, d), or (n, 2 d) with a learned variance."""
        design, dim = self.design, self.dim
        outputs = 2 * dim if design.decoder == LEARNED else dim
        return (
            MLP(dim, 2 * design.latent, design.width, design.layers),
            MLP(design.latent, outputs, design.width, design.layers),
        )

    def refuses(self, training: Any) -> str:
        """A step decodes batch times K points."""
        if (rows := training.batch * training.training_samples) <= self.most_rows:
            return ""
        return (
            f"Batch {training.batch} times {training.training_samples} IWAE samples is {rows:,} {self.takes} a step, "
            f"more than {self.most_rows:,}; lower either."
        )

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
        return spread(self.decoder(z), self.design.decoder, self.design.sigma)

    def log_prior(self, z: Tensor) -> Tensor:
        """log p(z) (n,) in nats."""
        return self.latent_prior.log_prob(z, self.encode)

    # Training.

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """One step down the loss."""
        training = fit.training
        self.latent_prior.refresh(fit)
        x = fit.batch()
        weight = kl_weight(training, fit.step)
        noise = fit.normal(len(x) * training.training_samples, self.design.latent)
        if training.training_samples == 1:
            likelihood, divergence = self.terms(x, noise)
            per_column = divergence.mean(0)
            kl, floor = per_column.sum(), training.free_bits * self.design.latent / len(per_column)
            loss = weight * (per_column.clamp(min=floor).sum() if floor > 0 else kl) - likelihood.mean()
        else:
            likelihood, divergence = self.weighings(x, noise)
            kl = divergence.mean()
            loss = math.log(len(noise) // len(x)) - (likelihood - weight * divergence).logsumexp(1).mean()
        fit.note(likelihood=likelihood, divergence=divergence)
        fit.descend(loss)
        reconstruction, kl = likelihood.detach().mean(), kl.detach()
        curves = {"loss": loss.detach(), "ELBO": reconstruction - kl, "reconstruction": reconstruction, "KL": kl}
        return {**curves, "beta": weight} if training.warm_up else curves

    def terms(self, x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """log p(x|z) (n,) at z = mean + std noise (n, k), and KL(q(z|x) | p(z)) in nats: in closed form a column for
        each latent coordinate (n, k), else (n, 1) estimated by this z."""
        mean, log_variance = self.encode(x)
        z = mean + (0.5 * log_variance).exp() * noise
        divergence = self.latent_prior.divergence(mean, log_variance, z, self.encode)
        return log_normal(x, *self.likelihood(z)), divergence

    def weighings(self, x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """log p(x|z) and log q(z|x) - log p(z), both (n, K), for the K draws a point that noise (n K, k) makes; the
        first minus the second is the log importance weight."""
        count = len(noise) // len(x)
        mean, log_variance = (part.repeat_interleave(count, 0) for part in self.encode(x))
        z = mean + (0.5 * log_variance).exp() * noise
        likelihood = log_normal(x.repeat_interleave(count, 0), *self.likelihood(z))
        divergence = log_normal(z, mean, log_variance) - self.log_prior(z)
        return likelihood.view(-1, count), divergence.view(-1, count)

    # Sampling and density.

    @torch.no_grad()
    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """z from p(z), (n, k)."""
        return self.latent_prior.draw(n, generator, self.encode).to(self.dtype)

    @torch.no_grad()
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """z where it lives in the data's dimension, then x from p(x|z), or its mean: two states, nothing
        between.
        """
        if self.design.latent == self.dim:
            yield State(0.0, start)
        mean, log_variance = self.likelihood(start)
        yield State(1.0, draw_normal(mean, log_variance, generator) if sampling.decoder_noise else mean, evaluations=1)

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
        rows = min(self.rows, PAIRS // self.latent_prior.components)
        found = []
        for part in torch.split(x, max(1, rows // count)):
            noise = torch.randn(
                (len(part) * count, self.design.latent), generator=generator, device=x.device, dtype=x.dtype
            )
            with torch.no_grad():
                likelihood, divergence = self.weighings(part, noise)
            found.append((likelihood - divergence).logsumexp(1) - math.log(count))
            yield
        return torch.cat(found)

    # Showing.

    @torch.no_grad()
    def latent_map(self, points: Tensor) -> tuple[Tensor, Tensor]:
        """Means and standard deviations (n, k) of q(z|x): the axes of each point's ellipse in the latent space."""
        mean, log_variance = self.encode(points)
        return mean, (0.5 * log_variance).exp()

    def bars(self, points: Tensor, sampling: Any, generator: torch.Generator) -> Generator[None, None, Bars]:
        """ELBO surgery on the training points (n, d)."""
        found = yield from surgery(self, points, generator, rows=self.rows)
        return found.bars()

    @torch.no_grad()
    def structure(self, points: Tensor, sampling: Any, generator: torch.Generator) -> Generator[None, None, Structure]:
        """What the decoder makes of the latent space: with one coordinate the line z in [-3, 3], with more the
        one-sigma ellipses of q(z|x) for some data points, in the two coordinates in which the means spread most;
        dots are the decoder's means at the posteriors' means."""
        yield
        every = points[:: max(1, len(points) // ELLIPSES)][:ELLIPSES]
        means, stds = self.latent_map(every)
        dots = self.decode(means)
        if self.design.latent == 1:
            line = self.decode(torch.linspace(-3, 3, 241, device=points.device, dtype=points.dtype)[:, None])
            return Structure((line,), dots, note="The decoder's mean along z from -3 to 3.")
        turn = torch.linspace(0, 2 * math.pi, 49, device=points.device, dtype=points.dtype)
        axes = means.var(0).topk(2).indices.sort().values
        circle = points.new_zeros(len(turn), self.design.latent)
        circle[:, axes] = torch.stack([turn.cos(), turn.sin()], dim=1)
        edges = means[:, None] + stds[:, None] * circle
        curves = self.decode(edges.flatten(0, 1)).view(len(every), len(turn), -1)
        note = f"One-sigma ellipses of q(z|x) of {len(every)} points, carried to the data by the decoder's mean."
        return Structure(tuple(curves.unbind()), dots, note=note)

    @torch.no_grad()
    def facts(
        self, points: Tensor, sampling: Any, generator: torch.Generator
    ) -> Generator[None, None, tuple[Fact, ...]]:
        """How much of the latent space is in use."""
        found = []
        for part in torch.split(points[:ROWS], self.rows):
            found.append(self.latent_map(part))
            yield
        means, stds = (torch.cat(parts) for parts in zip(*found, strict=True))
        active = int((means.var(0, correction=0) > ACTIVE).sum())
        return (
            Fact(
                "Active latent coordinates", f"{active} of {self.design.latent}",
                f"Their posterior mean varies over the data by more than {ACTIVE} (Burda et al., 2016).",
            ),
            Fact(
                "Posterior sigma", f"{float(stds.mean()):.3f}",
                "Mean standard deviation of q(z|x): near 1 under a standard prior the encoder says nothing.",
            ),
            Fact(
                "Latent code spread", f"{float(means.std(0, correction=0).square().mean().sqrt()):.3f}",
                "Standard deviation of the posterior means over the data; the prior's own is 1 where it is standard.",
            ),
        )  # fmt: skip


def kl_weight(training: Any, step: int) -> float:
    """beta times min(1, (step + 1) / warm-up): the weight of the KL term in the step after `step` completed ones."""
    rise: float = min(1.0, (step + 1) / max(1, training.warm_up))
    return rise * float(training.beta)


FAMILY = VAE
