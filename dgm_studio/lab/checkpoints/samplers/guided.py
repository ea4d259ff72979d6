"""A rebuilt denoiser asked at flat points: which class it is told, guidance, and what its answer says of the datum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from dgm_studio.checkpoints.rebuild.rebuilt import EPSILON, NOISE_TO_DATA, SAMPLE, V_PREDICTION, VELOCITY, Denoiser
from dgm_studio.core.errors import Refused
from dgm_studio.lab.checkpoints.foreign_pictures import in_parts
from dgm_studio.paths.targets import At, read

TARGETS = {EPSILON: "epsilon", SAMPLE: "x", V_PREDICTION: "v", NOISE_TO_DATA: "velocity", VELOCITY: "velocity"}
"""What paths.targets calls it. Diffusers' v is a x_0 - s x_1, as there; a flow's noise minus data is minus its
velocity."""


class Level(NamedTuple):
    """One noise level x = a x_1 + s x_0: `told` is what the network is told of it, `t` the studio's clock."""

    told: float
    a: float
    s: float
    t: float


class Guess(NamedTuple):
    """Predicted datum and noise (n, k), and the numbers (n, k) of a learned variance where there are any."""

    clean: Tensor
    noise: Tensor
    spread: Tensor | None


@dataclass(frozen=True, eq=False)
class Guided:
    """(1 - gamma) f(x) + gamma f(x, y) for classes `labels` (n,), -1 for none; where the network was never trained
    without a class, none is one class after the other. Refused where guidance needs an unconditional model and there
    is none."""

    denoiser: Denoiser
    labels: Tensor
    gamma: float

    def __post_init__(self) -> None:
        model = self.denoiser
        if model.shape.classes and model.null < 0 and self.gamma not in (0.0, 1.0):
            raise Refused(
                f"{model.title} was always told a class, so there is nothing to guide away from: leave out the guided "
                "column, or set the guidance scale to 1."
            )

    @property
    def cost(self) -> int:
        """Network evaluations of one question."""
        return 2 if self.denoiser.shape.classes and self.gamma not in (0.0, 1.0) else 1

    def guess(self, x: Tensor, level: Level) -> Guess:
        """At points (n, k) of that level."""
        k = x.shape[1]
        out = self._output(x, level.told)
        numbers = torch.tensor([level.a, level.s], dtype=x.dtype, device=x.device)
        flow = self.denoiser.prediction == VELOCITY
        slope = torch.ones((), dtype=x.dtype, device=x.device)
        here = At(numbers[0], numbers[1], slope, -slope)  # the straight path's slopes: only velocities ask for them
        said = -out[:, :k] if flow else out[:, :k]
        clean, noise = read(TARGETS[self.denoiser.prediction], said, x, here)
        return Guess(clean, noise, out[:, k:] if out.shape[1] == 2 * k else None)

    def _output(self, x: Tensor, told: float) -> Tensor:
        model = self.denoiser
        if not model.shape.classes:
            return self._call(x, told, self.labels)
        none = torch.full_like(self.labels, model.null)
        if model.null < 0:
            none = torch.arange(len(none), device=none.device) % model.shape.classes
        named = torch.where(self.labels < 0, none, self.labels)
        if self.gamma == 0:
            return self._call(x, told, none)
        with_class = self._call(x, told, named)
        if self.gamma == 1:
            return with_class
        k, without = x.shape[1], self._call(x, told, none)
        mixed = without[:, :k] + self.gamma * (with_class[:, :k] - without[:, :k])
        return torch.cat([mixed, with_class[:, k:]], dim=1)  # a learned variance stays the class' own

    def _call(self, x: Tensor, told: float, labels: Tensor) -> Tensor:
        model = self.denoiser
        shape = model.points or model.shape
        times = torch.full((len(x),), told, dtype=torch.float32, device=x.device)
        stood = x.to(torch.float32).view(-1, shape.channels, shape.height, shape.width)
        out = in_parts(model.predict, stood, times, labels)
        return out.flatten(1).to(x.dtype)
