"""Small pictures of three kinds of stripes, for models that learn in a second."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.dataspec import DataSpec, PictureSet
from dgm_studio.core.knobs import Value
from dgm_studio.core.recipe import Recipe
from dgm_studio.core.starting import starting_recipe
from dgm_studio.families.pictures import picture_families

SMALL: dict[str, Value] = {"width": 4, "blocks": 0, "latent": 3}
SMALL_TRAINING: dict[str, Value] = {"batch": 8}
NAMES = ("rows", "columns", "checks")


def small_pictures(count: int = 60, side: int = 8, channels: int = 1, seed: int = 0) -> PictureSet:
    """So many, of all three classes in turn, each of its own contrast, with a little noise."""
    draw = np.random.default_rng(seed)
    down, across = np.indices((side, side)) // 2 % 2
    kinds = np.stack([down, across, down ^ across])
    labels = np.arange(count) % 3
    contrast = draw.uniform(60, 240, (count, 1, 1, 1))
    pixels = contrast * kinds[labels][:, None] + draw.uniform(0, 12, (count, channels, side, side))
    return PictureSet(pixels.astype(np.uint8), labels, NAMES, "stripes", "by hand")


def own_pictures(count: int = 60, side: int = 8, channels: int = 1) -> DataSpec:
    """A person's own pictures as data."""
    return DataSpec(name="stripes", pictures=small_pictures(count, side, channels))


def picture_recipe(
    family: str,
    design: dict[str, Value] | None = None,
    training: dict[str, Value] | None = None,
    data: DataSpec | None = None,
) -> Recipe:
    """A small model of the small pictures, at step 0; knobs that a family has not are left out."""
    start = starting_recipe(picture_families()[family].entry(), "", data or own_pictures(), 0)
    return Recipe(
        family=family,
        preset=start.preset,
        design={**start.design, **_known(SMALL, start.design), **(design or {})},
        training={**start.training, **_known(SMALL_TRAINING, start.training), **(training or {})},
        sampling=start.sampling,
        data=start.data,
    )


def _known(wanted: dict[str, Value], own: object) -> dict[str, Value]:
    assert isinstance(own, dict)
    return {name: value for name, value in wanted.items() if name in own}
