"""The Wasserstein GAN: the opponent is no classifier but a critic whose slope is held."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.families.capabilities import VALUE
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts import gradient_knobs
from dgm_studio.families.parts.adversarial import Adversarial, Sampling
from dgm_studio.families.parts.best_discriminator import drawn_from
from dgm_studio.families.showing import Fact
from dgm_studio.measures.transport import least_cost
from dgm_studio.nets.lipschitz import clip_weights, gradient_penalty, slopes
from dgm_studio.nets.spectral import SpectralMLP

CRITIC = "critic"
CLIPPING, PENALTY, SPECTRAL = "clipping", "gradient-penalty", "spectral-norm"
CONSTRAINTS = (CLIPPING, PENALTY, SPECTRAL)
COUNT = 256
"""Points a side that the exact W1 compares."""
HELD = {
    CLIPPING: "Clipping makes f K-Lipschitz with unknown K, so the raw estimate is of K W1.",
    PENALTY: "The penalty is a soft constraint: slopes near 1 where it looked, between data and fakes.",
    SPECTRAL: "Each layer's norm is 1, so K is at most 1 up to the power iteration's error, and often well below.",
}


@dataclass(frozen=True)
class Design:
    """What is built."""

    latent: int = knob(2, "Latent dimension", "Coordinates of z; with 2 the warped grid can be drawn.", low=1, high=16)
    width: int = knob(128, "Width", "Hidden units per layer, in both networks.", low=8, high=512, log=True)
    layers: int = knob(3, "Layers", "Hidden layers of each network.", low=1, high=6)


@dataclass(frozen=True)
class Training:
    """How it learns; every knob is live."""

    constraint: str = knob(
        PENALTY, "Constraint", "What keeps the critic's slope bounded.",
        choices=(
            Choice(CLIPPING, "Weight clipping", "Every weight is clamped to [-c, c] (Arjovsky et al., 2017)."),
            Choice(PENALTY, "Gradient penalty", "lambda E (|grad f| - 1)^2 between data and fakes (Gulrajani, 2017)."),
            Choice(SPECTRAL, "Spectral norm", "Every layer is divided by its norm (Miyato et al., 2018)."),
        ),
    )  # fmt: skip
    clip_weights: float = knob(
        0.1, "Clip c", "Weights stay in [-c, c]: too small and gradients vanish, too large and the critic is slow.",
        low=0.001, high=1.0, log=True, when=("constraint", (CLIPPING,)),
    )  # fmt: skip
    penalty: float = knob(
        1.0, "Penalty lambda", "Weight of the gradient penalty.", low=0.01, high=100.0, log=True,
        when=("constraint", (PENALTY,)),
    )  # fmt: skip
    critic_beats: int = knob(3, "Critic beats", "n_critic: critic beats per generator beat.", low=1, high=20)
    learning_rate: float = gradient_knobs.learning_rate(1e-3)
    critic_rate_factor: float = knob(
        1.0, "Critic rate factor", "The critic's step size in units of the generator's.",
        low=0.01, high=100.0, log=True,
    )  # fmt: skip
    batch: int = gradient_knobs.batch(256, "Points per beat, real and generated each.")
    ema: float = gradient_knobs.ema(0.0, "generator")


class WGAN(Adversarial):
    """min_G max_f E f(x) - E f(G(z)) over K-Lipschitz f: K W1(p, q) at the best f (Kantorovich and Rubinstein).

    The critic has leaky ReLUs, whose slope is at most 1. Adam with betas (0, 0.9) as in Gulrajani et al., 2017,
    algorithm 1, which but for its bias correction is the RMSProp of Arjovsky et al., 2017. `held` is the index in
    CONSTRAINTS of the constraint last trained with, for a copy that is looked at has no Training.
    """

    card = Card(
        id="wgan",
        title="Wasserstein GAN",
        summary="A generator follows a critic of bounded slope, whose estimate is the distance left to the data.",
        lecture="5",
        paper="Arjovsky et al., 2017; Gulrajani et al., 2017; Miyato et al., 2018",
        formula="W1(p, q) = 1/K max over K-Lipschitz f of E f(x) - E f(G(z))",
        shows=("critic", "transport", "facts", "push"),
        facts=(
            ("loss of critic", "L = E f(G(z)) − E f(x), plus the penalty where one is chosen"),
            ("loss of generator", "L = −E f(G(z))"),
            ("push", "Gradients at the fakes"),
        ),
    )
    Design, Training, Sampling = Design, Training, Sampling
    presets = (
        Preset(
            "wgan-gp", "WGAN, gradient penalty", "The critic's slope is drawn to 1 between data and fakes.", "5",
            "Gulrajani et al., 2017",
        ),
        Preset(
            "wgan-clipping", "WGAN, weight clipping", "The critic's weights are clamped to a box.", "5",
            "Arjovsky et al., 2017", training={"constraint": CLIPPING},
        ),
        Preset(
            "wgan-spectral", "WGAN, spectral norm", "Each of the critic's layers is divided by its norm.", "5",
            "Miyato et al., 2018", training={"constraint": SPECTRAL},
        ),
    )  # fmt: skip

    critic_kind = VALUE
    rival = CRITIC
    held: Tensor

    def __init__(self, design: Any, dim: int) -> None:
        super().__init__(design, dim)
        self.f = SpectralMLP(dim, design.width, design.layers)
        self.register_buffer("held", torch.empty((), dtype=torch.int64))

    def fill(self, generator: torch.Generator) -> None:
        """The default constraint; nothing random, `generator` is not used."""
        self.held.fill_(CONSTRAINTS.index(PENALTY))

    @property
    def opponent(self) -> nn.Module:
        """The critic f."""
        return self.f

    def betas(self, group: str) -> tuple[float, float]:
        """No momentum: the critic's target moves (Arjovsky et al., 2017)."""
        return (0.0, 0.9)

    # Training.

    def rival_beats(self, training: Any) -> int:
        """n_critic."""
        return int(training.critic_beats)

    def rival_beat(self, fit: Fit) -> Mapping[str, Tensor | float]:
        """The critic's step up E f(x) - E f(G(z)) under its constraint."""
        training = fit.training
        self.held.fill_(CONSTRAINTS.index(training.constraint))
        self.f.normalised.fill_(training.constraint == SPECTRAL)
        real, fake = fit.batch(), self.fakes(fit, training.batch)
        estimate = self.f(real).mean() - self.f(fake).mean()
        loss = -estimate
        if training.constraint == PENALTY:
            loss = loss + training.penalty * gradient_penalty(self.f, real, fake, fit.uniform(len(real), 1))
        fit.descend(loss, CRITIC, training.critic_rate_factor * training.learning_rate)
        self._keep(training)
        return {"critic loss": loss.detach(), "critic estimate": estimate.detach()}

    @torch.no_grad()
    def _keep(self, training: Any) -> None:
        """What a constraint does after the step."""
        if training.constraint == CLIPPING:
            clip_weights(self.f, training.clip_weights)
        elif training.constraint == SPECTRAL:
            self.f.iterate()

    def persuade(self, scores: Tensor) -> Tensor:
        """-f at each fake."""
        return -scores

    # Showing.

    def critic(self, x: Tensor) -> Tensor:
        """f(x) (n,), known up to a constant."""
        scores: Tensor = self.f(x)
        return scores.squeeze(1)

    def facts(
        self, points: Tensor, sampling: Any, generator: torch.Generator
    ) -> Generator[None, None, tuple[Fact, ...]]:
        """The critic's estimate, raw and scaled, beside the exact W1 of the same two clouds and its floor."""
        data = drawn_from(points, 2 * COUNT, generator)
        data, others = data[0 : len(data) // 2 * 2 : 2], data[1::2]
        fakes = self.sampled(len(data), sampling, generator)
        with torch.no_grad():
            raw = float(self.critic(data).mean() - self.critic(fakes).mean())
        share = torch.rand((len(data), 1), generator=generator, device=data.device, dtype=data.dtype)
        steepest = float(slopes(self.f, torch.cat((data, fakes, share * data + (1 - share) * fakes))).max())
        yield
        exact = yield from least_cost(_points(data), _points(fakes), 1.0)
        floor = yield from least_cost(_points(data), _points(others), 1.0)
        held = HELD[CONSTRAINTS[int(self.held)]]
        return (
            Fact("Critic estimate, raw", f"{raw:.3f}", f"E f(x) - E f(G(z)). {held}"),
            Fact("Steepest slope seen, K", f"{steepest:.3f}", "Largest |grad f| on a sample: K is this or more."),
            Fact(
                "Critic estimate, scaled", f"{raw / max(steepest, 1e-12):.3f}",
                "Raw over K: below W1 of these two clouds if K was not underestimated.",
            ),
            Fact("W1, exact", f"{exact:.3f}", f"Between {len(data)} data points and as many fakes: the best plan."),
            Fact("W1, floor", f"{floor:.3f}", "The same between two samples of the data."),
        )  # fmt: skip


def _points(cloud: Tensor) -> Array:
    """As the exact transport takes them."""
    return cloud.detach().cpu().double().numpy()


FAMILY = WGAN
