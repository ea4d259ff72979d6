"""Five fits side by side, each going down its own objective from one start with one optimiser."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from dgm_studio.lab.scenes.parts.fit_objectives import Objectives
from dgm_studio.lab.scenes.parts.mixture_tensor import hold_
from dgm_studio.nets.adam import Adam

ADAM, MOMENTUM, PLAIN = "adam", "momentum", "gradient"
BETAS = (0.9, 0.99)
FRICTION = {MOMENTUM: 0.9, PLAIN: 0.0}
LONGEST = 1.0
"""A longer gradient of one fit is shortened to this: far from p the KL divergences are steep as 1 / sigma^2."""
KEPT = 1_200
"""Points of the paths; beyond, every second one is let go."""


class Race:
    """`theta` (5, k, fields) now; `path` holds what was passed: step, theta, each fit's own descended value (5,)."""

    def __init__(self, start: Tensor, objectives: Objectives, optimiser: str, rate: float, half_life: float) -> None:
        self.theta = nn.Parameter(start.expand(5, *start.shape).clone())
        self.objectives, self.optimiser = objectives, optimiser
        self.rate, self.half_life = rate, half_life
        self.steps = 0
        self.path: list[tuple[int, Tensor, Tensor]] = []
        self._adam = Adam([self.theta], BETAS)
        self._velocity = torch.zeros_like(self.theta, requires_grad=False)
        self._every = 1

    def run(self, steps: int, samples: tuple[int, torch.Generator] | None) -> Iterator[None]:
        """So many steps; `samples` gives n and where each step's noise comes from, None the exact gradients."""
        for _ in range(steps):
            here = self.objectives
            if samples is not None:
                here = here.sampled(samples[0], self.theta.shape[1], samples[1])
            own = here.own(self.theta)
            (slope,) = torch.autograd.grad(own.sum(), self.theta)
            if samples is not None:
                with torch.no_grad():
                    own = self.objectives.own(self.theta)
            self._remember(own.detach())
            self._step(slope)
            yield

    @torch.no_grad()
    def _step(self, slope: Tensor) -> None:
        slope = slope * (LONGEST / slope.flatten(1).norm(dim=1).clamp_min(LONGEST))[:, None, None]
        rate = self.rate * 0.5 ** (self.steps / self.half_life)
        if self.optimiser == ADAM:
            self._adam.step([slope], rate)
        else:
            self._velocity.mul_(FRICTION[self.optimiser]).add_(slope)
            self.theta.sub_(rate * self._velocity)
        hold_(self.theta)
        self.steps += 1

    def _remember(self, own: Tensor) -> None:
        if self.steps % self._every == 0:
            self.path.append((self.steps, self.theta.detach().clone(), own))
        if len(self.path) > KEPT:
            self.path = self.path[::2]
            self._every *= 2
