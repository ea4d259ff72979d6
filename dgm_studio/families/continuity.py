"""Densities along an ODE, by the continuity equation d log p_t(x_t)/dt = -div velocity(x_t, t) (lecture 10)."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass

import torch
from torch import Tensor

from dgm_studio.nets.divergence import divergence
from dgm_studio.paths.field import Field
from dgm_studio.paths.path import Path
from dgm_studio.solvers import solvers

CHUNK = 1024
"""Points integrated together, so that one RK4 step of a small network stays under 50 ms."""


@dataclass(frozen=True)
class Augmented:
    """The field of (x, l) (n, d + 1) with dl/dt = div velocity: what a solver walks to carry log-densities along."""

    field: Field

    @property
    def path(self) -> Path:
        """The path of the field."""
        return self.field.path

    def velocity(self, x: Tensor, t: Tensor) -> Tensor:
        """(velocity, its divergence), (n, d + 1), the divergence exact."""
        value, div = divergence(lambda y: self.field.velocity(y, t), x[:, :-1])
        return torch.cat([value.detach(), div.detach()[:, None]], dim=1)

    def score(self, x: Tensor, t: Tensor) -> Tensor:
        """The field's score, the log-density's column left alone."""
        return torch.nn.functional.pad(self.field.score(x[:, :-1], t), (0, 1))

    def x1_hat(self, x: Tensor, t: Tensor) -> Tensor:
        """The field's posterior mean, the log-density's column left alone."""
        return torch.cat([self.field.x1_hat(x[:, :-1], t), x[:, -1:]], dim=1)


def log_density(field: Field, x: Tensor, times: Tensor, prior_std: float) -> Generator[None, None, Tensor]:
    """log p(x) (n,) in nats at times[-1] for the flow started at N(0, prior_std^2 I) at times[0] <= times[-1].

    log p(x) = log prior(x(0)) - integral of div velocity dt, with x(0) by RK4 through `times` backwards.
    """
    found = []
    for part in x.split(CHUNK):
        state = torch.nn.functional.pad(part, (0, 1))
        for step in solvers()["rk4"].walk(Augmented(field), state, times.flip(0), torch.Generator(x.device)):
            state = step.x
            yield
        start, gained = state[:, :-1], state[:, -1]
        square = start.square().sum(1) / prior_std**2
        log_prior = -0.5 * square - 0.5 * x.shape[1] * math.log(2 * math.pi * prior_std**2)
        # `gained` is the integral from times[-1] down to times[0]: minus the one of the formula.
        found.append(log_prior + gained)
    return torch.cat(found)
