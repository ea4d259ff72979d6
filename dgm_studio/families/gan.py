"""The generative adversarial network: a generator and a discriminator in a game."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Choice, Value, knob
from dgm_studio.families.capabilities import PROBABILITY
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts import gradient_knobs
from dgm_studio.families.parts.adversarial import GENERATOR, Adversarial, Sampling
from dgm_studio.families.parts.best_discriminator import HALF, drawn_from, halves, jsd, log_ratios
from dgm_studio.families.showing import Fact
from dgm_studio.nets.mlp import MLP
from dgm_studio.nets.unrolled import Score, unrolled

DISCRIMINATOR = "discriminator"
MINIMAX, NON_SATURATING, LEAST_SQUARES = "minimax", "non-saturating", "least-squares"
LOSSES = (MINIMAX, NON_SATURATING, LEAST_SQUARES)
COLLAPSE: dict[str, Value] = {"d_rate_factor": 0.02}
TURNING: dict[str, Value] = {"learning_rate": 5e-4, "d_rate_factor": 0.1}
VANISHING: dict[str, Value] = {"generator_loss": MINIMAX, "learning_rate": 1e-4, "d_rate_factor": 50.0, "d_beats": 5}
"""The failures' knobs; each remedy takes the same and adds its own. Measured on eight Gaussians over 20 s of one core,
two seeds: collapse stays at 0 to 3 modes; turning runs 160 to 180 rad round the ring with 1 to 4 and may heal itself
after 3,000 steps; vanishing stays at 0 with a gradient of 1e-7. Their remedies cover all eight."""
ESTIMATE = "D* = p / (p + q) is estimated by kernels from other samples, so this is a bound, not quite reached."


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
        NON_SATURATING, "Generator loss", "What the generator descends; least squares changes both players' loss.",
        choices=(
            Choice(MINIMAX, "Minimax", "E log(1 - D(G(z))): the game's own; its gradient fades if D wins."),
            Choice(NON_SATURATING, "Non-saturating", "-E log D(G(z)): same fixed point, strong at first."),
            Choice(
                LEAST_SQUARES, "Least squares",
                "½ E(D(G(z)) - 1)², D's own ½ E(D(x) - 1)² + ½ E D(G(z))²; D is the raw output (Mao et al., 2017).",
            ),
        ),
    )  # fmt: skip
    learning_rate: float = gradient_knobs.learning_rate(1e-3)
    d_rate_factor: float = knob(
        1.0, "D rate factor", "The discriminator's step size in units of the generator's.",
        low=0.01, high=100.0, log=True,
    )  # fmt: skip
    batch: int = gradient_knobs.batch(256, "Points per beat, real and generated each.")
    d_beats: int = knob(1, "D beats", "Discriminator beats per generator beat.", low=1, high=20)
    r1: float = knob(
        0.0, "R1 penalty", "gamma/2 E |grad logit(x)|^2 on data damps the game (Mescheder et al., 2018).",
        low=0.0, high=100.0,
    )  # fmt: skip
    unrolled: int = knob(
        0, "Unrolled steps",
        "The generator is judged by the discriminator this many gradient steps ahead and learns through them "
        "(Metz et al., 2017).", low=0, high=10,
    )  # fmt: skip
    unrolled_rate: float = knob(
        0.1, "Unrolled rate", "Step size of those steps of plain gradient descent; no effect at 0 unrolled steps.",
        low=1e-4, high=1.0, log=True,
    )  # fmt: skip
    instance_noise: float = knob(
        0.0, "Instance noise",
        "Standard deviation of noise on all the discriminator is trained on, so that supports overlap "
        "(Arjovsky and Bottou, 2017).", low=0.0, high=3.0,
    )  # fmt: skip
    noise_steps: int = knob(
        2000, "Noise fades over",
        "Steps from when the instance noise is turned on until it has faded to 0, linearly; 0 keeps it.",
        low=0, high=100_000, unit="steps",
    )  # fmt: skip
    ema: float = gradient_knobs.ema(0.0, "generator")


class GAN(Adversarial):
    """min_G max_D V(G, D) = E log D(x) + E log(1 - D(G(z))), D = sigmoid of the network (lecture 5).

    With least squares D is the network's raw output (Mao et al., 2017, with targets 0 and 1), shown clamped to [0, 1];
    the best D is p / (p + q) for either loss. `game` is the index in LOSSES of the loss last played, for a copy that is
    looked at has no Training; `noise_age` counts generator beats since the instance noise was turned on.
    """

    card = Card(
        id="gan",
        title="GAN",
        summary="A generator learns to fool a discriminator that learns to tell its points from data.",
        lecture="5",
        paper="Goodfellow et al., 2014",
        formula="V(G, D) = E log D(x) + E log(1 - D(G(z)))",
        shows=("critic", "transport", "facts", "push"),
        facts=(
            ("loss of discriminator", "L = −V(G, D) = −E log D(x) − E log(1 − D(G(z)))"),
            (f"loss of discriminator, {LEAST_SQUARES}", "L = ½ E(D(x) − 1)² + ½ E D(G(z))²"),
            (f"loss of generator, {NON_SATURATING}", "L = −E log D(G(z))"),
            (f"loss of generator, {MINIMAX}", "L = E log(1 − D(G(z)))"),
            (f"loss of generator, {LEAST_SQUARES}", "L = ½ E(D(G(z)) − 1)²"),
            ("push", "Gradients at the fakes"),
        ),
    )
    Design: ClassVar[type] = Design
    Training: ClassVar[type] = Training
    Sampling: ClassVar[type] = Sampling
    presets: ClassVar[tuple[Preset, ...]] = (
        Preset(
            "non-saturating", "GAN, non-saturating", "The generator ascends log D(G(z)).", "5",
            "Goodfellow et al., 2014",
        ),
        Preset(
            "minimax", "GAN, minimax", "The generator descends the game's own value.", "5",
            "Goodfellow et al., 2014", training={"generator_loss": MINIMAX},
        ),
        Preset(
            "least-squares", "GAN, least squares", "Both players fit targets 0 and 1 by least squares.", "5",
            "Mao et al., 2017", training={"generator_loss": LEAST_SQUARES},
        ),
        Preset(
            "mode-collapse", "Failure: mode collapse", "D learns too slowly: all fakes crowd where it errs.",
            "5", "Metz et al., 2017", training=COLLAPSE,
        ),
        Preset(
            "unrolled", "Remedy: unrolled steps", "The collapse's knobs, but G looks five steps of D ahead.", "5",
            "Metz et al., 2017", training={**COLLAPSE, "unrolled": 5, "unrolled_rate": 0.5, "batch": 128},
        ),
        Preset(
            "vanishing-gradient", "Failure: vanishing gradient", "D wins at once; minimax leaves G without a gradient.",
            "5", "Arjovsky and Bottou, 2017", training=VANISHING,
        ),
        Preset(
            "instance-noise", "Remedy: instance noise", "The vanishing's knobs, but noise makes the supports overlap.",
            "5", "Arjovsky and Bottou, 2017", training={**VANISHING, "instance_noise": 1.0, "noise_steps": 800},
        ),
        Preset(
            "oscillation", "Failure: oscillation", "Fakes run round the ring in one crowd, D behind them.",
            "5", "Mescheder et al., 2018", training=TURNING,
        ),
        Preset(
            "r1", "Remedy: R1", "The oscillation's knobs, but D's slope on the data is penalised.", "5",
            "Mescheder et al., 2018", training={**TURNING, "r1": 5.0},
        ),
    )  # fmt: skip

    critic_kind = PROBABILITY
    rival = DISCRIMINATOR
    game: Tensor
    noise_age: Tensor

    def __init__(self, design: Any, dim: int) -> None:
        super().__init__(design, dim)
        self.discriminator = self.discriminator_network()
        self.register_buffer("game", torch.empty((), dtype=torch.int64))
        self.register_buffer("noise_age", torch.empty((), dtype=torch.int64))

    def discriminator_network(self) -> nn.Module:
        """What scores points (n, d) as (n, 1), its weights not yet there."""
        return MLP(self.dim, 1, self.design.width, self.design.layers)

    def fill(self, generator: torch.Generator) -> None:
        """The default loss, no noise yet; nothing random, `generator` is not used."""
        self.game.fill_(LOSSES.index(NON_SATURATING))
        self.noise_age.zero_()

    @property
    def opponent(self) -> nn.Module:
        """The discriminator's network: logits, or with least squares D itself."""
        return self.discriminator

    @property
    def least_squares(self) -> bool:
        """Whether the loss last played was that of least squares."""
        return LOSSES[int(self.game)] == LEAST_SQUARES

    # Training.

    def rival_beats(self, training: Any) -> int:
        """As the knob says."""
        return int(training.d_beats)

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """One player's step, by the loss that is live."""
        self.game.fill_(LOSSES.index(fit.training.generator_loss))
        if name == GENERATOR:
            self.noise_age.add_(1) if fit.training.instance_noise > 0 else self.noise_age.zero_()
        return super().beat(name, fit)

    def rival_beat(self, fit: Fit) -> Mapping[str, Tensor | float]:
        """The discriminator's step up its value."""
        training = fit.training
        real, fake = fit.batch(), self.fakes(fit, training.batch)
        loss, apart = self._loss(self.discriminator, self._noisy(real, fit), self._noisy(fake, fit), training)
        fit.descend(loss, DISCRIMINATOR, training.d_rate_factor * training.learning_rate)
        found = {"discriminator loss": loss.detach()}
        return found if self.least_squares else {**found, "V(G, D)": -apart.detach()}

    def _loss(self, score: Score, real: Tensor, fake: Tensor, training: Any) -> tuple[Tensor, Tensor]:
        """The discriminator's loss on this batch with and without its R1 penalty; `score` is its network."""
        at = real.detach().requires_grad_(training.r1 > 0)
        scores = score(at)
        apart = self.distinguish(scores, score(fake))
        if training.r1 == 0:
            return apart, apart
        (slope,) = torch.autograd.grad(scores.sum(), at, create_graph=True)
        return apart + 0.5 * training.r1 * slope.square().sum(1).mean(), apart

    def distinguish(self, real: Tensor, fake: Tensor) -> Tensor:
        """The discriminator's loss from its raw scores (n, 1) of data and of fakes: -V(G, D), or least squares."""
        if self.least_squares:
            return 0.5 * (real - 1).square().mean() + 0.5 * fake.square().mean()
        # log D = -softplus(-logit), log(1 - D) = -softplus(logit): no rounding to 0 or 1.
        return softplus(-real).mean() + softplus(fake).mean()

    def persuade(self, scores: Tensor) -> Tensor:
        """log(1 - D), -log D or (D - 1)^2 / 2 at each fake."""
        loss = LOSSES[int(self.game)]
        if loss == LEAST_SQUARES:
            return 0.5 * (scores - 1).square()
        return -softplus(scores) if loss == MINIMAX else softplus(-scores)

    def scores_ahead(self, fake: Tensor, fit: Fit) -> Tensor:
        """The raw scores of the noisy fakes, by the discriminator as it is or some steps ahead on this batch."""
        training = fit.training
        fake = self._noisy(fake, fit)
        score: Score = self.discriminator
        if training.unrolled > 0:
            real = self._noisy(fit.batch(), fit)
            score = unrolled(
                self.discriminator, lambda ahead: self._loss(ahead, real, fake, training)[0], training.unrolled,
                training.unrolled_rate,
            )  # fmt: skip
        return score(fake)

    def noise(self, training: Any) -> float:
        """The instance noise's standard deviation now."""
        first = float(training.instance_noise)
        if first == 0 or training.noise_steps == 0:
            return first
        return first * max(0.0, 1 - float(self.noise_age) / int(training.noise_steps))

    def _noisy(self, x: Tensor, fit: Fit) -> Tensor:
        sigma = self.noise(fit.training)
        return x + sigma * fit.normal(*x.shape) if sigma > 0 else x

    # Showing.

    def critic(self, x: Tensor) -> Tensor:
        """D(x) (n,): the probability that x (n, d) is real; with least squares the raw output, clamped to [0, 1]."""
        return self.probability(self.discriminator(x).squeeze(1))

    def probability(self, scores: Tensor) -> Tensor:
        """D from raw scores: their sigmoid; with least squares they are D, clamped to [0, 1] where they overshoot."""
        return scores.clamp(0, 1) if self.least_squares else scores.sigmoid()

    def facts(
        self, points: Tensor, sampling: Any, generator: torch.Generator
    ) -> Generator[None, None, tuple[Fact, ...]]:
        """The game's value beside that of the best discriminator, which is estimated and has a floor."""
        data = drawn_from(points, 4 * HALF, generator)
        data, others = data[0::2], data[1::2]
        if len(others) < 8:
            raise Refused(f"The best discriminator is estimated from 16 data points or more, not {len(points)}.")
        fakes = self.sampled(len(data), sampling, generator)
        best = yield from log_ratios(data, fakes)
        floor = jsd(*(yield from log_ratios(data, others)))
        with torch.no_grad():
            own = tuple(self.discriminator(halves(cloud)[1]).to(best[0]) for cloud in (data, fakes))
        # The best scores are logits; with least squares a score is D itself.
        star = tuple(one.sigmoid() for one in best) if self.least_squares else best
        value, most = (-float(self.distinguish(*scores)) for scores in (own, star))
        off = torch.cat([self.probability(one) - other.sigmoid() for one, other in zip(own, best, strict=True)])
        if self.least_squares:
            lines = (
                Fact("Least-squares loss of D", f"{-value:.3f}", "½ E(D(x) - 1)² + ½ E D(G(z))²."),
                Fact("Loss of D*, estimate", f"{-most:.3f}", f"½ ∫ pq / (p + q), the least one. {ESTIMATE}"),
            )
        else:
            lines = (
                Fact("V(G, D)", f"{value:.3f}", "E log D(x) + E log(1 - D(G(z)))."),
                Fact("2 JSD - 2 log 2, estimate", f"{most:.3f}", f"V(G, D*), the greatest V. {ESTIMATE}"),
            )
        return (
            *lines,
            Fact("D falls short of D* by", f"{most - value:.3f}", "Below 0 the network beats the kernel estimate."),
            Fact("Mean |D - D*|, estimate", f"{float(off.abs().mean()):.3f}", "Over data and fakes in equal parts."),
            Fact(
                "JSD, estimate", f"{jsd(*best):.3f} nats (floor {floor:.3f})",
                "0 for equal laws, log 2 = 0.693 for disjoint ones; the floor is the same estimate for two samples of "
                "the data. It may fall below 0: it is a lower bound with noise.",
            ),
        )  # fmt: skip


FAMILY = GAN
