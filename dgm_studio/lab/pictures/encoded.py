"""The codes of a share of the training pictures: what the map and the directions are made of."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.errors import Refused
from dgm_studio.lab.pictures.picture_model import PictureModel

DRAWN_SEED, DRAWS = 0, 500
"""Draws of the prior: they too must find room on a map, and stand in where there is no encoder."""


@dataclass(frozen=True, eq=False)
class Encoded:
    """Codes (n, k), the posteriors' standard deviations (n, k), labels (n,) and indices (n,) of the training pictures
    they are of, and draws (m, k) of the prior. Of a model that reads no pictures, or without its training pictures, the
    codes are such draws: labels and indices are -1, deviations 0."""

    codes: Array
    spreads: Array
    labels: Array
    indices: Array
    prior: Array

    @property
    def of_data(self) -> bool:
        """Whether they are pictures' codes."""
        return bool((self.indices >= 0).all())


def encoding(opened: PictureModel, count: int) -> Generator[None, None, Encoded]:
    """The codes of `count` training pictures spread evenly over the set, told no class, in slices."""
    if count < 2:
        raise Refused(f"A map of {count} pictures shows nothing; ask for at least 2.")
    space = opened.latents
    if opened.data is None or not space.encodes:
        return _drawn(opened, count)
    data = opened.data
    indices = np.unique(np.linspace(0, len(data.points) - 1, min(count, len(data.points))).round().astype(np.int64))
    untold = opened.told([-1] * len(indices))
    found = yield from space.encoding(opened.seen(data.points[indices]), untold, 0.0)
    codes, spreads = (part.cpu().numpy() for part in found.chunk(2, dim=1))
    prior = frozen(space.drawn(DRAWS, DRAWN_SEED).cpu().numpy())
    return Encoded(frozen(codes), frozen(spreads), frozen(data.labels[indices]), frozen(indices), prior)


def _drawn(opened: PictureModel, count: int) -> Encoded:
    codes = frozen(opened.latents.drawn(count, DRAWN_SEED).cpu().numpy())
    none = frozen(np.full(len(codes), -1, dtype=np.int64))
    return Encoded(codes, frozen(np.zeros_like(codes)), none, none, codes)
