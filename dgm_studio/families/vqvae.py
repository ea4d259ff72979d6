"""The vector-quantised autoencoder: the latent variable is one of K codes, the nearest to what the encoder says."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.families.capabilities import refuse_noised
from dgm_studio.families.family import Family
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts import gradient_knobs
from dgm_studio.families.parts.cell_borders import cell_borders
from dgm_studio.families.parts.codebook import TINY, Codebook
from dgm_studio.families.parts.diagonal_normal import FIXED, LEARNED, draw_normal, log_mixture, log_normal, spread
from dgm_studio.families.showing import Bars, Fact, Structure
from dgm_studio.nets.mlp import MLP
from dgm_studio.solvers.solver import State

STRAIGHT_THROUGH, MOVING, GUMBEL = "straight-through", "ema-codebook", "gumbel"
USAGE, UNIFORM = "usage", "uniform"

ROWS = 8_192
"""Points encoded or compared with the codes together."""

LATTICE = 72
"""Lattice lines a side on which the borders of the codes' cells are sought."""

REACH = 0.1
"""Scale of the distances that the Gumbel-softmax posterior compares. It only sets the unit of the latent space, but a
fresh encoder must tell the fresh codes apart: at 1 training falls at once into q(c|x) = 1/K, posterior collapse; so it
does at KL weight 1."""


@dataclass(frozen=True)
class Design:
    """What is built."""

    codes: int = knob(32, "Codes", "K, the number of entries of the codebook.", low=2, high=256, log=True)
    code_dim: int = knob(2, "Code dimension", "Coordinates of an encoding and of a code.", low=1, high=8)
    width: int = knob(64, "Width", "Hidden units per layer, in encoder and decoder.", low=8, high=512, log=True)
    layers: int = knob(
        2, "Layers", "Hidden layers of each; 0 makes both linear: k-means in a linear guise.", low=0, high=6
    )
    decoder: str = knob(
        LEARNED, "Decoder", "The Gaussian p(x|code) around the decoded code.",
        choices=(
            Choice(FIXED, "Fixed sigma", "One standard deviation, given below."),
            Choice(LEARNED, "Learned variance", "The decoder also gives a log-variance per axis."),
        ),
    )  # fmt: skip
    sigma: float = knob(
        0.1, "Decoder sigma", "Standard deviation of p(x|code).",
        low=0.01, high=2.0, log=True, when=("decoder", (FIXED,)),
    )  # fmt: skip


@dataclass(frozen=True)
class Training:
    """How it learns; every knob is live."""

    quantiser: str = knob(
        STRAIGHT_THROUGH, "Quantiser", "How gradients pass the choice of a code, and how the codebook learns.",
        choices=(
            Choice(STRAIGHT_THROUGH, "Straight-through", "Gradients skip the choice; a loss pulls codes to encodings."),
            Choice(MOVING, "Straight-through, EMA codebook", "Codes are moving averages of their encodings."),
            Choice(GUMBEL, "Gumbel-softmax", "A softened random choice, by distance (Jang et al., 2017)."),
        ),
    )  # fmt: skip
    commitment: float = knob(
        0.25, "Commitment", "Weight of |encoding - sg(code)|^2, which keeps encodings near their codes.",
        low=0.0, high=10.0, when=("quantiser", (STRAIGHT_THROUGH, MOVING)),
    )  # fmt: skip
    temperature: float = knob(
        1.0, "Gumbel temperature", "Low is nearly a choice with noisy gradients, high a blend.",
        low=0.1, high=10.0, log=True, when=("quantiser", (GUMBEL,)),
    )  # fmt: skip
    hard: bool = knob(
        True, "Hard choice", "Decode the one code drawn, with the gradient of the soft choice (Jang et al., 2017).",
        when=("quantiser", (GUMBEL,)),
    )  # fmt: skip
    kl_weight: float = knob(
        0.1, "KL weight", "Of KL(q(c|x) | uniform); 1 is the ELBO, from which a fresh model often collapses.",
        low=0.0, high=2.0, when=("quantiser", (GUMBEL,)),
    )  # fmt: skip
    revive: float = knob(
        0.1, "Revive below", "A code used less than this share of 1/K moves onto an encoding; 0 turns it off.",
        low=0.0, high=0.9,
    )  # fmt: skip
    usage_decay: float = knob(
        0.99, "Usage decay", "Of the moving average of code usage, and of the EMA codebook.", low=0.5, high=0.999
    )
    learning_rate: float = gradient_knobs.learning_rate(2e-3)
    batch: int = gradient_knobs.batch(512)
    ema: float = gradient_knobs.ema(0.99)


@dataclass(frozen=True)
class Sampling:
    """How it is sampled."""

    code_prior: str = knob(
        USAGE, "Code prior", "p(c), from which codes are drawn.",
        choices=(
            Choice(USAGE, "Usage", "As often as training used them: the optimal prior."),
            Choice(UNIFORM, "Uniform", "All K alike, as the training bound has it (lecture 4)."),
        ),
    )  # fmt: skip
    decoder_noise: bool = knob(True, "Decoder noise", "Draw x from p(x|code); off shows the decoded codes.")


class VQVAE(Family):
    """Loss: -log p(x|e_k*) + |sg(z) - e_k*|^2 + commitment |z - sg(e_k*)|^2, k* = argmin_k |z - e_k|, z the encoding;
    the decoder's gradient passes to z as if e_k* were z (straight-through). The bound is log p(x|e_k*) - log K.

    Gumbel-softmax: q(c|x) = softmax_c(-|z - e_c|^2 / (2 REACH^2)), whose likeliest code is the nearest, and the loss is
    E_q[-log p(x|e_c)] + w KL, KL = log K - H(q(c|x)): minus the ELBO at weight w = 1.

    What is sampled is p(x) = sum_k pi_k N(x; mu(e_k), sigma(e_k)^2), a mixture with K components: its density is exact.
    """

    card = Card(
        id="vqvae",
        title="VQ-VAE",
        summary="An autoencoder whose latent variable is the nearest of K learned codes.",
        lecture="4",
        paper="van den Oord et al., 2017",
        formula="z_q = e_k*, k* = argmin_k |z_e - e_k|",
        shows=("log_prob", "facts", "bars", "structure"),
        facts=(
            ("kin", "VAE"),
            ("structure", "Codes and their cells"),
        ),
    )
    Design, Training, Sampling = Design, Training, Sampling
    presets = (
        Preset("vqvae", "VQ-VAE", "Straight-through gradients, codebook and commitment losses.", "4",
               "van den Oord et al., 2017"),
        Preset("vqvae-ema", "VQ-VAE, EMA codebook", "Codes are moving averages of their encodings.", "4",
               "van den Oord et al., 2017", training={"quantiser": MOVING}),
        Preset("gumbel", "Gumbel-softmax", "A random choice of code, softened while training.", "4",
               "Jang et al., 2017", training={"quantiser": GUMBEL}),
        Preset("dead-codes", "Dead codes", "No revival: codes that start far from the data stay unused.", "4",
               "van den Oord et al., 2017", training={"revive": 0.0}),
    )  # fmt: skip
    log_prob_kind = "exact"

    def __init__(self, design: Any, dim: int) -> None:
        super().__init__(design, dim)
        self.encoder = MLP(dim, design.code_dim, design.width, design.layers)
        self.codebook = Codebook(design.codes, design.code_dim)
        outputs = 2 * dim if design.decoder == LEARNED else dim
        self.decoder = MLP(design.code_dim, outputs, design.width, design.layers)

    # The model.

    def likelihood(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance (n, d) of p(x|z) at codes z (n, m)."""
        return spread(self.decoder(z), self.design.decoder, self.design.sigma)

    def assign(self, x: Tensor) -> Tensor:
        """The code k* (n,) of points x (n, d)."""
        return self.codebook.nearest(self.encoder(x))

    def weights(self, sampling: Any) -> Tensor:
        """p(c) (K,)."""
        usage = self.codebook.usage
        return usage / usage.sum() if sampling.code_prior == USAGE else torch.full_like(usage, 1 / len(usage))

    def log_posterior(self, z: Tensor) -> Tensor:
        """log q(c|x) (n, K) of the Gumbel-softmax quantiser: -|z - e_c|^2 / (2 REACH^2), normalised."""
        return (-self.codebook.distances(z) / (2 * REACH**2)).log_softmax(1)

    # Training.

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """One step down the loss; then usage, the EMA codebook and dead codes."""
        training = fit.training
        x = fit.batch()
        z = self.encoder(x)
        soft = training.quantiser == GUMBEL
        curves = self._soft_step(fit, x, z) if soft else self._hard_step(fit, x, z)
        if training.revive > 0:
            which = torch.randint(len(z), (self.design.codes,), generator=fit.generator, device=fit.device)
            self.codebook.revive(z.detach(), training.revive, which)
        return {**curves, "perplexity": self.codebook.perplexity()}

    def _hard_step(self, fit: Fit, x: Tensor, z: Tensor) -> dict[str, Tensor]:
        training = fit.training
        choice = self.codebook.nearest(z.detach())
        code = self.codebook.codes[choice]
        reconstruction = log_normal(x, *self.likelihood(z + (code - z).detach())).mean()
        commitment = (z - code.detach()).square().sum(1).mean()
        loss = training.commitment * commitment - reconstruction
        if training.quantiser == STRAIGHT_THROUGH:
            loss = loss + (z.detach() - code).square().sum(1).mean()
        fit.descend(loss)
        self.codebook.count(self.codebook.shares(choice), training.usage_decay)
        if training.quantiser == MOVING:
            self.codebook.follow(z.detach(), choice, training.usage_decay)
        return self._curves(loss, reconstruction, z.new_zeros(())) | {"quantisation error": commitment.detach()}

    def _soft_step(self, fit: Fit, x: Tensor, z: Tensor) -> dict[str, Tensor]:
        training = fit.training
        log_q = self.log_posterior(z)
        choice = gumbel_softmax(log_q, fit.uniform(*log_q.shape), training.temperature, training.hard)
        reconstruction = log_normal(x, *self.likelihood(choice @ self.codebook.codes)).mean()
        entropy = -(log_q.exp() * log_q).sum(1).mean()
        loss = training.kl_weight * (math.log(self.design.codes) - entropy) - reconstruction
        fit.descend(loss)
        self.codebook.count(log_q.detach().exp().mean(0), training.usage_decay)
        return self._curves(loss, reconstruction, entropy)

    def _curves(self, loss: Tensor, reconstruction: Tensor, entropy: Tensor) -> dict[str, Tensor]:
        """The bound's parts: KL(q(c|x) | uniform) = log K - H(q(c|x))."""
        reconstruction = reconstruction.detach()
        kl = math.log(self.design.codes) - entropy.detach()
        return {"loss": loss.detach(), "ELBO": reconstruction - kl, "reconstruction": reconstruction, "KL": kl}

    # Sampling and density.

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """Uniform numbers (n, 1) in [0, 1): each picks a code when it is walked."""
        return torch.rand((n, 1), generator=generator, device=generator.device, dtype=self.dtype)

    @torch.no_grad()
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """The decoded code of each start (n, 1), drawn from p(c); then x from p(x|code)."""
        edges = self.weights(sampling).cumsum(0)
        code = torch.searchsorted(edges, start[:, 0].contiguous() * edges[-1], right=True)
        # A start so near to 1 that the product rounds to the last edge belongs to the last code that has a share.
        code = code.clamp(max=int(edges.argmax()))
        mean, log_variance = self.likelihood(self.codebook.codes[code])
        yield State(0.0, mean, evaluations=1)
        yield State(1.0, draw_normal(mean, log_variance, generator) if sampling.decoder_noise else mean, evaluations=1)

    def frames(self, sampling: Any) -> int:
        """Decoded codes, and samples."""
        return 2

    def log_prob(
        self, x: Tensor, sampling: Any, generator: torch.Generator, t: float = 1.0
    ) -> Generator[None, None, Tensor]:
        """log sum_k pi_k N(x; mu(e_k), sigma(e_k)^2) (n,) in nats, exact; only at t = 1."""
        refuse_noised(self.card, t)
        with torch.no_grad():
            means, log_variances = self.likelihood(self.codebook.codes)
            log_weights = self.weights(sampling).log()
        found = []
        for part in torch.split(x, max(1, 64 * ROWS // means.numel())):
            with torch.no_grad():
                found.append(log_mixture(part, means, log_variances, log_weights))
            yield
        return torch.cat(found)

    # Showing.

    @torch.no_grad()
    def _choices(self, points: Tensor) -> Generator[None, None, Tensor]:
        """The codes (n,) of all points."""
        found = []
        for part in torch.split(points, max(1, 64 * ROWS // self.codebook.codes.numel())):
            found.append(self.assign(part))
            yield
        return torch.cat(found)

    def _shares(self, points: Tensor) -> Generator[None, None, Tensor]:
        """The share of the points (K,) that each code gets, float64."""
        choices = yield from self._choices(points)
        return torch.bincount(choices, minlength=self.design.codes).double() / len(points)

    def facts(
        self, points: Tensor, sampling: Any, generator: torch.Generator
    ) -> Generator[None, None, tuple[Fact, ...]]:
        """Codes in use, perplexity and bits, counted on the training points."""
        shares = yield from self._shares(points)
        entropy = -torch.xlogy(shares, shares).sum()
        used, total = int((shares > 0).sum()), self.design.codes
        return (
            Fact("Codes in use", f"{used} of {total}", "Codes that are the nearest of at least one training point."),
            Fact("Perplexity", f"{float(entropy.exp()):.1f}", "exp of the entropy of usage; K if all are used alike."),
            Fact("Bits per point", f"{float(entropy) / math.log(2):.2f}",
                 f"Entropy of usage in bits: what a code costs; at most log2 K = {math.log2(total):.2f}."),
        )  # fmt: skip

    def bars(self, points: Tensor, sampling: Any, generator: torch.Generator) -> Generator[None, None, Bars]:
        """The share of training points of each code, code 0 first."""
        shares = yield from self._shares(points)
        used = int((shares > 0).sum())
        return Bars("Code usage", shares.cpu(), unit="share", note=f"{used} of {self.design.codes} codes in use.")

    def structure(self, points: Tensor, sampling: Any, generator: torch.Generator) -> Generator[None, None, Structure]:
        """Decoded codes as dots, sized by use; the borders in the plane on which the nearest code changes; each
        training point's code."""
        choices = yield from self._choices(points)
        shares = one_hot(choices, self.design.codes).to(points.dtype)
        use = shares.mean(0)
        with torch.no_grad():
            dots = self.likelihood(self.codebook.codes)[0]
        note = f"{int((use > 0).sum())} of {self.design.codes} codes in use."
        lines: tuple[Tensor, ...] = ()
        if self.dim == 2:
            low, high = points.amin(0), points.amax(0)
            room = 0.15 * (high - low).clamp(min=0.1)
            corners = [(float(a), float(b)) for a, b in ((low - room).tolist(), (high + room).tolist())]
            with torch.no_grad():
                lines = yield from cell_borders(self.assign, corners[0], corners[1], LATTICE, points)
            note += " Lines: where the encoder's nearest code changes."
        return Structure(lines, dots, use / use.max(), shares, note)


def gumbel_softmax(logits: Tensor, uniform: Tensor, temperature: float, hard: bool) -> Tensor:
    """Nearly one-hot rows (n, K): softmax((logits + g) / temperature), g = -log(-log uniform) (Jang et al., 2017).

    The largest entry is a draw from softmax(logits). `hard`: exactly one-hot there, with the soft rows' gradient.
    """
    gumbel = -(-uniform.clamp(min=TINY).log()).log()
    soft = ((logits + gumbel) / temperature).softmax(1)
    if not hard:
        return soft
    return soft + (one_hot(soft.detach().argmax(1), soft.shape[1]).to(soft.dtype) - soft).detach()


FAMILY = VQVAE
