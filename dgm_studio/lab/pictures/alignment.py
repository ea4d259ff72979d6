"""How well drawn pictures go with their captions, scale of guidance by scale of guidance."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import fill
from dgm_studio.core.latents import Alignment
from dgm_studio.core.picture_requests import Align
from dgm_studio.core.pictures import to_bytes
from dgm_studio.families.pictures.capabilities import Denoises
from dgm_studio.lab.pictures.embedding import Embedding
from dgm_studio.lab.pictures.picture_model import PictureModel
from dgm_studio.lab.pictures.scores import mean_interval

T = TypeVar("T")
Slow = Generator[None, None, T]

MOST = 256
"""Pictures at one scale."""

TOGETHER = 64
"""Pictures that are embedded in one slice."""


def aligning(opened: PictureModel, request: Align) -> Iterator[Alignment | None]:
    """An Alignment for each scale as it is known, None for each slice. Refused where no embedding judges such pictures,
    and where the caption holds a word that is not known."""
    model, embedding = opened.model, opened.embedding
    if not isinstance(model, Denoises) or not opened.hears:
        raise Refused(f"{opened.title} is told no captions: there is nothing to align. Open glyph-text-flow.")
    if embedding is None:
        raise Refused("No joint embedding of these pictures and their captions ships: only glyphs have one.")
    if not 2 <= request.count <= MOST:
        raise Refused(f"The alignment of {request.count} pictures is asked for; choose 2 to {MOST}.")
    said = opened.wording.read(request.caption)
    captions = [said] * request.count if said else _held(opened, request.count)
    real, real_low, real_high, other = yield from _reference(opened, embedding, said)
    sampling: Any = fill(type(opened.sampling), {**vars(opened.sampling), **request.sampling})
    ids, device = opened.asked(captions), model.device
    generator = torch.Generator(device).manual_seed(request.seed)
    start = torch.randn((request.count, model.noise_dim), generator=generator, device=device)
    for done, gamma in enumerate(request.gammas, start=1):
        drawn = []
        for first in range(0, request.count, model.rows):
            part = slice(first, first + model.rows)
            x = start[part]
            own = torch.Generator(device).manual_seed(
                request.seed + first
            )  # of a solver that draws: alike at each scale
            for state in model.film(x, sampling, own, ids[part], gamma):
                x = state.x
                yield None
            drawn.append(torch.tensor(to_bytes(model.shown(x).cpu().numpy()), device=device))
        low, mean, high = mean_interval(embedding.alignment(torch.cat(drawn), captions))
        yield Alignment(
            said, gamma, mean, low, high, request.count, real, real_low, real_high, other, done, len(request.gammas)
        )


def _held(opened: PictureModel, count: int) -> list[str]:
    """Captions of held-out pictures, spread evenly; of training pictures where none is held out."""
    told = opened.pictures.held_told or opened.pictures.told
    return [told[at] for at in np.linspace(0, len(told) - 1, count).round().astype(int)]


def _reference(opened: PictureModel, embedding: Embedding, said: str) -> Slow[tuple[float, float, float, float]]:
    """Mean alignment of real pictures with their own captions, its interval, and the mean with those of others: of the
    held-out pictures, or of all that have the caption said."""
    data = opened.pictures
    held, told = (data.held_out, data.held_told) if len(data.held_out) else (data.points, data.told)
    points, own, others = held, told, (*told[1:], *told[:1])  # their order is random: the next one's caption is another
    if said:
        chosen = [np.flatnonzero(np.array(told) == said) for told in (data.told, data.held_told)]
        points = np.concatenate([data.points[chosen[0]], data.held_out[chosen[1]]])
        own, others = (said,) * len(points), (said,) * len(held)
    apart = yield from _cosines(embedding, held, others)
    if not len(points):
        return math.nan, math.nan, math.nan, float(apart.mean())
    low, mean, high = mean_interval((yield from _cosines(embedding, points, own)))
    return mean, low, high, float(apart.mean())


def _cosines(embedding: Embedding, points: Array, told: Sequence[str]) -> Slow[Tensor]:
    found = []
    for first in range(0, len(points), TOGETHER):
        part = slice(first, first + TOGETHER)
        own = torch.tensor(np.array(points[part]), device=embedding.net.scale.device)
        found.append(embedding.alignment(own, told[part]))
        yield
    return torch.cat(found)
