"""From a data spec to the pictures that a family of pictures learns from."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.dataspec import DataSpec, PictureSet
from dgm_studio.core.errors import Refused
from dgm_studio.core.names import pick
from dgm_studio.core.pictures import PictureShape
from dgm_studio.core.slow import finish
from dgm_studio.data.pictures import picture_sets
from dgm_studio.data.pictures.corpus import Pictures

PICTURES = "fashion-mnist"
"""What is learnt from unless other pictures are named."""

FEWEST = 2
"""Pictures that can be learnt from."""

HELD_OUT = 10
"""Of a person's own pictures every tenth is held out, where there are twenty or more."""


@dataclass(frozen=True, eq=False)
class PictureData:
    """Flat bytes (n, dim) to learn from with labels (n,), `held_out` (m, dim) with `held_labels` to judge by (m may be
    0), the classes' `names`; captions (n,), `held_captions` (m,) and `traits` of each (n,) where there are any."""

    points: Array
    labels: Array
    shape: PictureShape
    names: tuple[str, ...]
    held_out: Array
    held_labels: Array
    captions: tuple[str, ...]
    held_captions: tuple[str, ...]
    traits: Mapping[str, tuple[str, ...]]
    title: str

    @property
    def told(self) -> tuple[str, ...]:
        """Each picture in words (n,): its caption, or the name of its class."""
        return self.captions or self._named(self.labels)

    @property
    def held_told(self) -> tuple[str, ...]:
        """The same of those that are held out (m,)."""
        return self.held_captions or self._named(self.held_labels)

    def _named(self, labels: Array) -> tuple[str, ...]:
        return tuple(self.names[label] for label in labels) if self.names else ("",) * len(labels)


def resolve_pictures(spec: DataSpec) -> PictureData:
    """The pictures `spec` names; Refused where it names none, or too few."""
    return finish(picturing(spec))


def picturing(spec: DataSpec) -> Generator[None, None, PictureData]:
    """`resolve_pictures` in steps of about 10 ms."""
    if spec.pictures is not None:
        return _flat(_own(spec.pictures), spec.title)
    if spec.points is not None or spec.text is not None:
        what = "are points" if spec.points is not None else "is a text"
        raise Refused(f"'{spec.title}' {what}; this family learns from pictures. Choose a set or a folder of pictures.")
    corpus = pick(picture_sets(), spec.name, "set of pictures")
    return _flat((yield from corpus.loading()), corpus.card.title)


def _own(own: PictureSet) -> Pictures:
    if len(own.pixels) < FEWEST:
        raise Refused(f"'{own.title}' holds one picture; a model needs at least {FEWEST}. Add more pictures.")
    held = np.arange(len(own.pixels)) % HELD_OUT == HELD_OUT - 1
    if len(own.pixels) < 2 * HELD_OUT:
        held[:] = False
    return Pictures(own.pixels[~held], own.labels[~held], own.pixels[held], own.labels[held], own.names)


def _flat(pictures: Pictures, title: str) -> PictureData:
    dim = pictures.shape.dim
    return PictureData(
        points=pictures.pixels.reshape(-1, dim),
        labels=pictures.labels,
        shape=pictures.shape,
        names=pictures.names,
        held_out=pictures.held_out.reshape(-1, dim),
        held_labels=pictures.held_labels,
        captions=pictures.captions,
        held_captions=pictures.held_captions,
        traits=pictures.traits,
        title=title,
    )
