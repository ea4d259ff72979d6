"""VQ-VAE-2: two levels of codes, and an autoregressive prior that writes the top one first, then the bottom one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.knobs import knob
from dgm_studio.core.pictures import PictureShape
from dgm_studio.families.pictures import two_levels
from dgm_studio.families.pictures.token_knobs import TokenSampling, TokenTraining, network, token_layers, token_width
from dgm_studio.families.pictures.token_stage import TokenStage
from dgm_studio.families.pictures.two_levels import UNKNOWN, TwoLevels
from dgm_studio.families.pictures.two_stage import first_steps
from dgm_studio.families.pictures.written import Written
from dgm_studio.solvers.unmasking import TokenFilm


@dataclass(frozen=True)
class Design(two_levels.Design):
    """What is built: the autoencoder's knobs, and the prior's."""

    network: str = network()
    token_width: int = token_width(96)
    token_layers: int = token_layers(6)


@dataclass(frozen=True)
class Training(TokenTraining):
    """How it learns; every knob is live."""

    first_steps: int = first_steps(2_000)
    batch: int = knob(3, "Batch", "Pictures per step.", low=1, high=64, log=True)


class VQVAE2(Written, TokenStage):
    """log p(c | y) = sum_i log p(top_i | y, top before) + sum_j log p(bottom_j | y, top, bottom before), exact; the
    codes are a two-level autoencoder's (Razavi et al., 2019; here one network writes both levels).

    Ids 0 .. K - 1 are the top's codes, K .. 2K - 1 the bottom's; at a place of one level the other's have probability
    0.
    """

    First = TwoLevels
    card = Card(
        id="vqvae-2",
        title="VQ-VAE-2",
        summary="A coarse grid of codes for the whole and a fine one for detail; the prior writes coarse, then fine.",
        lecture="4",
        paper="Razavi et al., 2019",
        formula="p(c_top | y) p(c_bottom | c_top, y)",
        shows=("tokens",),
        facts=(("kin", "VQ / AR"),),
    )
    Design, Training, Sampling = Design, Training, TokenSampling
    presets = (
        Preset("vqvae-2", "VQ-VAE-2", "7 x 7 codes on top, 14 x 14 below.", "4", "Razavi et al., 2019"),
    )  # fmt: skip

    def __init__(self, design: Any, shape: PictureShape) -> None:
        super().__init__(design, shape)
        self.whole = math.prod(self.first.grids[0])
        # A step of the top's row is half a row of the bottom: dilated taps reach both.
        self.build(2 * design.codes, 5 * self.whole, self.first.grids[0][1])

    @property
    def grid(self) -> tuple[int, int]:
        """The top's codes down and across."""
        found: tuple[int, int] = self.first.grids[0]
        return found

    @property
    def blank(self) -> Tensor:
        """A top's code, where one must be shown before any is known."""
        return self.to_tokens(torch.zeros((1, self.dim), dtype=self.dtype, device=self.device))[0, 0]

    def to_tokens(self, x: Tensor) -> Tensor:
        """The top's codes, then the bottom's, (n, L)."""
        top, bottom = self.first.codes(x)
        return torch.cat((top.flatten(1), self.design.codes + bottom.flatten(1)), 1)

    def to_pictures(self, ids: Tensor) -> Tensor:
        """What the decoder makes of both levels; a bottom's place with a top's id adds nothing."""
        top, bottom = ids[:, : self.whole], ids[:, self.whole :] - self.design.codes
        grids = self.first.grids
        found: Tensor = self.first.decode_codes(
            top.view(-1, *grids[0]), torch.where(bottom < 0, UNKNOWN, bottom).view(-1, *grids[1])
        )
        return found

    def read_out(self, features: Tensor) -> Tensor:
        """Logits (n, L', 2K) of features (n, L', d) at the first L' places, minus infinity for the other level's."""
        logits = super().read_out(features)
        bottom = torch.arange(features.shape[1], device=features.device) >= self.whole
        fine = torch.arange(self.tokens, device=features.device) >= self.design.codes
        return logits.masked_fill(bottom[:, None] != fine, -torch.inf)

    def seen_so_far(self, films: Sequence[TokenFilm], blank: Tensor) -> tuple[Tensor, Tensor]:
        """Grey where the top is not written; by the top alone where the bottom is not."""
        ids = torch.stack([film.now.ids for film in films]).to(self.device)
        hidden = ids[:, : self.whole] < 0
        top = torch.where(hidden, blank, ids[:, : self.whole])
        shown = self.to_pictures(torch.cat((top, ids[:, self.whole :]), 1))
        shown = self.greyed(shown, hidden, self.grid)
        return shown, shown


FAMILY = VQVAE2
