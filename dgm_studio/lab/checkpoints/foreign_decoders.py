"""Rebuilt models that make pictures of latents in one pass: generators, autoencoders, codebooks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from dgm_studio.checkpoints.rebuild.rebuilt import Decoder
from dgm_studio.core.card import Card
from dgm_studio.core.knobs import knob
from dgm_studio.lab.checkpoints.foreign_pictures import ForeignPictures, in_parts
from dgm_studio.solvers.solver import State


@dataclass(frozen=True)
class Sampling:
    """How it is sampled: one pass."""

    truncation: float = knob(
        1.0, "Truncation ψ", "z is multiplied by ψ: below 1 pictures are more alike and often better.",
        low=0.0, high=2.0,
    )  # fmt: skip


class ForeignDecoder(ForeignPictures):
    """z (n, k) ~ N(0, I) to pictures: families.pictures.capabilities.DecodesLatent."""

    card = Card(
        id="foreign-decoder",
        title="Decoder of another program",
        summary="A network that others trained draws a picture of a latent in one pass.",
        formula="x = G(z)",
    )
    Sampling = Sampling
    rebuilt: Decoder

    def __init__(self, rebuilt: Decoder) -> None:
        super().__init__(rebuilt, rebuilt.shape)
        self.measure(lambda: rebuilt.decode(torch.zeros(1, rebuilt.latent, device=self.device)))

    @property
    def latent_dim(self) -> int:
        """k, the coordinates of z."""
        return self.rebuilt.latent

    def latent_prior_draw(self, n: int, generator: torch.Generator) -> Tensor:
        """z (n, k) from N(0, I)."""
        return torch.randn((n, self.latent_dim), generator=generator, device=generator.device)

    def decode(self, z: Tensor) -> Tensor:
        """Pictures (n, dim)."""
        return in_parts(self.rebuilt.decode, z).flatten(1)

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """z (n, k)."""
        return self.latent_prior_draw(n, generator)

    @torch.no_grad()
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """One state: z is no picture."""
        yield State(1.0, self.decode(sampling.truncation * start), evaluations=1)

    def frames(self, sampling: Any) -> int:
        """The samples alone."""
        return 1


class ForeignAutoencoder(ForeignDecoder):
    """With a way back: EncodesLatent. Its latents are laid out by `points` (c, h, w)."""

    card = Card(
        id="foreign-autoencoder",
        title="Autoencoder of another program",
        summary="A network that others trained takes pictures to latents and back.",
        lecture="3-4",
        paper="Kingma and Welling, 2014",
        formula="x = D(z), z ~ q(z|x)",
    )

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance (n, k) of q(z|x) of flat pictures (n, dim)."""
        encode = self.rebuilt.encode
        assert encode is not None
        both = in_parts(lambda part: torch.cat(encode(part), dim=1), self.stood(x))
        mean, log_variance = both.chunk(2, dim=1)
        return mean, log_variance


class ForeignCodes(ForeignAutoencoder):
    """With a codebook: HasCodes. Its latents are the encodings before the nearest code is taken."""

    card = Card(
        id="foreign-codes",
        title="Codebook of another program",
        summary="A network that others trained writes pictures as a grid of codes.",
        lecture="4",
        paper="van den Oord et al., 2017",
        formula="z_q = e_k*, k* = argmin_k |z_e - e_k|",
    )

    @property
    def code_shape(self) -> tuple[int, int]:
        """Rows and columns of a picture's code."""
        rows, columns = self.rebuilt.codes.code_shape
        return int(rows), int(columns)

    @property
    def codebook(self) -> Tensor:
        """The codes (K, m)."""
        found: Tensor = self.rebuilt.codes.codebook
        return found

    def codes(self, x: Tensor) -> Tensor:
        """Ids (n, h', w') of flat pictures (n, dim)."""
        return in_parts(self.rebuilt.codes.codes, self.stood(x))

    def decode_codes(self, ids: Tensor) -> Tensor:
        """Flat pictures (n, dim) of ids (n, h', w')."""
        return in_parts(self.rebuilt.codes.decode_codes, ids).flatten(1)

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """Uniform numbers (n, h' w') in [0, 1): each picks a code when it is walked."""
        return torch.rand((n, math.prod(self.code_shape)), generator=generator, device=generator.device)

    @torch.no_grad()
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """Pictures of codes drawn alike at every place, without their neighbours: what a prior over codes mends."""
        ids = (start * len(self.codebook)).long().clamp_max(len(self.codebook) - 1)
        yield State(1.0, self.decode_codes(ids.view(-1, *self.code_shape)), evaluations=1)


def decoder_of(rebuilt: Decoder) -> ForeignDecoder:
    """The family that can all that the model can."""
    if rebuilt.codes is not None:
        return ForeignCodes(rebuilt)
    return ForeignAutoencoder(rebuilt) if rebuilt.encode is not None else ForeignDecoder(rebuilt)
