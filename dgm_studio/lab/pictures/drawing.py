"""Many samples of a model of pictures, in slices, as bytes: what its figures are of."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

import torch
from torch import Tensor

from dgm_studio.core.pictures import to_bytes
from dgm_studio.lab.pictures.latent_space import TOGETHER
from dgm_studio.lab.pictures.picture_model import PictureModel

FAST, SLOW = 1_000, 500
"""How many are drawn: of a model that draws in one pass, and of one that goes step by step."""


def how_many(opened: PictureModel) -> int:
    """As many as do not last too long."""
    return FAST if opened.model.frames(opened.sampling) <= 2 else SLOW


def drawing(opened: PictureModel, count: int, seed: int, told: bool) -> Generator[None, None, tuple[Tensor, Tensor]]:
    """`count` samples as bytes (count, dim), and the classes (count,) they were told: each as often as any other where
    `told`, else -1 and the model's own Sampling."""
    model, generator = opened.model, torch.Generator(opened.model.device).manual_seed(seed)
    rows = min(TOGETHER, getattr(model, "rows", TOGETHER))
    labels = torch.arange(count) % model.shape.classes if told else torch.full((count,), -1)
    found = torch.zeros((count, model.dim), dtype=torch.uint8)
    for label in sorted(set(labels.tolist())):
        sampling = replace(opened.sampling, label=label) if told else opened.sampling
        for which in torch.split(torch.nonzero(labels == label)[:, 0], rows):
            x = model.prior(len(which), generator)
            for state in model.walk(x, sampling, generator):
                x = state.x
                yield
            found[which] = torch.tensor(to_bytes(x.detach().cpu().numpy()))
    return found, labels
