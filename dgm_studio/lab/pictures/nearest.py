"""The training pictures that a picture is nearest to: whether a model remembers instead of drawing."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.errors import Refused
from dgm_studio.core.latents import Nearest
from dgm_studio.core.pictures import PictureShape

AT_ONCE = 100_000_000
"""Products of one slice: some 10 ms."""

MOST_ROWS = 4_000
"""Training pictures made numbers in one slice, whatever is asked of them: some 15 ms."""


def finding(pictures: Array, training: Array, count: int) -> Generator[None, None, tuple[Array, Array]]:
    """Of flat bytes (n, dim) the `count` nearest of the training pictures (N, dim), nearest first: their indices
    (n, count) and root mean square distances (n, count) in grey levels of [0, 1], in slices. Among equals the first.

    Distances rank by |x|^2 - 2 x.y in float32, whose rounding could exchange two that differ by a thousandth of a grey
    level; those that are told are of the differences themselves.
    """
    if pictures.ndim != 2 or pictures.shape[1] != training.shape[1]:
        raise Refused(f"Pictures of {training.shape[1]} bytes have no distance to those of shape {pictures.shape}.")
    if not 1 <= count <= len(training):
        raise Refused(f"{count} nearest pictures cannot be found among {len(training):,}. Ask for fewer.")
    asked = torch.tensor(np.asarray(pictures)).float()
    best = torch.full((len(asked), 0), torch.inf)
    which = torch.zeros((len(asked), 0), dtype=torch.int64)
    rows = min(MOST_ROWS, max(64, AT_ONCE // max(1, len(asked) * asked.shape[1])))
    for start in range(0, len(training), rows):
        some = torch.tensor(training[start : start + rows]).float()
        apart = torch.addmm(some.square().sum(1)[None], asked, some.T, alpha=-2.0)
        found, place = _least(apart, count)
        best, which = torch.cat([best, found], 1), torch.cat([which, place + start], 1)
        best, kept = _least(best, count)
        which = which.gather(1, kept)
        yield
    exact = np.empty(which.shape)
    for row, own in enumerate(which.numpy()):
        miss = training[own].astype(np.float64) - pictures[row]
        exact[row] = np.sqrt(np.square(miss).mean(axis=1)) / 255
        if row % 256 == 255:
            yield
    order = np.argsort(exact, axis=1, kind="stable")
    return np.take_along_axis(which.numpy(), order, 1), np.take_along_axis(exact, order, 1)


def nearest(pixels: Array, training: Array, shape: PictureShape, count: int) -> Generator[None, None, Nearest]:
    """The same of pictures (n, c, h, w), as the window shows it. Refused for another shape."""
    if pixels.ndim != 4 or pixels.shape[1:] != tuple(shape[:3]):
        raise Refused(f"The training pictures are {tuple(shape[:3])}, those that are asked for {pixels.shape[1:]}.")
    count = min(count, len(training))
    which, apart = yield from finding(pixels.reshape(len(pixels), -1), training, count)
    shown = np.asarray(training)[which].reshape(len(pixels), count, *shape[:3])
    return Nearest(frozen(shown), frozen(which), frozen(apart.astype(np.float32)))


def _least(apart: Tensor, count: int) -> tuple[Tensor, Tensor]:
    found = apart.topk(min(count, apart.shape[1]), dim=1, largest=False)
    return found.values, found.indices
