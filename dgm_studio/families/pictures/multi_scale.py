"""The autoencoder of next-scale prediction: one code after another for what the coarser scales leave out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, interpolate

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.knobs import knob
from dgm_studio.core.pictures import PictureShape
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts.codebook import Codebook
from dgm_studio.families.pictures.picture_family import PictureFamily
from dgm_studio.families.pictures.two_levels import Sampling, Training
from dgm_studio.families.pictures.vqvae import through
from dgm_studio.nets.picture_coder import Grow, Shrink, small_size
from dgm_studio.solvers.solver import State


@dataclass(frozen=True)
class Design:
    """What is built."""

    codes: int = knob(256, "Codes", "K, entries of the one codebook of all scales.", low=2, high=1024, log=True)
    code_dim: int = knob(8, "Code dimension", "Coordinates of an encoding and of a code.", low=1, high=64, log=True)
    width: int = knob(32, "Width", "Channels at half size; twice as many at a quarter.", low=4, high=128, log=True)
    blocks: int = knob(2, "Residual blocks", "At a quarter of the size, in encoder and decoder.", low=0, high=6)


class Scales(NamedTuple):
    """Of each scale what was left (n, m, s, s), the ids of its codes (n, s, s), and the sum f_k (n, m, h', w') of all
    codes so far, each at full size."""

    left: tuple[Tensor, ...]
    ids: tuple[Tensor, ...]
    sums: tuple[Tensor, ...]

    @property
    def total(self) -> Tensor:
        """f_K, all of it."""
        return self.sums[-1]


class MultiScale(PictureFamily):
    """Residual quantisation by scale (Tian et al., 2024, algorithm 1): from f_0 = 0, r_k = codes nearest to the mean of
    z - f_{k-1} over the cells of scale k, f_k = f_{k-1} + r_k at full size; the last scale is the full size.

    Loss: mean (x - D(f_K))^2 + mean over k of (commitment |z - sg(f_k)|^2 + |sg(z) - f_k|^2): codes follow by gradient,
    for what a code should be depends on those of the other scales. The paper's convolutions after each enlargement are
    left out. Scales have 1, 2, 4, ... cells a side.
    """

    card = Card(
        id="multi-scale",
        title="Multi-scale VQ-VAE",
        summary="Codes from one cell to all, each scale for what the coarser ones leave out.",
        lecture="14",
        paper="Tian et al., 2024",
    )
    Design, Training, Sampling = Design, Training, Sampling
    presets = (Preset("multi-scale", "Multi-scale VQ-VAE", "One book for all scales.", "14", "Tian et al., 2024"),)

    def __init__(self, design: Any, shape: PictureShape) -> None:
        super().__init__(design, shape)
        self.small = small_size(shape)
        self.grids = doubling(*self.small)
        self.encoder = Shrink(shape.channels, design.code_dim, design.width, design.blocks)
        self.book = Codebook(design.codes, design.code_dim)
        self.decoder = Grow(design.code_dim, shape.channels, design.width, design.blocks)

    # The model.

    def encodings(self, x: Tensor) -> Tensor:
        """z (n, m, h/4, w/4) of flat pictures (n, dim)."""
        out: Tensor = self.encoder(self.stood(x))
        return out

    def drawn(self, total: Tensor) -> Tensor:
        """Flat pictures (n, dim) of sums of codes (n, m, h/4, w/4)."""
        out: Tensor = self.decoder(total)
        return out.flatten(1)

    def enlarged(self, ids: Tensor) -> Tensor:
        """The codes of ids (n, s, s), smoothly, at full size (n, m, h/4, w/4)."""
        code = self.book.codes[ids].movedim(-1, 1)
        if code.shape[2:] == self.small:
            return code
        return interpolate(code, self.small, mode="bilinear", align_corners=False)

    def quantised(self, z: Tensor) -> Scales:
        """All scales of encodings z (n, m, h/4, w/4)."""
        left, found, sums, total = [], [], [], torch.zeros_like(z)
        for grid in self.grids:
            rest = adaptive_avg_pool2d((z - total).detach(), grid)
            ids = self.book.nearest(rest.movedim(1, -1).flatten(0, 2)).view(-1, *grid)
            total = total + self.enlarged(ids)
            left.append(rest)
            found.append(ids)
            sums.append(total)
        return Scales(tuple(left), tuple(found), tuple(sums))

    # Training.

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """One step down the loss; then usage, codes and dead codes."""
        training, x = fit.training, fit.batch()
        z = self.encodings(x)
        scales = self.quantised(z)
        reconstruction = (x - self.drawn(through(z, scales.total))).square().mean()
        sums = torch.stack(scales.sums)
        commitment, following = (z - sums.detach()).square().mean(), (z.detach() - sums).square().mean()
        loss = reconstruction + training.commitment * commitment + following
        fit.descend(loss)
        flat = torch.cat([one.movedim(1, -1).flatten(0, 2) for one in scales.left])
        choice = torch.cat([one.flatten() for one in scales.ids])
        self.book.learn(flat, choice, training.usage_decay, training.revive, fit.generator, moving=False)
        return {
            "loss": loss.detach(), "reconstruction": reconstruction.detach(),
            "quantisation error": (z - scales.total).detach().square().mean(), "perplexity": self.book.perplexity(),
        }  # fmt: skip

    # Sampling: by usage, each place by itself; a prior is what mends it.

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """Uniform numbers (n, tokens of all scales) in [0, 1): each picks a code when it is walked."""
        tokens = sum(math.prod(grid) for grid in self.grids)
        return torch.rand((n, tokens), generator=generator, device=generator.device, dtype=self.dtype)

    @torch.no_grad()
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """Pictures of codes, each place's drawn from usage by its number of start."""
        total = sum(self.enlarged(ids) for ids in self.apart(self.book.by_usage(start)))
        yield State(1.0, self.drawn(torch.as_tensor(total)), evaluations=1)

    def frames(self, sampling: Any) -> int:
        """Samples."""
        return 1

    def apart(self, ids: Tensor) -> list[Tensor]:
        """Ids (n, L') of the first scales, as a window, as (n, s, s) each."""
        found, start = [], 0
        for grid in self.grids:
            if start < ids.shape[1]:
                found.append(ids[:, start : start + math.prod(grid)].view(-1, *grid))
            start += math.prod(grid)
        return found


def doubling(rows: int, columns: int) -> tuple[tuple[int, int], ...]:
    """Cells of each scale: 1 x 1, 2 x 2, 4 x 4, ..., rows x columns."""
    sides = [2**k for k in range(max(rows, columns).bit_length()) if 2**k < max(rows, columns)]
    return (*((min(side, rows), min(side, columns)) for side in sides), (rows, columns))
