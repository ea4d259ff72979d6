"""The variational autoencoder of pictures: the family of points with a convolutional encoder and decoder."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.families import vae
from dgm_studio.families.parts import gradient_knobs
from dgm_studio.families.parts.diagonal_normal import FIXED, LEARNED
from dgm_studio.families.parts.latent_priors import AGGREGATED, FLOW, PRIORS, STANDARD, VAMP
from dgm_studio.families.pictures.picture_family import PictureFamily
from dgm_studio.families.showing import Bars, Fact
from dgm_studio.nets.mlp import MLP
from dgm_studio.nets.picture_coder import PictureDecoder, PictureEncoder

CONVOLUTIONS, LINEAR = "convolutions", "linear"

LOOKED = 2_000
"""Training pictures that facts and ELBO surgery go by."""


@dataclass(frozen=True)
class Design:
    """What is built."""

    latent: int = knob(16, "Latent dimension", "Coordinates of z; 2 make a map that is seen whole.", low=2, high=64)
    network: str = knob(
        CONVOLUTIONS, "Network", "What encoder and decoder are.",
        choices=(
            Choice(CONVOLUTIONS, "Convolutions", "Strided convolutions down, pixel shuffles up."),
            Choice(LINEAR, "Linear", "One matrix each: the optimum is probabilistic PCA."),
        ),
    )  # fmt: skip
    width: int = knob(
        32, "Width", "Channels at half size; twice as many at a quarter.", low=4, high=128, log=True,
        when=("network", (CONVOLUTIONS,)),
    )  # fmt: skip
    blocks: int = knob(
        2, "Residual blocks", "At a quarter of the size, in encoder and decoder.", low=0, high=6,
        when=("network", (CONVOLUTIONS,)),
    )  # fmt: skip
    decoder: str = knob(
        FIXED, "Decoder", "The Gaussian p(x|z) around the decoder's mean.",
        choices=(
            Choice(FIXED, "Fixed sigma", "One standard deviation, given below."),
            Choice(LEARNED, "Learned variance", "The decoder also gives a log-variance per pixel."),
        ),
    )  # fmt: skip
    sigma: float = knob(
        0.3, "Decoder sigma", "Standard deviation of p(x|z); black is -1, white 1. Larger lets the KL weigh more.",
        low=0.01, high=2.0, log=True, when=("decoder", (FIXED,)),
    )  # fmt: skip
    prior: str = knob(FLOW, "Prior", "p(z), from which z is sampled.", choices=PRIORS)
    prior_couplings: int = knob(
        4, "Prior couplings", "Affine couplings of the flow prior.", low=2, high=8, when=("prior", (FLOW,))
    )
    components: int = knob(
        32, "Prior components", "Posteriors that the VampPrior or the aggregated posterior is the mean of.",
        low=1, high=200, log=True, when=("prior", (VAMP, AGGREGATED)),
    )  # fmt: skip


@dataclass(frozen=True)
class Training(vae.Training):
    """The VAE's, for batches of pictures."""

    learning_rate: float = gradient_knobs.learning_rate(2e-3)
    batch: int = knob(32, "Batch", "Pictures per step.", low=1, high=256, log=True)
    training_samples: int = knob(
        1, "IWAE samples", "K of the importance-weighted bound that is raised; 1 is the ELBO (Burda et al., 2016).",
        low=1, high=16, log=True,
    )  # fmt: skip
    ema: float = gradient_knobs.ema(0.995)


@dataclass(frozen=True)
class Sampling(vae.Sampling):
    """How it is sampled, and how its density is bounded."""

    decoder_noise: bool = knob(False, "Decoder noise", "Draw x from p(x|z); off shows the decoder's mean.")
    importance_samples: int = knob(
        16, "Importance samples", "K of the importance-weighted bound; 1 is the ELBO.", low=1, high=128, log=True
    )


class VAE(PictureFamily, vae.VAE):
    """The bound, its parts and the priors of families.vae over flat pictures (n, dim) in [-1, 1], densities in these
    units: -ELBO / (dim log 2) + log2(127.5) are bits a byte, at pictures with uniform noise of a byte's width."""

    card = Card(
        id="vae",
        title="VAE",
        summary="Pictures through a small latent space and back, trained by a bound of the likelihood.",
        lecture="3-4",
        paper="Kingma and Welling, 2014",
        formula="ELBO = E_q log p(x|z) - KL(q(z|x) | p(z))",
        shows=("log_prob", "latent", "facts", "bars"),
        facts=(("loss", "L = −E_q log p(x|z) + β KL(q(z|x) | p(z))"),),
    )
    Design, Training, Sampling = Design, Training, Sampling
    presets = (
        Preset(
            "vae", "VAE", "Sixteen latent coordinates with a learned prior, so that samples are pictures.", "3-4",
            "Kingma and Welling, 2014",
        ),
        Preset(
            "standard-prior", "VAE with prior N(0, I)", "The first VAE's prior: many of its z are no picture's.", "3-4",
            "Kingma and Welling, 2014", {"prior": STANDARD},
        ),
        Preset(
            "vae-plane", "VAE with two coordinates", "The whole latent space is one map; pictures are blurrier.", "3",
            "Kingma and Welling, 2014", {"prior": STANDARD, "latent": 2},
        ),
        Preset(
            "beta-vae", "beta-VAE", "The KL weighs more: coordinates of their own meaning, blurrier pictures.", "3",
            "Higgins et al., 2017", {"prior": STANDARD}, {"beta": 4.0, "warm_up": 500},
        ),
        Preset(
            "free-bits", "VAE with free bits", "The first quarter of a nat of each coordinate costs nothing.", "3",
            "Kingma et al., 2016", {"prior": STANDARD}, {"free_bits": 0.25},
        ),
        Preset(
            "vamp-prior", "VAE with VampPrior", "The prior is a mixture of posteriors of learned pseudo-pictures.", "4",
            "Tomczak and Welling, 2018", {"prior": VAMP},
        ),
        Preset(
            "iwae", "IWAE", "Trained by the tighter bound of eight importance samples.", "3",
            "Burda et al., 2016", {"prior": STANDARD}, {"training_samples": 8, "batch": 8},
        ),
        Preset(
            "linear-vae", "Linear VAE", "A matrix each way: its optimum is probabilistic PCA.", "3",
            "Lucas et al., 2019", {"network": LINEAR, "prior": STANDARD},
        ),
    )  # fmt: skip
    rows: ClassVar[int] = 128
    most_rows: ClassVar[int] = 512

    def networks(self) -> tuple[Any, Any]:
        """Convolutions, or one matrix each."""
        design = self.design
        sheets = 2 if design.decoder == LEARNED else 1
        if design.network == LINEAR:
            return MLP(self.dim, 2 * design.latent, 1, 0), MLP(design.latent, sheets * self.dim, 1, 0)
        return (
            PictureEncoder(self.shape, 2 * design.latent, design.width, design.blocks),
            PictureDecoder(self.shape, design.latent, sheets, design.width, design.blocks),
        )

    @property
    def latent_dim(self) -> int:
        """k, the coordinates of z."""
        return int(self.design.latent)

    def latent_prior_draw(self, n: int, generator: torch.Generator) -> Tensor:
        """z (n, k) from p(z)."""
        return self.prior(n, generator)

    def bars(self, points: Tensor, sampling: Any, generator: torch.Generator) -> Generator[None, None, Bars]:
        """ELBO surgery on the first training pictures (n, dim), bytes."""
        return (yield from super().bars(self.seen(points[:LOOKED]), sampling, generator))

    def facts(
        self, points: Tensor, sampling: Any, generator: torch.Generator
    ) -> Generator[None, None, tuple[Fact, ...]]:
        """How much of the latent space the first training pictures (n, dim), bytes, use."""
        return (yield from super().facts(self.seen(points[:LOOKED]), sampling, generator))


FAMILY = VAE
