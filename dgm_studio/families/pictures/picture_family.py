"""What every family of pictures is: a family whose points are flat pictures in [-1, 1]."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor

from dgm_studio.core.arrays import Array
from dgm_studio.core.pictures import PictureShape
from dgm_studio.families.family import Family


class PictureFamily(Family):
    """A family over pictures (n, c, h, w), held flat: every x of the house is (n, dim) with dim = c h w, in [-1, 1].

    Fit.points are bytes (n, dim); `seen` makes numbers of a batch. The shape travels in the state dict (`frame`), so
    that a checkpoint alone can be built again; class labels are 0 .. classes - 1 in Fit.labels.
    """

    takes: ClassVar[str] = "pictures"
    frame: Tensor

    def __init__(self, design: Any, shape: PictureShape) -> None:
        self.shape = shape  # first: the networks that the family below builds are of this shape
        super().__init__(design, shape.dim)
        self.register_buffer("frame", torch.empty(4, dtype=torch.int64))

    def fill(self, generator: torch.Generator) -> None:
        """The shape; nothing random, `generator` is not used."""
        self.frame.copy_(torch.tensor(tuple(self.shape)))

    def begin(self, captions: Sequence[str]) -> None:
        """Take in the words of the data's captions before the first step, where it is told in words."""

    def conditions(self, labels: Array, captions: Sequence[str]) -> Array:
        """What Fit.labels are of pictures with classes (n,) and captions: here the classes; ids (n, words) of a family
        that is told in words."""
        return labels

    @property
    def data_dtype(self) -> torch.dtype:
        """Bytes."""
        return torch.uint8

    def seen(self, points: Tensor) -> Tensor:
        """Bytes (n, dim) as numbers in [-1, 1]: x = byte / 127.5 - 1."""
        return points.to(self.dtype) / 127.5 - 1.0

    def stood(self, flat: Tensor) -> Tensor:
        """Flat pictures (n, dim) as (n, c, h, w), for a convolution."""
        return flat.view(-1, self.shape.channels, self.shape.height, self.shape.width)
