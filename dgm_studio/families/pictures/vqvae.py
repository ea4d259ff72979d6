"""The vector-quantised autoencoder of pictures: a small grid of codes, and with a discriminator VQ-GAN."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import relu

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.core.pictures import PictureShape
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts import gradient_knobs
from dgm_studio.families.parts.codebook import Codebook
from dgm_studio.families.pictures.picture_family import PictureFamily
from dgm_studio.families.showing import Bars, Fact
from dgm_studio.families.vqvae import MOVING, STRAIGHT_THROUGH
from dgm_studio.nets.patch_critic import PatchCritic
from dgm_studio.nets.picture_coder import Grow, Shrink, small_size
from dgm_studio.solvers.solver import State

STEP, DISCRIMINATOR = "step", "discriminator"

LOOKED = 2_000
"""Training pictures whose codes are counted."""

ROWS = 128
"""Pictures encoded together: a slice well under 50 ms."""

TINY, MOST = 1e-4, 1e4
"""VQ-GAN's own guards of the adversarial term's adaptive weight."""


@dataclass(frozen=True)
class Design:
    """What is built."""

    codes: int = knob(256, "Codes", "K, the number of entries of the codebook.", low=2, high=1024, log=True)
    code_dim: int = knob(8, "Code dimension", "Coordinates of an encoding and of a code.", low=1, high=64, log=True)
    width: int = knob(32, "Width", "Channels at half size; twice as many at a quarter.", low=4, high=128, log=True)
    blocks: int = knob(2, "Residual blocks", "At a quarter of the size, in encoder and decoder.", low=0, high=6)
    discriminator: bool = knob(False, "Discriminator", "Learn from a patch discriminator too: VQ-GAN.")


@dataclass(frozen=True)
class Training:
    """How it learns; every knob is live."""

    quantiser: str = knob(
        MOVING, "Codebook", "How the codes follow the encodings; gradients pass the choice straight through.",
        choices=(
            Choice(STRAIGHT_THROUGH, "By gradient", "The codebook loss |sg(z) - e|² pulls codes to encodings."),
            Choice(MOVING, "Moving averages", "A code is the moving average of its encodings (EMA)."),
        ),
    )  # fmt: skip
    commitment: float = knob(
        0.25, "Commitment", "Weight of |z - sg(e)|², which keeps encodings near their codes.", low=0.0, high=10.0
    )
    revive: float = knob(
        0.1, "Revive below", "A code used less than this share of 1/K moves onto an encoding; 0 turns it off.",
        low=0.0, high=0.9,
    )  # fmt: skip
    usage_decay: float = knob(
        0.98, "Usage decay", "Of the moving average of code usage, and of the EMA codebook.", low=0.5, high=0.999
    )
    adversarial: float = knob(
        0.3, "Adversarial weight", "Of the discriminator's opinion, in units of the reconstruction's gradient.",
        low=0.0, high=2.0,
    )  # fmt: skip
    adversarial_from: int = knob(
        500, "Adversarial from", "Step from which the decoder heeds the discriminator.", low=0, high=100_000,
        unit="steps",
    )  # fmt: skip
    learning_rate: float = gradient_knobs.learning_rate(1e-3)
    batch: int = knob(32, "Batch", "Pictures per step.", low=1, high=256, log=True)
    ema: float = gradient_knobs.ema(0.995)


@dataclass(frozen=True)
class Sampling:
    """How it is sampled; a prior over codes is a family of its own."""

    temperature: float = knob(
        1.0, "Code temperature", "Usage to the power 1 / temperature: lower draws common codes more often.",
        low=0.1, high=3.0,
    )  # fmt: skip


class VQVAE(PictureFamily):
    """Loss: mean over pixels of (x - D(e))^2, plus commitment times the mean of (z - sg(e))^2 and, where codes follow
    by gradient, (sg(z) - e)^2, over the h/4 x w/4 encodings z (n, h/4, w/4, m) and their nearest codes e; the decoder's
    gradient passes to z as if e were z (van den Oord et al., 2017).

    With a discriminator the loss gains w lambda (-mean D(x_hat)), lambda = |grad reconstruction| / |grad adversarial|
    at the decoder's last layer, and the discriminator descends the hinge loss (VQ-GAN: Esser et al., 2021; its
    perceptual term, which needs a network trained on photographs, is left out).

    Sampling by itself draws every place's code from usage, without its neighbours: what a prior over codes mends.
    """

    card = Card(
        id="vqvae",
        title="VQ-VAE",
        summary="Pictures as a small grid of codes, each the nearest of K learned vectors.",
        lecture="4",
        paper="van den Oord et al., 2017",
        formula="z_q = e_k*, k* = argmin_k |z_e - e_k|",
        shows=("facts", "bars"),
        facts=(("kin", "VAE"),),
    )
    Design, Training, Sampling = Design, Training, Sampling
    presets = (
        Preset("vqvae", "VQ-VAE", "Codes are moving averages of their encodings; dead ones are revived.", "4",
               "van den Oord et al., 2017"),
        Preset("vqvae-gradient", "VQ-VAE, codebook loss", "Codes follow by gradient, as in the paper's main text.", "4",
               "van den Oord et al., 2017", training={"quantiser": STRAIGHT_THROUGH}),
        Preset("dead-codes", "Dead codes", "No revival: most codes are never used.", "4",
               "van den Oord et al., 2017", training={"revive": 0.0}),
        Preset("vq-gan", "VQ-GAN", "A patch discriminator sharpens what the decoder draws.", "4",
               "Esser et al., 2021", {"discriminator": True}, {"batch": 24}),
    )  # fmt: skip

    def __init__(self, design: Any, shape: PictureShape) -> None:
        super().__init__(design, shape)
        self.small = small_size(shape)
        self.encoder = Shrink(shape.channels, design.code_dim, design.width, design.blocks)
        self.book = Codebook(design.codes, design.code_dim)
        self.decoder = Grow(design.code_dim, shape.channels, design.width, design.blocks)
        self.discriminator: PatchCritic | None = PatchCritic(shape, design.width) if design.discriminator else None

    # The model.

    @property
    def code_shape(self) -> tuple[int, int]:
        """Rows and columns of a picture's code."""
        return self.small

    @property
    def codebook(self) -> Tensor:
        """The codes (K, m)."""
        return self.book.codes

    def encodings(self, x: Tensor) -> Tensor:
        """z (n, h/4, w/4, m) of flat pictures (n, dim), before the nearest code is taken."""
        out: Tensor = self.encoder(self.stood(x))
        return out.permute(0, 2, 3, 1)

    def drawn(self, z: Tensor) -> Tensor:
        """Flat pictures (n, dim) of vectors (n, h/4, w/4, m), codes or any between."""
        out: Tensor = self.decoder(z.permute(0, 3, 1, 2))
        return out.flatten(1)

    def codes(self, x: Tensor) -> Tensor:
        """Ids (n, h/4, w/4) of flat pictures (n, dim)."""
        z = self.encodings(x)
        return self.book.nearest(z.flatten(0, 2)).view(z.shape[:3])

    def decode_codes(self, ids: Tensor) -> Tensor:
        """Flat pictures (n, dim) of ids (n, h/4, w/4)."""
        return self.drawn(self.book.codes[ids])

    # Training.

    def beats(self, training: Any) -> tuple[str, ...]:
        """The autoencoder's, then the discriminator's where there is one."""
        return (STEP,) if self.discriminator is None else (STEP, DISCRIMINATOR)

    def groups(self) -> Mapping[str, Iterable[nn.Parameter]]:
        """Two players where there is a discriminator."""
        main = {"main": [weight for _, weight in self.averaged()]}
        return main if self.discriminator is None else {**main, DISCRIMINATOR: list(self.discriminator.parameters())}

    def averaged(self) -> Iterable[tuple[str, nn.Parameter]]:
        """All but the discriminator."""
        return [(name, one) for name, one in self.named_parameters() if not name.startswith(f"{DISCRIMINATOR}.")]

    def idle(self, training: Any) -> Mapping[str, str]:
        """What only a discriminator uses."""
        if self.discriminator is not None:
            return {}
        return dict.fromkeys(("adversarial", "adversarial_from"), "This model was built without a discriminator.")

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """One player's step."""
        if self.discriminator is not None and name == DISCRIMINATOR:
            return self._discriminate(self.discriminator, fit)
        return self._autoencode(fit)

    def _autoencode(self, fit: Fit) -> Mapping[str, Tensor | float]:
        """One step down the loss; then usage, the EMA codebook and dead codes."""
        training = fit.training
        x = fit.batch()
        z = self.encodings(x)
        flat = z.detach().flatten(0, 2)
        choice = self.book.nearest(flat)
        code = self.book.codes[choice].view_as(z)
        drawn = self.drawn(through(z, code))
        errors = (x - drawn).square().mean(1)
        reconstruction = errors.mean()
        commitment = (z - code.detach()).square().mean()
        loss = reconstruction + training.commitment * commitment
        if training.quantiser == STRAIGHT_THROUGH:
            loss = loss + (z.detach() - code).square().mean()
        told: dict[str, Tensor | float] = {}
        if self.discriminator is not None:
            against, told = self._persuade(self.discriminator, drawn, reconstruction, fit)
            loss = loss + against
        fit.note(reconstruction=errors)
        fit.descend(loss)
        moving = training.quantiser == MOVING
        self.book.learn(flat, choice, training.usage_decay, training.revive, fit.generator, moving=moving)
        return {
            "loss": loss.detach(), "reconstruction": reconstruction.detach(), "quantisation error": commitment.detach(),
            **told, "perplexity": self.book.perplexity(),
        }  # fmt: skip

    def _persuade(
        self, critic: PatchCritic, drawn: Tensor, reconstruction: Tensor, fit: Fit
    ) -> tuple[Tensor, dict[str, Tensor | float]]:
        """The adversarial term with its weights, from pictures `drawn` (n, dim)."""
        against = -critic(drawn).mean()
        share = fit.training.adversarial if fit.step >= fit.training.adversarial_from else 0.0
        if share == 0:
            return torch.zeros_like(against), {"generator loss": against.detach()}
        last = self.decoder.last.weight
        own, other = (torch.autograd.grad(one, last, retain_graph=True)[0].norm() for one in (reconstruction, against))
        weight = (own / (other + TINY)).clamp(max=MOST)
        return share * weight * against, {"generator loss": against.detach()}

    def _discriminate(self, critic: PatchCritic, fit: Fit) -> Mapping[str, Tensor | float]:
        """The discriminator's step down the hinge loss: mean of (relu(1 - D(x)) + relu(1 + D(x_hat))) / 2."""
        x = fit.batch()
        with torch.no_grad():
            fake = self.decode_codes(self.codes(x))
        loss = 0.5 * (relu(1 - critic(x)).mean() + relu(1 + critic(fake)).mean())
        fit.descend(loss, DISCRIMINATOR)
        return {"discriminator loss": loss.detach()}

    # Sampling.

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """Uniform numbers (n, h/4 w/4) in [0, 1): each picks a code when it is walked."""
        shape = (n, math.prod(self.small))
        return torch.rand(shape, generator=generator, device=generator.device, dtype=self.dtype)

    @torch.no_grad()
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """Pictures of codes, each place's drawn from usage^(1 / temperature) by its number of start."""
        ids = self.book.by_usage(start, sampling.temperature)
        yield State(1.0, self.decode_codes(ids.view(-1, *self.small)), evaluations=1)

    def frames(self, sampling: Any) -> int:
        """Samples."""
        return 1

    # Showing.

    def _shares(self, points: Tensor) -> Generator[None, None, Tensor]:
        """How often the first training pictures (n, dim), bytes, use each code: (K,), float64."""
        found = []
        with torch.no_grad():
            for part in torch.split(points[:LOOKED], ROWS):
                found.append(self.codes(self.seen(part)).flatten())
                yield
        return self.book.shares(torch.cat(found)).double()

    def facts(
        self, points: Tensor, sampling: Any, generator: torch.Generator
    ) -> Generator[None, None, tuple[Fact, ...]]:
        """Codes in use, perplexity and bits, counted on training pictures."""
        shares = yield from self._shares(points)
        entropy, total = float(torch.special.entr(shares).sum()), self.design.codes
        places = math.prod(self.small)
        return (
            Fact("Codes in use", f"{int((shares > 0).sum())} of {total}",
                 f"Codes that stand somewhere in the first {min(LOOKED, len(points)):,} training pictures."),
            Fact("Perplexity", f"{math.exp(entropy):.1f}", "exp of the entropy of usage; K if all are used alike."),
            Fact("Bits per picture", f"{places * entropy / math.log(2):.0f}",
                 f"Entropy of usage at {places} places, each by itself; at most {places} log2 K = "
                 f"{places * math.log2(total):.0f}."),
        )  # fmt: skip

    def bars(self, points: Tensor, sampling: Any, generator: torch.Generator) -> Generator[None, None, Bars]:
        """The share of the training pictures' places that each code has, code 0 first."""
        shares = yield from self._shares(points)
        used = int((shares > 0).sum())
        return Bars("Code usage", shares.cpu(), unit="share", note=f"{used} of {self.design.codes} codes in use.")


def through(z: Tensor, code: Tensor) -> Tensor:
    """The value of `code` with the gradient of `z`: z + sg(e - z), the straight-through estimator."""
    return z + (code - z).detach()


FAMILY = VQVAE
