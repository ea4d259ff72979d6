"""Raster autoregression on grey levels (ImageGPT's shape): each pixel from the class and the pixels before it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import knob
from dgm_studio.core.pictures import PictureShape
from dgm_studio.families.pictures.token_knobs import TokenSampling, TokenTraining, network, token_layers, token_width
from dgm_studio.families.pictures.written import Written
from dgm_studio.nets.token_net import TRANSFORMER

SHRUNK = 2
"""Pixels of the data, down and across, that are averaged into one token: 28 x 28 becomes 14 x 14."""


@dataclass(frozen=True)
class Design:
    """What is built."""

    levels: int = knob(16, "Grey levels", "K, evenly spaced from black to white.", low=2, high=256, log=True)
    network: str = network()
    token_width: int = token_width(96)
    token_layers: int = token_layers(6)


@dataclass(frozen=True)
class Training(TokenTraining):
    """How it learns; every knob is live."""

    batch: int = knob(4, "Batch", "Pictures per step.", low=1, high=64, log=True)


class PixelAutoregressive(Written):
    """log p(x | y) = sum_i log p(x_i | y, x_1 .. x_{i-1}) over the pixels of the picture at half its size in K grey
    levels, in raster order, exact (van den Oord et al., 2016; Chen et al., 2020). Grey pictures only."""

    card = Card(
        id="pixel-autoregressive",
        title="Pixel by pixel",
        summary="Grey levels one after another in raster order, on pictures of half the size.",
        lecture="1",
        paper="Chen et al., 2020",
        formula="log p(x | y) = Σ log p(xᵢ | y, x₁ … xᵢ₋₁)",
        shows=("tokens",),
        facts=(("kin", "AR"),),
    )
    Design, Training, Sampling = Design, Training, TokenSampling
    presets = (
        Preset(
            "pixel-autoregressive", "Pixel by pixel", "ImageGPT's shape on 14 x 14 pixels of 16 grey levels.", "1",
            "Chen et al., 2020",
        ),
        Preset(
            "image-gpt", "Pixel by pixel, transformer", "The plain transformer of ImageGPT: learns more slowly.", "1",
            "Chen et al., 2020", {"network": TRANSFORMER, "token_layers": 4}, {"learning_rate": 1e-3, "batch": 3},
        ),
    )  # fmt: skip

    def __init__(self, design: Any, shape: PictureShape) -> None:
        if shape.channels != 1 or shape.height % SHRUNK or shape.width % SHRUNK:
            raise Refused(
                f"{self.card.title} writes grey pictures with even sides; these have {shape.channels} channels and "
                f"{shape.height} x {shape.width} pixels. Choose grey ones, or another family."
            )
        super().__init__(design, shape)
        self.build(design.levels, math.prod(self.grid), self.grid[1])

    @property
    def grid(self) -> tuple[int, int]:
        """Pixels down and across, after the averaging."""
        return self.shape.height // SHRUNK, self.shape.width // SHRUNK

    @property
    def blank(self) -> Tensor:
        """The middle level."""
        return torch.tensor(self.tokens // 2, device=self.device)

    def to_tokens(self, x: Tensor) -> Tensor:
        """The nearest level of the mean of each 2 x 2 pixels: round((K - 1) (x + 1) / 2), ids (n, L)."""
        small = avg_pool2d(self.stood(x), SHRUNK)
        return ((self.tokens - 1) * (small + 1) / 2).round().clamp(0, self.tokens - 1).long().flatten(1)

    def to_pictures(self, ids: Tensor) -> Tensor:
        """Each level as 2 x 2 equal pixels, (n, dim)."""
        small = (2 * ids.to(self.dtype) / (self.tokens - 1) - 1).view(-1, 1, *self.grid)
        return small.repeat_interleave(SHRUNK, 2).repeat_interleave(SHRUNK, 3).flatten(1)


FAMILY = PixelAutoregressive
