"""What a run learns from: points, windows of text, or pictures, as its family takes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import fill
from dgm_studio.core.recipe import Recipe
from dgm_studio.data.pictures import are_pictures
from dgm_studio.data.source import Resolved, resolve
from dgm_studio.data.text.vocabulary import Vocabulary
from dgm_studio.families import family_for
from dgm_studio.families.family import Family
from dgm_studio.families.pictures.picture_family import PictureFamily
from dgm_studio.families.text.text_family import TextFamily
from dgm_studio.lab.picture_data import PictureData, picturing, resolve_pictures
from dgm_studio.lab.text_data import TextData, resolve_text, resolving

LearntFrom = Resolved | TextData | PictureData

HELD_AS = {Resolved: np.float32, TextData: np.int32, PictureData: np.uint8}
"""The type of number the data are kept in while they are learnt from."""


def preparing(recipe: Recipe) -> Iterator[None]:
    """What a Run of the recipe takes long to be built for, in slices of about 10 ms: cutting its text, unpacking its
    pictures. It is kept, so that building the Run is short thereafter; points need nothing."""
    family = family_for(recipe.family, recipe.data)
    if issubclass(family, TextFamily):
        yield from resolving(recipe.data, fill(family.Design, recipe.design))
    elif issubclass(family, PictureFamily):
        yield from picturing(recipe.data)


def built(family: type[Family], design: Any, data: LearntFrom) -> Family:
    """The family's model for data of that shape, its weights not yet there."""
    if isinstance(data, PictureData):
        return family(design, data.shape)  # type: ignore[arg-type]  # a family of pictures: `resolved` gave these data
    return family(design, data.points.shape[1])


def resolved(
    family: type[Family], spec: DataSpec, seed: int, design: Any, vocabulary: Vocabulary | None = None
) -> LearntFrom:
    """What the family learns from: points, pictures, or windows of text as its design cuts it."""
    if issubclass(family, TextFamily):
        return resolve_text(spec, design, vocabulary)
    if issubclass(family, PictureFamily):
        return resolve_pictures(spec)
    if spec.text is not None or are_pictures(spec):
        what = "is a text" if spec.text is not None else "are pictures"
        raise Refused(f"'{spec.title}' {what}; {family.card.title} learns from points. Choose a data set.")
    return resolve(spec, seed)


def shape_of(data: LearntFrom) -> tuple[int, int]:
    """Columns and distinct labels (of pictures: classes, 0 for none), which a family may refuse."""
    if isinstance(data, PictureData):
        return data.shape.dim, data.shape.classes
    return data.points.shape[1], len(np.unique(data.labels))


def of_other_shape(model: Family, data: LearntFrom) -> str:
    """Why a model of pictures cannot go on with those, "" where it can: it was built for a size and for classes."""
    if not (isinstance(model, PictureFamily) and isinstance(data, PictureData)) or data.shape == model.shape:
        return ""
    (c, h, w, k), (channels, height, width, classes) = model.shape, data.shape
    return (
        f"This model was built for pictures {c} × {h} × {w} of {k} classes; '{data.title}' are "
        f"{channels} × {height} × {width} of {classes}. Choose others or build the model anew."
    )
