"""The Kolmogorov-Fokker-Planck equation on the line by finite volumes: mass is conserved, the kept density is kept."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array

GAMMA = 1.0 - 1.0 / math.sqrt(2.0)
"""Of the implicit Runge-Kutta method: both stages have it on the diagonal (Alexander, 1977: order 2, L-stable)."""
LEAST = 1e-300
NEGATIVE, MOST_PIECES = 1e-9, 32
"""A step that leaves a density below minus so much of its peak is halved, at most to so many pieces: a front that runs
over many cells at once rings."""


@dataclass(frozen=True, eq=False)
class Grid:
    """`cells` cells of one width over [-half, half], no flux through its walls."""

    half: float
    cells: int

    @property
    def width(self) -> float:
        """Of a cell."""
        return 2.0 * self.half / self.cells

    @property
    def edges(self) -> Array:
        """(cells + 1,)."""
        return np.linspace(-self.half, self.half, self.cells + 1)

    @property
    def centres(self) -> Array:
        """(cells,)."""
        return (np.arange(self.cells) + 0.5) * self.width - self.half


def bernoulli(z: Array) -> Array:
    """B(z) = z / (exp(z) - 1), with B(0) = 1."""
    small = np.abs(z) < 1e-8
    safe = np.where(small, 1.0, z)
    with np.errstate(over="ignore"):
        return np.where(small, 1.0 - 0.5 * z, safe / np.expm1(safe))


def exchange(log_kept: Array, width: float) -> tuple[Array, Array]:
    """Rates (cells - 1,) up and down through each inner face, per unit of the clock integral of g^2 / 2 dt.

    For f = g^2 / 2 d log(kept)/dx the flux is J = up p_i - down p_{i+1} with up = B(-w) / width, down = B(w) / width,
    w = log kept_{i+1} - log kept_i: exact for a flux that is constant between two centres, and zero for the kept
    density itself (Scharfetter and Gummel, 1969).
    """
    w = np.diff(log_kept)
    return bernoulli(-w) / width, bernoulli(w) / width


def operator(log_kept: Array, width: float) -> Array:
    """The matrix M of dp/dclock = M p as bands (3, cells): above, on and below the diagonal. Each of its columns sums
    to zero, so no mass is lost; off the diagonal nothing is negative."""
    up, down = exchange(log_kept, width)
    bands = np.zeros((3, len(log_kept)))
    bands[0, 1:] = down / width
    bands[2, :-1] = up / width
    bands[1, :-1] -= up / width
    bands[1, 1:] -= down / width
    return bands


def evolve(start: Array, log_kept: Array, clock: Array, width: float) -> Array:
    """Cell averages of the density (steps + 1, cells) at the values of `clock` (steps + 1,), from `start` (cells,).

    dp/dt = -d(f p)/dx + g^2 / 2 d^2p/dx^2 with f = g^2 / 2 d log(kept)/dx and clock = integral of g^2 / 2 dt; both
    stages of a step are implicit, so no step is too long to be stable (lecture 10; Alexander, 1977).
    """
    bands = operator(log_kept, width)
    out = np.empty((len(clock), len(start)))
    p = out[0] = start
    for index, h in enumerate(np.diff(clock), start=1):
        p = out[index] = without_ringing(lambda q, part: step(q, part, bands), p, h)
    return out


def without_ringing(advance: Callable[[Array, float], Array], p: Array, h: float, most: int = MOST_PIECES) -> Array:
    """p advanced by h of the clock, in as many pieces as it takes, `most` at most: see NEGATIVE."""
    pieces = 1
    then = advance(p, h)
    while then.min() < -NEGATIVE * then.max() and pieces < most:
        pieces *= 2
        then = p
        for _ in range(pieces):
            then = advance(then, h / pieces)
    return then


def step(p: Array, h: float, bands: Array) -> Array:
    """Both stages over h of the clock."""
    from scipy.linalg import solve_banded

    system = -GAMMA * h * bands
    system[1] += 1.0
    first = solve_banded((1, 1), system, p, check_finite=False)
    onwards = p + (1.0 - GAMMA) / GAMMA * (first - p)
    return np.asarray(solve_banded((1, 1), system, onwards, check_finite=False))


def flow_velocity(p: Array, log_kept: Array, width: float) -> Array:
    """Velocity at the inner faces (cells - 1,), per unit of the clock, of the ODE with the same densities: the flux
    over the density, f - g^2 / 2 d log p/dx (lecture 10, probability-flow ODE)."""
    log_p = np.log(np.maximum(p, LEAST))
    return np.asarray((np.diff(log_kept) - np.diff(log_p)) / width)


def divergence_from(p: Array, log_kept: Array, width: float) -> float:
    """KL(p || kept) in nats of cell averages p (cells,), kept = exp(log_kept) times what makes its mass 1."""
    top = float(log_kept.max())
    log_mass = top + math.log(width * float(np.exp(log_kept - top).sum()))
    inside = p > 0
    return float(width * (p[inside] * (np.log(p[inside]) - log_kept[inside] + log_mass)).sum())


def total_variation(p: Array, q: Array, width: float) -> float:
    """Half the integral of |p - q| over cell averages."""
    return float(0.5 * width * np.abs(p - q).sum())
