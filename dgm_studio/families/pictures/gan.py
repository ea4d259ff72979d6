"""The generative adversarial network of pictures: DCGAN, and the same with a style for each layer."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.knobs import Value, knob
from dgm_studio.families import gan
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts import gradient_knobs
from dgm_studio.families.parts.best_discriminator import drawn_from
from dgm_studio.families.pictures.picture_family import PictureFamily
from dgm_studio.families.showing import Fact
from dgm_studio.nets import dcgan
from dgm_studio.solvers.solver import State

STYLED: dict[str, Value] = {"styles": True, "width": 20, "spread": True}
LOOKED = 256
"""Training pictures, and as many fakes, that facts go by."""


@dataclass(frozen=True)
class Design:
    """What is built."""

    latent: int = knob(64, "Latent dimension", "Coordinates of z.", low=2, high=128)
    width: int = knob(
        32, "Width", "The discriminator's channels at half size; the generator has four times as many at a quarter.",
        low=4, high=128, log=True,
    )  # fmt: skip
    styles: bool = knob(
        False, "Styles (AdaIN)",
        "z enters no more at the bottom: a mapping network makes a style of it, which sets the mean and the spread of "
        "every channel after each of five layers (Karras et al., 2019).",
    )  # fmt: skip
    spread: bool = knob(
        False, "Batch spread", "The discriminator also sees how far apart the pictures of a batch are, so it knows "
        "a generator that draws one picture again and again (Karras et al., 2018).",
    )  # fmt: skip
    mapping: int = knob(
        4, "Mapping layers", "Of the network from z to its style.", low=1, high=8, when=("styles", (True,))
    )


@dataclass(frozen=True)
class Training(gan.Training):
    """The GAN's, for batches of pictures."""

    learning_rate: float = gradient_knobs.learning_rate(5e-4)
    batch: int = knob(32, "Batch", "Pictures per beat, real and generated each.", low=1, high=256, log=True)
    unrolled: ClassVar[int] = 0  # type: ignore[misc]  # no knob here: a beat would last many times as long
    unrolled_rate: ClassVar[float] = 0.0  # type: ignore[misc]
    mixing: float = knob(
        0.5, "Style mixing", "Share of fakes whose later layers have the style of another z, so that neighbouring "
        "layers learn not to rely on one another (Karras et al., 2019).", low=0.0, high=1.0,
    )  # fmt: skip
    ema: float = gradient_knobs.ema(0.995, "generator")


@dataclass(frozen=True)
class Sampling:
    """How it is sampled: one pass, nothing to set but truncation."""

    truncation: float = knob(
        1.0, "Truncation ψ", "Styles are pulled to their mean, w_mean + ψ (w − w_mean); without styles it is z that is "
        "multiplied by ψ. Below 1 pictures are more alike and better.", low=0.0, high=2.0,
    )  # fmt: skip


class GAN(PictureFamily, gan.GAN):
    """The game and the losses of families.gan between convolutional networks, over flat pictures (n, dim) in [-1, 1].

    Without styles the generator's one style is z itself, and its mean is 0: truncation, mixing and activations are the
    same words for both generators, though one layer leaves nothing to mix.
    """

    card = Card(
        id="gan",
        title="GAN",
        summary="A convolutional generator learns to fool a discriminator that tells its pictures from data.",
        lecture="5",
        paper="Radford et al., 2016; Karras et al., 2019",
        formula="V(G, D) = E log D(x) + E log(1 - D(G(z)))",
        shows=("facts",),
        facts=gan.GAN.card.facts,
    )
    Design, Training, Sampling = Design, Training, Sampling
    presets = (
        Preset("dcgan", "DCGAN", "Transposed convolutions and batch norm.", "5", "Radford et al., 2016"),
        Preset(
            "style", "DCGAN with styles", "A mapping network, and AdaIN after every layer.", "second course",
            "Karras et al., 2019", STYLED, {"r1": 0.3},
        ),
        Preset(
            "least-squares", "DCGAN, least squares", "Both players fit targets 0 and 1 by least squares.", "5",
            "Mao et al., 2017", training={"generator_loss": gan.LEAST_SQUARES},
        ),
        Preset(
            "r1", "DCGAN with R1", "The discriminator's slope on the pictures is penalised.", "5",
            "Mescheder et al., 2018", training={"r1": 1.0},
        ),
        Preset(
            "minimax", "DCGAN, minimax", "The generator descends the game's own value: it fades if D wins.", "5",
            "Goodfellow et al., 2014", training={"generator_loss": gan.MINIMAX},
        ),
    )  # fmt: skip

    generator: dcgan.Generator | dcgan.StyledGenerator

    def generator_network(self) -> nn.Module:
        """Of either kind."""
        design = self.design
        if design.styles:
            return dcgan.StyledGenerator(self.shape, design.latent, design.width, design.mapping)
        return dcgan.Generator(self.shape, design.latent, design.width)

    def discriminator_network(self) -> nn.Module:
        """DCGAN's."""
        return dcgan.Discriminator(self.shape, self.design.width, self.design.spread)

    def fill(self, generator: torch.Generator) -> None:
        """The shape and the game's state; nothing random, `generator` is not used."""
        PictureFamily.fill(self, generator)
        gan.GAN.fill(self, generator)

    def idle(self, training: Any) -> Mapping[str, str]:
        """Nothing to mix without styles."""
        return {} if self.design.styles else {"mixing": "This generator has one style, z: there is nothing to mix."}

    def made(self, fit: Fit, n: int) -> Tensor:
        """G(z) (n, dim); of a share `mixing` the layers from a random one on have the style of a second z."""
        layers = len(self.style_layers)
        if layers == 1 or fit.training.mixing == 0:
            return super().made(fit, n)
        first, second = self.style(fit.normal(2 * n, self.design.latent)).chunk(2)
        # From layer `change` on, 1 to layers - 1; those that are not mixed change after the last.
        change = (1 + fit.uniform(n) * (layers - 1)).floor()
        change[fit.uniform(n) >= fit.training.mixing] = layers
        later = torch.arange(layers, device=first.device)[:, None, None] >= change[:, None]
        return self.synthesise(torch.where(later, second, first))[0]

    # Showing: families.pictures.capabilities.DecodesLatent and HasStyles.

    @property
    def latent_dim(self) -> int:
        """k, the coordinates of z."""
        return int(self.design.latent)

    def latent_prior_draw(self, n: int, generator: torch.Generator) -> Tensor:
        """z (n, k) from N(0, I)."""
        return self.prior(n, generator)

    def decode(self, z: Tensor) -> Tensor:
        """G(z) (n, dim)."""
        pictures: Tensor = self.generator(z)
        return pictures

    @property
    def style_layers(self) -> tuple[str, ...]:
        """Five, or z alone."""
        return self.generator.layers

    def style(self, z: Tensor) -> Tensor:
        """z (n, k) -> w (n, k): the mapping network's, or z itself."""
        return self.generator.style(z)

    def truncated(self, w: Tensor, psi: float) -> Tensor:
        """w_mean + psi (w - w_mean), (n, k); w itself, to the last bit, at psi = 1."""
        if psi == 1:
            return w
        mean = self.generator.mean_style()
        return mean + psi * (w - mean)

    def synthesise(self, styles: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Styles (layers, n, k) -> pictures (n, dim), and the activations (n, c, h, w) after each layer."""
        return self.generator.synthesise(styles)

    @torch.no_grad()
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """G(z), truncated as `sampling` says: one state, for z is no picture."""
        w = self.truncated(self.style(start), sampling.truncation)
        yield State(1.0, self.synthesise(w.expand(len(self.style_layers), -1, -1))[0], evaluations=1)

    def frames(self, sampling: Any) -> int:
        """The samples alone."""
        return 1

    def sampled(self, n: int, sampling: Any, generator: torch.Generator) -> Tensor:
        """G(z) (n, dim), truncated as `sampling` says."""
        (state,) = self.walk(self.prior(n, generator), sampling, generator)
        return state.x

    @torch.no_grad()
    def facts(
        self, points: Tensor, sampling: Any, generator: torch.Generator
    ) -> Generator[None, None, tuple[Fact, ...]]:
        """What the discriminator says of some training pictures (n, dim), bytes, and of as many fakes."""
        data = self.seen(drawn_from(points, LOOKED, generator))
        yield
        on_data = self.critic(data)
        yield
        fakes = self.sampled(len(data), sampling, generator)
        yield
        on_fakes = self.critic(fakes)
        return (
            Fact("D on data", f"{float(on_data.mean()):.3f}", "Mean over training pictures; ½ where it cannot tell."),
            Fact("D on fakes", f"{float(on_fakes.mean()):.3f}", "Mean over fakes; ½ where it cannot tell."),
            Fact(
                "Told apart", f"{float(torch.cat([on_data > 0.5, on_fakes <= 0.5]).double().mean()):.0%}",
                "Share of both that the discriminator takes for what they are; half by guessing.",
            ),
        )  # fmt: skip


FAMILY = GAN
