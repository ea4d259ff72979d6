"""What priors over the codes of a VQ-VAE have in common: the frozen VQ-VAE, pictures as windows of its codes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from dgm_studio.core.pictures import PictureShape
from dgm_studio.families.pictures.token_stage import TokenStage
from dgm_studio.families.pictures.vqvae import VQVAE


class CodePrior(TokenStage):
    """p(c | y) over the codes c (h', w') of a VQ-VAE, whose decoder makes pictures of them (van den Oord et al., 2017,
    section 4.1): tokens are the codes in raster order."""

    First = VQVAE

    def __init__(self, design: Any, shape: PictureShape) -> None:
        super().__init__(design, shape)
        self.build(design.codes, math.prod(self.grid), self.grid[1])

    # The code: HasCodes, by the VQ-VAE.

    @property
    def code_shape(self) -> tuple[int, int]:
        """Codes down and across."""
        found: tuple[int, int] = self.first.code_shape
        return found

    @property
    def grid(self) -> tuple[int, int]:
        """The same."""
        return self.code_shape

    @property
    def codebook(self) -> Tensor:
        """The entries (K, d)."""
        found: Tensor = self.first.codebook
        return found

    def codes(self, x: Tensor) -> Tensor:
        """Of pictures (n, dim) the ids (n, h', w')."""
        found: Tensor = self.first.codes(x)
        return found

    def decode_codes(self, ids: Tensor) -> Tensor:
        """Of ids (n, h', w') the pictures (n, dim)."""
        found: Tensor = self.first.decode_codes(ids)
        return found

    def to_tokens(self, x: Tensor) -> Tensor:
        """The codes in raster order (n, L)."""
        return self.codes(x).flatten(1)

    def to_pictures(self, ids: Tensor) -> Tensor:
        """What the decoder makes of them."""
        return self.decode_codes(ids.view(-1, *self.grid))

    @property
    def blank(self) -> Tensor:
        """The code of a mid-grey picture's corner."""
        grey = torch.zeros((1, self.dim), dtype=self.dtype, device=self.device)
        return self.to_tokens(grey)[0, 0]

    def draw_codes(self, labels: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[Tensor]:
        """Codes (n, h', w') for labels (n,), step by step, -1 where nothing stands yet; the last are whole."""
        films = list(self.films(labels, sampling, generator))
        going = 1
        while going:
            ids = torch.stack([film.now.ids for film in films])
            yield torch.where(ids < self.tokens, ids, -1).view(-1, *self.grid)
            going = self.advance(films, sampling.guidance)
