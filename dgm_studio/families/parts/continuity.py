"""Densities along an ODE, by the continuity equation d log p_t(x_t)/dt = -div velocity (lecture 10)."""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import Protocol

import torch
from torch import Tensor

from dgm_studio.nets.divergence import divergence

CHUNK = 1024
"""Points integrated together, so that one RK4 step of a small network stays under 50 ms."""


class Flow(Protocol):
    """What has a velocity (n, d) at points (n, d) and a 0-d time; a paths.field.Field and a neural ODE do."""

    def velocity(self, x: Tensor, t: Tensor) -> Tensor: ...


def log_density(field: Flow, x: Tensor, times: Tensor, prior_std: float) -> Generator[None, None, Tensor]:
    """log p(x) (n,) in nats at times[-1] for the flow started at N(0, prior_std^2 I) at times[0] <=
    times[-1].

    log p(x) = log prior(x(0)) - integral of div velocity dt, with x(0) by the classical Runge-Kutta method
    backwards through `times`; the divergence is exact. The solvers of the room solvers walk forwards only,
    from noise to data.
    """
    found = []
    for part in torch.split(x, CHUNK):
        gained = part.new_zeros(len(part))
        for late, early in zip(times.flip(0)[:-1], times.flip(0)[1:], strict=True):
            part, change = _runge_kutta(field, part, late, early)
            gained = gained + change
            yield
        square = part.square().sum(1) / prior_std**2
        log_prior = -0.5 * square - 0.5 * x.shape[1] * math.log(2 * math.pi * prior_std**2)
        # Backwards, `gained` is minus the integral of the formula.
        found.append(log_prior + gained)
    return torch.cat(found)


def _runge_kutta(field: Flow, x: Tensor, t: Tensor, r: Tensor) -> tuple[Tensor, Tensor]:
    """x at r from x at t, and the integral of the divergence from t to r, r < t: both by one RK4 step."""
    h, middle = r - t, 0.5 * (t + r)

    def at(y: Tensor, time: Tensor) -> tuple[Tensor, Tensor]:
        return divergence(lambda z: field.velocity(z, time), y)

    v1, d1 = at(x, t)
    v2, d2 = at(x + 0.5 * h * v1, middle)
    v3, d3 = at(x + 0.5 * h * v2, middle)
    v4, d4 = at(x + h * v3, r)
    return x + h / 6 * (v1 + 2 * v2 + 2 * v3 + v4), h / 6 * (d1 + 2 * d2 + 2 * d3 + d4)
