"""Teaching the small classifier of pictures whose features judge models."""

from __future__ import annotations

from collections.abc import Generator

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from dgm_studio.core.errors import Refused
from dgm_studio.core.pictures import PictureShape
from dgm_studio.nets.adam import Adam
from dgm_studio.nets.init import init
from dgm_studio.nets.picture_classifier import PictureClassifier, moved

BATCH = 128
RATE = 3e-3
KEPT = 0.3
"""Share of the steps at the full rate; then it falls to 0 in a straight line."""
SHIFT = 1
"""Pixels that pictures are moved by at most while it learns."""
ROWS = 256
"""Pictures that are judged together: some 20 ms."""


def teaching(
    points: Tensor, labels: Tensor, shape: PictureShape, steps: int, generator: torch.Generator
) -> Generator[float, None, PictureClassifier]:
    """A classifier of `shape.classes` classes from bytes (n, dim) and labels (n,), by Adam on the cross-entropy.

    Each next() is a step of some 30 ms and tells its loss; returned in eval mode. Refused for fewer than two classes.
    """
    if shape.classes < 2 or not len(points):
        raise Refused("A classifier needs pictures of two classes or more. Choose pictures with labels.")
    with torch.device("meta"):
        net = PictureClassifier(shape)
    init(net, generator, points.device)
    optimiser = Adam(list(net.parameters()), (0.9, 0.999))
    for step in range(steps):
        which = torch.randint(len(points), (BATCH,), generator=generator, device=points.device)
        x = moved(seen(points[which]), shape, SHIFT, generator)
        loss = cross_entropy(net(x), labels[which])
        fall = min(1.0, (1 - step / steps) / (1 - KEPT))
        optimiser.step(list(torch.autograd.grad(loss, optimiser.parameters)), RATE * fall)
        yield float(loss.detach())
    return net.eval().requires_grad_(False)


@torch.no_grad()
def judging(net: PictureClassifier, points: Tensor) -> Generator[None, None, tuple[Tensor, Tensor]]:
    """Features (n, 64) and logits (n, classes) of bytes or of numbers in [-1, 1] (n, dim), slice by slice."""
    features = []
    for part in torch.split(points, ROWS):
        features.append(net.features(seen(part)))
        yield
    found = torch.cat(features) if features else points.new_zeros((0, net.hidden.out_features), dtype=torch.float32)
    return found, net.read_out(found)


def seen(points: Tensor) -> Tensor:
    """Bytes as numbers in [-1, 1], x = byte / 127.5 - 1; numbers as they are."""
    return points.float() / 127.5 - 1.0 if points.dtype == torch.uint8 else points.float()
