"""Pictures of channels that are neither grey nor RGB: laid side by side as one grey picture."""

from __future__ import annotations

import torch
from torch import Tensor

from dgm_studio.core.pictures import PictureShape

SEEN = (1, 3)
"""Channels that are a picture as they are."""


def shown_shape(shape: PictureShape) -> PictureShape:
    """The shape of what is seen of pictures of that shape."""
    if shape.channels in SEEN:
        return shape
    return PictureShape(1, shape.height, shape.width * shape.channels, shape.classes)


def beside(x: Tensor) -> Tensor:
    """Pictures (n, c, h, w) as they are seen: (n, 1, h, c w) where c is neither 1 nor 3."""
    return x if x.shape[1] in SEEN else torch.cat(torch.split(x, 1, dim=1), dim=3)


def apart(x: Tensor, shape: PictureShape) -> Tensor:
    """The way back, to pictures of that shape."""
    return x if x.shape[1] == shape.channels else torch.cat(torch.split(x, shape.width, dim=3), dim=1)
