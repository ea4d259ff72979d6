"""The autoencoder of VQ-VAE-2: a grid of codes for the whole, and a finer one for what it leaves out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.knobs import knob
from dgm_studio.core.pictures import PictureShape
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts import gradient_knobs
from dgm_studio.families.parts.codebook import Codebook
from dgm_studio.families.pictures.picture_family import PictureFamily
from dgm_studio.families.pictures.vqvae import through
from dgm_studio.nets.picture_coder import small_size
from dgm_studio.nets.two_levels import TwoLevelNets
from dgm_studio.solvers.solver import State

UNKNOWN = -1
"""The id of a place of the bottom that is drawn without a code: by the top alone."""


@dataclass(frozen=True)
class Design:
    """What is built."""

    codes: int = knob(128, "Codes", "K, entries of each level's codebook.", low=2, high=512, log=True)
    code_dim: int = knob(8, "Code dimension", "Coordinates of an encoding and of a code.", low=1, high=64, log=True)
    width: int = knob(24, "Width", "Channels at half size; twice as many at a quarter.", low=4, high=128, log=True)
    blocks: int = knob(1, "Residual blocks", "At each size, in encoder and decoder.", low=0, high=6)


@dataclass(frozen=True)
class Training:
    """How it learns; every knob is live."""

    commitment: float = knob(
        0.25, "Commitment", "Weight of |z - sg(e)|², which keeps encodings near their codes.", low=0.0, high=10.0
    )
    revive: float = knob(0.1, "Revive below", "A code used less than this share of 1/K moves.", low=0.0, high=0.9)
    usage_decay: float = knob(
        0.98, "Usage decay", "Of the moving average of code usage, and of the EMA codebook.", low=0.5, high=0.999
    )
    learning_rate: float = gradient_knobs.learning_rate(1e-3)
    batch: int = knob(16, "Batch", "Pictures per step.", low=1, high=256, log=True)
    ema: float = gradient_knobs.ema(0.995)


@dataclass(frozen=True)
class Sampling:
    """Nothing is to be set: a prior draws the codes."""


class Level(NamedTuple):
    """One level's encodings (n, m, h', w'), the ids (n, h', w') of the nearest codes, and these (n, m, h', w')."""

    z: Tensor
    ids: Tensor
    code: Tensor

    @property
    def passed(self) -> Tensor:
        """The codes, with the encodings' gradient."""
        return through(self.z, self.code)


class TwoLevels(PictureFamily):
    """Loss: mean (x - D(e_top, e_bottom))^2 + commitment times the mean of |z - sg(e)|^2 on both levels; codes are
    moving averages of their encodings (Razavi et al., 2019). The first stage of VQ-VAE-2."""

    card = Card(
        id="two-levels",
        title="Two-level VQ-VAE",
        summary="Two grids of codes: the whole, and what it leaves out.",
        lecture="4",
        paper="Razavi et al., 2019",
    )
    Design, Training, Sampling = Design, Training, Sampling
    presets = (Preset("two-levels", "Two-level VQ-VAE", "Moving averages on both levels.", "4", "Razavi et al., 2019"),)

    def __init__(self, design: Any, shape: PictureShape) -> None:
        super().__init__(design, shape)
        rows, columns = small_size(shape)
        self.grids = ((rows, columns), (2 * rows, 2 * columns))
        self.nets = TwoLevelNets(shape.channels, design.code_dim, design.width, design.blocks)
        self.top = Codebook(design.codes, design.code_dim)
        self.bottom = Codebook(design.codes, design.code_dim)

    # The model.

    def levels(self, x: Tensor) -> tuple[Level, Level, Tensor]:
        """Both levels of flat pictures (n, dim), and the raised top, which the decoder needs."""
        z, below = self.nets.encode_top(self.stood(x))
        top = nearest(self.top, z)
        raised = self.nets.raise_top(top.passed)
        return top, nearest(self.bottom, self.nets.encode_bottom(below, raised)), raised

    def codes(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Ids (n, h/4, w/4) and (n, h/2, w/2) of flat pictures (n, dim)."""
        top, bottom, _ = self.levels(x)
        return top.ids, bottom.ids

    def decode_codes(self, top: Tensor, bottom: Tensor) -> Tensor:
        """Flat pictures (n, dim) of ids (n, h/4, w/4) and (n, h/2, w/2); a bottom's id of -1 adds nothing, a vector of
        zeros."""
        raised = self.nets.raise_top(self.top.codes[top].permute(0, 3, 1, 2))
        below = self.bottom.codes[bottom.clamp_min(0)] * (bottom >= 0)[..., None]
        return self.nets.decode(raised, below.permute(0, 3, 1, 2)).flatten(1)

    # Training.

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """One step down the loss; then usage, codes and dead codes of both levels."""
        training, x = fit.training, fit.batch()
        top, bottom, raised = self.levels(x)
        drawn = self.nets.decode(raised, bottom.passed).flatten(1)
        reconstruction = (x - drawn).square().mean()
        commitment = sum((one.z - one.code.detach()).square().mean() for one in (top, bottom))
        loss = reconstruction + training.commitment * commitment
        fit.descend(loss)
        for book, level in ((self.top, top), (self.bottom, bottom)):
            flat = level.z.detach().movedim(1, -1).flatten(0, 2)
            book.learn(flat, level.ids.flatten(), training.usage_decay, training.revive, fit.generator, moving=True)
        return {
            "loss": loss.detach(), "reconstruction": reconstruction.detach(),
            "perplexity, top": self.top.perplexity(), "perplexity, bottom": self.bottom.perplexity(),
        }  # fmt: skip

    # Sampling: by usage, each place by itself; a prior is what mends it.

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """Uniform numbers (n, places of both levels) in [0, 1): each picks a code when it is walked."""
        places = sum(math.prod(grid) for grid in self.grids)
        return torch.rand((n, places), generator=generator, device=generator.device, dtype=self.dtype)

    @torch.no_grad()
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """Pictures of codes, each place's drawn from usage by its number of start."""
        count = math.prod(self.grids[0])
        top, bottom = self.top.by_usage(start[:, :count]), self.bottom.by_usage(start[:, count:])
        ids = (top.view(-1, *self.grids[0]), bottom.view(-1, *self.grids[1]))
        yield State(1.0, self.decode_codes(*ids), evaluations=1)

    def frames(self, sampling: Any) -> int:
        """Samples."""
        return 1


def nearest(book: Codebook, z: Tensor) -> Level:
    """Encodings z (n, m, h', w') with the nearest codes of a book."""
    placed = z.movedim(1, -1)
    ids = book.nearest(placed.detach().flatten(0, 2)).view(placed.shape[:3])
    return Level(z, ids, book.codes[ids].movedim(-1, 1))
