"""Labelled data of known law: what a perfect conditional model would answer, with a label and without."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.arrays import Array
from dgm_studio.data.mixture import Mixture
from dgm_studio.families.parts.learned_field import inner
from dgm_studio.paths.exact import ExactField
from dgm_studio.paths.path import Path


@dataclass(frozen=True)
class Layout:
    """Bells of the plane: centres (k, 2), the class of each (k,), their standard deviation."""

    centres: tuple[tuple[float, float], ...]
    classes: tuple[int, ...]
    std: float


def _around(count: int, wide: float, high: float) -> tuple[tuple[float, float], ...]:
    """Places on an ellipse, from its left end on."""
    turns = [math.pi * (1 - 2 * k / count) for k in range(count)]
    return tuple((wide * math.cos(turn), high * math.sin(turn)) for turn in turns)


LAYOUTS = {
    "pairs": Layout((*_around(3, 0.7, 0.5), *_around(3, 2.6, 1.3)), (0, 1, 2, 0, 1, 2), 0.35),
    "three": Layout(_around(3, 1.4, 0.9), (0, 1, 2), 0.55),
    "eight": Layout(_around(8, 3.0, 1.2), (0, 0, 0, 1, 1, 1, 2, 2), 0.3),
}
"""By id, three classes in each: one bell near the other classes and one far; overlapping; neighbours on a ring."""


class LabelledBells:
    """p(x, y) with all bells of equal weight, and its exact fields along a path. It denoises for a label and for none:
    families.parts.guided_field guides it as it guides a trained diffusion."""

    def __init__(self, layout: Layout, path: Path) -> None:
        self.layout, self._path = layout, path
        centres, self.classes = np.array(layout.centres), np.array(layout.classes)
        self.whole = ExactField(Mixture.isotropic(centres, layout.std), path)
        self.parts = [ExactField(Mixture.isotropic(centres[self.classes == y], layout.std), path)
                      for y in np.unique(self.classes)]  # fmt: skip

    @property
    def path(self) -> Path:
        """The path of all these fields."""
        return self._path

    def clean_and_noise(self, x: Tensor, t: Tensor, label: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """(E[x_1 | x_t = x, y], E[x_0 | x_t = x, y]), each (n, 2); `label` (n,) is one class for all, None no class."""
        field = self.whole if label is None else self.parts[int(label[0])]
        at = inner(x, t, self._path)
        clean = field.x1_hat(x, at)
        return clean, (x - self._path.a(at)[:, None] * clean) / self._path.s(at)[:, None]

    def sureness(self, x: Tensor, label: int) -> Tensor:
        """p(y | x) of clean points (n, 2) -> (n,): the exact classifier at t = 1."""
        end = torch.ones((), dtype=x.dtype)
        share = math.log(float((self.classes == label).mean()))
        return torch.exp(self.parts[label].log_density(x, end) + share - self.whole.log_density(x, end))

    def mean_norm(self, label: int) -> float:
        """E|x| of the class's data: each bell's |x| is Rice's law, of mean s sqrt(pi/2) ((1 + k) I0(k/2) + k I1(k/2))
        exp(-k/2), k = |m|^2 / 2 s^2."""
        centres, s = np.array(self.layout.centres)[self.classes == label], self.layout.std
        k = torch.from_numpy((centres**2).sum(1) / (2 * s**2))
        found = (1 + k) * torch.special.i0e(k / 2) + k * torch.special.i1e(k / 2)
        return s * math.sqrt(math.pi / 2) * float(found.mean())

    def nearest(self, x: Array, label: int) -> tuple[Array, Array]:
        """The class's own bell that is nearest to each point (n, 2), and whether that lies within three standard
        deviations (n,)."""
        centres = np.array(self.layout.centres)[self.classes == label]
        gaps = np.linalg.norm(x[:, None] - centres, axis=2)
        return gaps.argmin(1), gaps.min(1) <= 3 * self.layout.std
