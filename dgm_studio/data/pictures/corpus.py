"""What a set of pictures is: its card, and its bytes with labels, read when they are first asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.card import Card
from dgm_studio.core.pictures import PictureShape
from dgm_studio.core.slow import finish


@dataclass(frozen=True, eq=False)
class Pictures:
    """Bytes (n, c, h, w) to learn from with labels (n,), `held_out` (m, c, h, w) with `held_labels` to judge by, the
    classes' `names`, a caption of each picture where there are any, and `traits`, what else is known of each that is
    learnt ("weight" of a glyph: "bold")."""

    pixels: Array
    labels: Array
    held_out: Array
    held_labels: Array
    names: tuple[str, ...]
    captions: tuple[str, ...] = ()
    held_captions: tuple[str, ...] = ()
    traits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("pixels", "held_out"):
            object.__setattr__(self, name, frozen(np.asarray(getattr(self, name), dtype=np.uint8)))
        for name in ("labels", "held_labels"):
            object.__setattr__(self, name, frozen(np.asarray(getattr(self, name), dtype=np.int64)))

    @property
    def shape(self) -> PictureShape:
        """What a model of them is built for."""
        _, channels, height, width = self.pixels.shape
        return PictureShape(channels, height, width, len(self.names))


class PictureCorpus(ABC):
    """One set of pictures; what was read is kept."""

    card: ClassVar[Card]

    def here(self) -> bool:
        """Whether this machine has it."""
        return True

    def load(self) -> Pictures:
        """The whole set."""
        return finish(self.loading())

    @abstractmethod
    def loading(self) -> Generator[None, None, Pictures]:
        """`load` in steps of about 10 ms where it was not yet read."""

    @abstractmethod
    def peek(self, count: int) -> Pictures:
        """The first `count` that are learnt, in a few milliseconds: for a menu."""


def few(pixels: Array, labels: Array, names: tuple[str, ...]) -> Pictures:
    """Some pictures alone, nothing held out."""
    return Pictures(pixels, labels, pixels[:0], labels[:0], names)
