"""Next-scale autoregression (VAR's shape): all codes of a scale at once, from the class and the coarser scales."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.knobs import knob
from dgm_studio.core.pictures import PictureShape
from dgm_studio.core.unmasking import Unmasking
from dgm_studio.families.pictures import multi_scale
from dgm_studio.families.pictures.multi_scale import MultiScale
from dgm_studio.families.pictures.token_knobs import (
    TokenTraining,
    guidance,
    label,
    temperature,
    token_layers,
    token_width,
)
from dgm_studio.families.pictures.token_pictures import ROWS
from dgm_studio.families.pictures.token_stage import TokenStage
from dgm_studio.families.pictures.two_stage import first_steps
from dgm_studio.families.pictures.written import Written
from dgm_studio.nets.scale_net import ScaleNet
from dgm_studio.solvers.solver import State
from dgm_studio.solvers.unmasking.choice import gumbel_max, shaped


@dataclass(frozen=True)
class Design(multi_scale.Design):
    """What is built: the autoencoder's knobs, and the transformer's."""

    token_width: int = token_width(128)
    token_layers: int = token_layers(4)


@dataclass(frozen=True)
class Training(TokenTraining):
    """How it learns; every knob is live."""

    first_steps: int = first_steps(2_000)
    batch: int = knob(6, "Batch", "Pictures per step.", low=1, high=128, log=True)


@dataclass(frozen=True)
class Sampling:
    """How codes are drawn; nothing of the training changes."""

    temperature: float = temperature()
    top_k: int = knob(0, "Top k", "Only the k likeliest codes are drawn from; 0 is all.", low=0, high=1000)
    top_p: float = knob(1.0, "Top p", "Only the likeliest codes that together reach p.", low=0.01, high=1.0)
    guidance: float = guidance()
    label: int = label()


class NextScale(Written, TokenStage):
    """log p(r | y) = sum_k sum_i log p(r_k,i | y, r_1 .. r_{k-1}) over the scales of a multi-scale VQ-VAE, exact (Tian
    et al., 2024). The codes of a scale are drawn independently of each other; at its places the network sees f_{k-1},
    what the coarser scales made, averaged over the cells."""

    First = MultiScale
    card = Card(
        id="next-scale",
        title="Next scale",
        summary="From one code to all: each scale at once, from the coarser ones.",
        lecture="14",
        paper="Tian et al., 2024",
        formula="log p(r | y) = Σ log p(rₖ | y, r₁ … rₖ₋₁)",
        shows=("tokens",),
        facts=(("kin", "VQ / AR"),),
    )
    Design, Training, Sampling = Design, Training, Sampling
    presets = (
        Preset("next-scale", "Next scale", "VAR's shape: 1, 2, 4, then 7 cells a side.", "14", "Tian et al., 2024"),
    )  # fmt: skip

    def __init__(self, design: Any, shape: PictureShape) -> None:
        super().__init__(design, shape)
        self.tokens = design.codes
        self.counts = [math.prod(grid) for grid in self.first.grids]
        self.length = sum(self.counts)
        self.scale_net = ScaleNet(
            design.code_dim, design.codes, shape.classes, self.counts, design.token_width, design.token_layers
        )

    @property
    def grid(self) -> tuple[int, int]:
        """The finest scale's codes down and across."""
        found: tuple[int, int] = self.first.small
        return found

    @property
    def blank(self) -> Tensor:
        """The code of a mid-grey picture as a whole."""
        return self.to_tokens(torch.zeros((1, self.dim), dtype=self.dtype, device=self.device))[0, 0]

    def to_tokens(self, x: Tensor) -> Tensor:
        """The codes of all scales, the coarsest first, (n, L)."""
        return torch.cat([ids.flatten(1) for ids in self.first.quantised(self.first.encodings(x)).ids], 1)

    def to_pictures(self, ids: Tensor) -> Tensor:
        """What the decoder makes of the first scales, or of all, (n, L') -> (n, dim)."""
        total = self.first.enlarged(torch.zeros_like(ids[:, :1]).view(-1, 1, 1)) * 0
        for own in self.first.apart(ids):
            total = total + self.first.enlarged(own)
        found: Tensor = self.first.drawn(total)
        return found

    # The network.

    def told(self, labels: Tensor) -> Tensor:
        """Rows of the class embedding (n,); -1 and labels that are no class say "no class"."""
        return super().told(labels) - self.tokens - 1

    def features(self, ids: Tensor, labels: Tensor) -> Tensor:
        """What the read-out sees of the scales in ids (n, L) and one more where they are fewer than all: (n, L', d)."""
        made, total, grids = [], None, self.first.grids
        for own, grid in zip(self.first.apart(ids), grids[1:], strict=False):
            grown = self.first.enlarged(own)
            total = grown if total is None else total + grown
            made.append(adaptive_avg_pool2d(total, grid).flatten(2).mT)
        width = self.first.book.codes.shape[1]
        inputs = torch.cat(made, 1) if made else ids.new_zeros((len(ids), 0, width), dtype=self.dtype)
        return self.scale_net.features(inputs.detach(), self.told(labels))

    def read_out(self, features: Tensor) -> Tensor:
        """Logits (..., K) of features (..., d)."""
        return self.scale_net.read_out(features)

    # Sampling: a scale at a time.

    def idle(self, training: Any) -> Mapping[str, str]:
        """What a model without classes has no use for."""
        own = {"label_drop", *vars(self.Sampling())}
        return {name: why for name, why in super().idle(training).items() if name in own}

    def frames(self, sampling: Any) -> int:
        """Nothing, then each scale, of few pictures."""
        return len(self.counts) + 1

    @torch.no_grad()
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """From classes (n, 1) to pictures (n, dim): x is what the scales so far make; a state after each network call,
        one a scale for few pictures."""
        labels = start[:, 0].long() if sampling.label < 0 else torch.full_like(start[:, 0].long(), sampling.label)
        shape = Unmasking(temperature=sampling.temperature, top_k=sampling.top_k, top_p=sampling.top_p)
        groups = torch.split(torch.arange(len(labels)), max(1, ROWS // self.length))
        draws = torch.Generator()  # on the CPU, as films draw
        draws.manual_seed(int(torch.randint(2**31, (1,), generator=generator, device=generator.device)))
        ids = torch.empty((len(labels), self.length), dtype=torch.int64, device=labels.device)
        x = torch.zeros((len(labels), self.dim), dtype=self.dtype, device=labels.device)
        yield State(0.0, x)
        calls, reached = 0, 0
        for count in self.counts:
            for which in groups:
                logits = self.logits(ids[which, :reached], labels[which], sampling.guidance)[:, reached:]
                drawn = gumbel_max(shaped(logits.flatten(0, 1).cpu().float(), shape), draws)
                ids[which, reached : reached + count] = drawn.view(-1, count).to(ids.device)
                x = x.clone()
                x[which] = self.to_pictures(ids[which, : reached + count])
                calls += 1
                yield State(calls / (len(self.counts) * len(groups)), x, evaluations=calls)
            reached += count


FAMILY = NextScale
