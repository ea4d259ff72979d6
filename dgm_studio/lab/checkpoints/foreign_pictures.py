"""A rebuilt model of pictures as a family of the studio: the panels, films and the command line run it as it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from dgm_studio.checkpoints.rebuild.rebuilt import Rebuilt
from dgm_studio.core.errors import Refused
from dgm_studio.core.inspection import RefusedFile
from dgm_studio.core.knobs import Value
from dgm_studio.core.pictures import PictureShape
from dgm_studio.families.fit import Fit
from dgm_studio.families.pictures.picture_family import PictureFamily

SLICE = 0.045
"""Seconds that one slice of work may take."""
MOST_ROWS = 32
"""Pictures of one slice, however fast the network."""
PART = 8
"""Pictures that a network sees together."""


@dataclass(frozen=True)
class NoKnobs:
    """Its design is the file's and its training is over: there is nothing to set."""


class ForeignPictures(PictureFamily):
    """A network that others trained, frozen. `rows` is how many pictures one slice of at most 50 ms holds on this
    machine, as measured by `measure`; `seconds` is what one picture takes."""

    Design = Training = NoKnobs
    presets = ()

    def __init__(self, rebuilt: Rebuilt, shape: PictureShape) -> None:
        super().__init__(NoKnobs(), shape)
        self.rebuilt = rebuilt
        self.net = rebuilt.net
        self.register_buffer("numbers", torch.zeros(()))  # says what it computes in where the network has no weights
        self.frame = torch.tensor(tuple(shape))
        self.rows = 1
        self.seconds = 0.0

    @property
    def own_sampling(self) -> Mapping[str, Value]:
        """Values of its Sampling that the file speaks for."""
        return {}

    @property
    def slow(self) -> str:
        """A sentence where even one picture takes longer than a slice may, else ""."""
        if self.seconds <= SLICE:
            return ""
        return f"One evaluation of this network takes {self.seconds:.2g} s for one picture here, so films come slowly."

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """Refused: it is looked at, not trained."""
        raise Refused("A model from another program is not trained here. Choose one of the studio's families.")

    def measure(self, call: Callable[[], object]) -> None:
        """How long `call`, one picture's evaluation, takes; the first one warms up. RefusedFile E13 where the network
        does not run: its settings and sizes do not belong together."""
        with torch.no_grad():
            try:
                call()
            except (RuntimeError, ValueError, IndexError, TypeError, AttributeError) as error:
                raise RefusedFile(
                    "E13",
                    f"The network of '{self.rebuilt.title}' was filled, but it does not run on what its settings say "
                    f"it takes ({self.shape.channels} x {self.shape.height} x {self.shape.width}). Choose another "
                    "size, or look at its tensors only.",
                ) from error
            start = time.perf_counter()
            call()
        self.seconds = time.perf_counter() - start
        self.rows = max(1, min(MOST_ROWS, int(SLICE / max(self.seconds, 1e-6))))


def in_parts(call: Callable[..., Any], *given: Tensor) -> Tensor:
    """`call` on the tensors (n, ...) PART rows at a time, its results (n, ...) together again: a large batch needs no
    more memory than PART pictures. How long that takes does not change it, so that a seed's picture stays the same."""
    parts = zip(*(torch.split(one, PART) for one in given), strict=True)
    return torch.cat([call(*part) for part in parts])
