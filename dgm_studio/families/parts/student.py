"""The student of a diffusion: where its teacher knows labels, one network that is also told how strongly to guide."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from dgm_studio.families.diffusion import Diffusion
from dgm_studio.families.parts.learned_field import LearnedField
from dgm_studio.nets.time_mlp import TimeMLP
from dgm_studio.paths.path import Path

STRONGEST = 4.0
"""The largest guidance scale gamma that a student is taught."""


class ToldMLP(TimeMLP):
    """f(x, t, told): told (n, 2) holds each point's label and gamma, or is None for no label and gamma = 0."""

    def __init__(self, dim: int, width: int, layers: int, classes: int) -> None:
        super().__init__(dim + 1, width, layers, outputs=dim, classes=classes)

    def forward(self, x: Tensor, t: Tensor, label: Tensor | None = None) -> Tensor:
        """x (n, dim), t (n,) or 0-d, `label` as told above -> (n, dim)."""
        if label is None:
            return super().forward(torch.cat([x, torch.zeros_like(x[:, :1])], dim=1), t)
        return super().forward(torch.cat([x, label[:, 1:] / STRONGEST], dim=1), t, label[:, 0].long())


class Student(Diffusion):
    """A diffusion; with classes its labels are pairs (n, 2) of a class and gamma in [0, 4], and one evaluation gives
    the guided field (Meng et al., 2023, section 3.1)."""

    def __init__(self, design: Any, dim: int) -> None:
        super().__init__(design, dim)
        if self.classes:
            self.net = ToldMLP(dim, design.width, design.layers, self.classes)

    @torch.no_grad()
    def take(self, teacher: Diffusion) -> None:
        """Begin with the teacher's weights: gamma has no effect yet."""
        held = teacher.state_dict()
        if self.classes:
            weight = held["net.from_x.weight"]
            held["net.from_x.weight"] = torch.cat([weight, torch.zeros_like(weight[:, :1])], dim=1)
        self.load_state_dict(held)


class Told(LearnedField):
    """A student's field for the labels and scales it is told, (n, 2) or None."""

    def __init__(self, student: Student, told: Tensor | None) -> None:
        self.student, self.told = student, told

    @property
    def path(self) -> Path:
        """The student's."""
        return self.student.path

    def clean_and_noise(self, x: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        """Posterior means (n, d), guided as told, from one network evaluation."""
        return self.student.clean_and_noise(x, t, self.told)
