"""A strip: many latents decoded part by part."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.errors import Refused
from dgm_studio.core.latents import StripPart
from dgm_studio.lab.pictures.picture_model import PictureModel

MOST = 2_000
"""Pictures of one strip."""


def checked(opened: PictureModel, latents: Array) -> torch.Tensor:
    """Latents (n, k) as the model takes them; Refused where they are of another shape or not finite."""
    own, k = torch.tensor(latents, dtype=opened.model.dtype, device=opened.model.device), opened.latents.dim
    if own.ndim != 2 or own.shape[1] != k or len(own) == 0:
        raise Refused(f"Latents of shape {tuple(own.shape)} are none of this model; give (n, {k}).")
    if not bool(torch.isfinite(own).all()):
        raise Refused("A latent holds a number that is not finite. Choose another place.")
    return own


def decoding(
    opened: PictureModel, latents: Array, label: int, gamma: float, request: int
) -> Iterator[StripPart | None]:
    """The pictures of latents (n, k), in order, a part as soon as it is there."""
    if len(latents) > MOST:
        raise Refused(f"{len(latents):,} pictures are more than a strip holds; ask for at most {MOST:,}.")
    own = checked(opened, latents)
    together = opened.latents.together
    for start in range(0, len(own), together):
        part = own[start : start + together]
        walk = opened.latents.decoding(part, opened.told([label] * len(part)), gamma)
        while True:
            try:
                next(walk)
            except StopIteration as stop:
                made = stop.value
                break
            yield None
        yield StripPart(request, start, len(own), frozen(part.float().cpu().numpy().copy()), opened.shown(made))
