"""Densities along an ODE, by the continuity equation d log p_t(x_t)/dt = -div velocity (lecture 10)."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator
from typing import NamedTuple, Protocol, runtime_checkable

import torch
from torch import Tensor

from dgm_studio.nets.divergence import divergence

CHUNK = 1024
"""Points integrated together, so that one RK4 step of a small network stays under 50 ms."""

Rates = Callable[[Callable[[Tensor], Tensor], Tensor], tuple[Tensor, Tensor]]
"""(f(x) (n, d), estimates of div f (m, n)) of a vector field f at points x (n, d)."""


@runtime_checkable
class Flow(Protocol):
    """What has a velocity (n, d) at points (n, d) and a 0-d time; a paths.field.Field and a neural ODE do."""

    def velocity(self, x: Tensor, t: Tensor) -> Tensor: ...


class Reached(NamedTuple):
    """Points x (n, d) at time t on their way back to noise, the rates (m, n) at the step's late end, None before the
    first step, and minus the integral of each from t to the last time (m, n)."""

    t: Tensor
    x: Tensor
    rates: Tensor | None
    gained: Tensor


def exact_rate(f: Callable[[Tensor], Tensor], x: Tensor) -> tuple[Tensor, Tensor]:
    """The divergence itself, (1, n)."""
    value, div = divergence(f, x)
    return value, div[None]


def log_density(field: Flow, x: Tensor, times: Tensor, prior_std: float) -> Generator[None, None, Tensor]:
    """log p(x) (n,) in nats at times[-1] for the flow started at N(0, prior_std^2 I) at times[0] <=
    times[-1].

    log p(x) = log prior(x(0)) - integral of div velocity dt, with x(0) by the classical Runge-Kutta method
    backwards through `times`; the divergence is exact. The solvers of the room solvers walk forwards only,
    from noise to data.
    """
    found = []
    for part in torch.split(x, CHUNK):
        reached = Reached(times[-1], part, None, part.new_zeros(1, len(part)))
        for reached in backwards(field, part, times):
            if reached.rates is not None:
                yield
        found.append(log_prior(reached.x, prior_std) + reached.gained[0])
    return torch.cat(found)


def log_prior(x: Tensor, prior_std: float) -> Tensor:
    """log N(x; 0, prior_std^2 I), (n, d) -> (n,)."""
    square = x.square().sum(1) / prior_std**2
    return -0.5 * square - 0.5 * x.shape[1] * math.log(2 * math.pi * prior_std**2)


def backwards(field: Flow, x: Tensor, times: Tensor, rate: Rates = exact_rate) -> Iterator[Reached]:
    """Points x (n, d) at times[-1], then where they were at each earlier time, one Runge-Kutta step each."""
    gained = x.new_zeros(1, len(x))
    yield Reached(times[-1], x, None, gained)
    for late, early in zip(times.flip(0)[:-1], times.flip(0)[1:], strict=True):
        x, rates, change = _runge_kutta(field, x, late, early, rate)
        gained = gained + change  # walked backwards, this is minus the integral
        yield Reached(early, x, rates, gained)


def _runge_kutta(field: Flow, x: Tensor, t: Tensor, r: Tensor, rate: Rates) -> tuple[Tensor, Tensor, Tensor]:
    """x at r from x at t, the rates at t, and their integrals from t to r, r < t: by one RK4 step."""
    h, middle = r - t, 0.5 * (t + r)

    def at(y: Tensor, time: Tensor) -> tuple[Tensor, Tensor]:
        return rate(lambda z: field.velocity(z, time), y)

    v1, d1 = at(x, t)
    v2, d2 = at(x + 0.5 * h * v1, middle)
    v3, d3 = at(x + 0.5 * h * v2, middle)
    v4, d4 = at(x + h * v3, r)
    return x + h / 6 * (v1 + 2 * v2 + 2 * v3 + v4), d1, h / 6 * (d1 + 2 * d2 + 2 * d3 + d4)
