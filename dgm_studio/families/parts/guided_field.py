"""Classifier-free guidance: a labelled field from a denoiser that knows both with and without a label."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor

from dgm_studio.families.parts.learned_field import LearnedField
from dgm_studio.paths.path import Path


class Denoiser(Protocol):
    """What can denoise for a label and, with None, for no label."""

    @property
    def path(self) -> Path: ...

    def clean_and_noise(self, x: Tensor, t: Tensor, label: Tensor | None = None) -> tuple[Tensor, Tensor]: ...


class ClassifierFree(LearnedField):
    """(1 - gamma) f(x) + gamma f(x, y) of a denoiser f (Ho and Salimans, 2022; their w is gamma - 1).

    gamma = 0 is unconditional, 1 conditional, above 1 sharpened. All targets are linear in the posterior means, so
    that mixing these mixes velocities and scores alike. `labels` are (n,), or one for all; where captions are told they
    are (n, words).
    """

    def __init__(self, denoiser: Denoiser, labels: Tensor, gamma: float) -> None:
        self.denoiser, self.labels, self.gamma = denoiser, labels, gamma

    @property
    def path(self) -> Path:
        """The denoiser's."""
        return self.denoiser.path

    def clean_and_noise(self, x: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        """Guided posterior means: two network evaluations, but one at gamma = 0 and at gamma = 1."""
        if self.gamma == 0:
            return self.denoiser.clean_and_noise(x, t)
        clean, noise = self.denoiser.clean_and_noise(x, t, self.labels.expand(len(x), *self.labels.shape[1:]))
        if self.gamma == 1:
            return clean, noise
        free, free_noise = self.denoiser.clean_and_noise(x, t)
        return free + self.gamma * (clean - free), free_noise + self.gamma * (noise - free_noise)
