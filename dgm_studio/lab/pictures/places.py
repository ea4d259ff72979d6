"""Chosen points as latents: seeds drawn from the prior, training pictures and a person's own pictures encoded."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import torch

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.errors import Refused
from dgm_studio.core.latents import DATA, FILE, SEED, Placed, Spot
from dgm_studio.core.recipe import SEED_LIMIT
from dgm_studio.lab.pictures.picture_model import PictureModel

GREY = 255.0


def placing(opened: PictureModel, spots: tuple[Spot, ...], gamma: float) -> Generator[None, None, Placed]:
    """The spots' latents, their pictures, what the model makes of them, and the root mean square error in grey levels
    of [0, 1]. A flow goes both ways told the spot's own label, -1 for none; `labels` of the answer are the classes that
    are known."""
    if not spots:
        raise Refused("There is no point to place. Choose two to eight.")
    space, model = opened.latents, opened.model
    told = opened.told([spot.label for spot in spots])
    places = torch.empty((len(spots), space.dim), dtype=model.dtype, device=model.device)
    asked = np.zeros((len(spots), model.shape.dim), dtype=np.uint8)
    seeds = np.array([spot.kind == SEED for spot in spots])
    for index in np.flatnonzero(seeds):
        places[index] = space.drawn(1, _seed(spots[index]))[0]
    read = np.flatnonzero(~seeds)
    if len(read):
        asked[read] = np.stack([picture_of(opened, spots[index]) for index in read])
        found = yield from space.encoding(opened.seen(asked[read]), told[read], gamma)
        places[read] = found[:, : space.dim]
    made = opened.shown((yield from space.decoding(places, told, gamma)))
    flat = made.reshape(len(spots), -1)
    asked[seeds] = flat[seeds]
    error = np.sqrt(np.square((flat.astype(np.float64) - asked) / GREY).mean(1))
    error[seeds] = np.nan
    return Placed(
        latents=frozen(places.float().cpu().numpy().copy()),
        pixels=opened.stood(asked),
        reconstructed=made,
        error=frozen(error.astype(np.float32)),
        labels=frozen(np.array([_class(opened, spot) for spot in spots], dtype=np.int64)),
    )


def picture_of(opened: PictureModel, spot: Spot) -> Array:
    """The flat bytes (dim,) of a spot that is a picture; Refused where it is none, or of another shape."""
    if spot.kind == DATA:
        count = len(opened.pictures.points)
        if not 0 <= spot.index < count:
            raise Refused(f"There is no training picture {spot.index}; there are {count:,}, from 0 on.")
        return np.asarray(opened.pictures.points[spot.index])
    if spot.kind != FILE or spot.pixels is None:
        raise Refused(f"A point of kind '{spot.kind}' is no picture; give a picture of the data, a file or a drawing.")
    shape, own = opened.model.shape, np.shape(spot.pixels)
    if own != (shape.channels, shape.height, shape.width) or spot.pixels.dtype != np.uint8:
        raise Refused(
            f"The picture has {spot.pixels.dtype} of shape {own}; this model takes bytes "
            f"({shape.channels}, {shape.height}, {shape.width}). Read it again at the model's size."
        )
    return np.asarray(spot.pixels.reshape(-1))


def _seed(spot: Spot) -> int:
    if not 0 <= spot.seed < SEED_LIMIT:
        raise Refused(f"The seed is {spot.seed}; it must be a whole number from 0 to {SEED_LIMIT - 1}.")
    return spot.seed


def _class(opened: PictureModel, spot: Spot) -> int:
    return int(opened.pictures.labels[spot.index]) if spot.kind == DATA else spot.label
