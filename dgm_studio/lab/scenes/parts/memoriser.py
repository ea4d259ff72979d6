"""Lecture 5's two misleading models of N(0, I): what their log-likelihood is on average, without sampling."""

from __future__ import annotations

import math
from collections.abc import Generator
from functools import cache

import numpy as np

from dgm_studio.core.arrays import Array, frozen

NOISE = 3.0
"""Standard deviation tau of p_noise = N(0, tau^2 I): three times too wide."""
GOOD = 0.01
"""Share of p in the mixture, as on the slide."""
NODES, REACH = 40, 6.0
"""Gauss-Legendre nodes over the radius, and how far from sqrt(m) they go: its spread is under 0.71 for every m."""
STEPS, TAIL = 700, 40.0
"""Distances that the inner integral is summed over; below e^-TAIL nothing counts."""
SLICES = 12
LEAST, MOST = -15.0, 4.0
"""Between these arguments the integral's kernel is neither e^s nor 1."""


def truth(m: float) -> float:
    """E log p(x) = -(m / 2) (1 + log 2 pi) of p = N(0, I) in m dimensions: minus its entropy."""
    return -m / 2 * (1 + math.log(2 * math.pi))


def one_point(m: float, epsilon: float) -> float:
    """E log N(x | x_1, epsilon I) = -(m / 2) log(2 pi epsilon) - m / epsilon over x, x_1 ~ N(0, I): a memoriser of one
    datum, and below one of any n (the log is concave)."""
    return -m / 2 * math.log(2 * math.pi * epsilon) - m / epsilon


def all_points(m: float, epsilon: float) -> float:
    """E log N(x | 0, (1 + epsilon) I): a memoriser of infinitely many data, and above one of any n (Jensen)."""
    return -m / 2 * (math.log(2 * math.pi * (1 + epsilon)) + 1 / (1 + epsilon))


@cache
def radii(m: int) -> tuple[Array, Array]:
    """Nodes r (k,) and weights (k,) of the law of |x|, x ~ N(0, I) in m dimensions (density ~ r^(m-1) e^(-r^2/2))."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    low, high = max(0.0, math.sqrt(m) - REACH), math.sqrt(m) + REACH
    r = low + (high - low) * (nodes + 1) / 2
    logs = (m - 1) * np.log(r) - r**2 / 2
    share = weights * np.exp(logs - logs.max())
    return frozen(r), frozen(share / share.sum())


def log_ratio(squares: Array, m: int) -> Array:
    """log p_noise(x) / p(x) at |x|^2 = squares (n,)."""
    out: Array = -m * math.log(NOISE) + squares / 2 * (1 - NOISE**-2)
    return out


def lost_to_noise(ratio: Array) -> Array:
    """log p(x) - log p_2(x) = -log(0.01 + 0.99 p_noise / p) at log ratios (n,): log 100 at most."""
    out: Array = -np.logaddexp(math.log(GOOD), math.log1p(-GOOD) + ratio)
    return out


@cache
def noise_gap(m: int) -> float:
    """E log p - E log p_2 = KL(p || p_2) in m dimensions, by Gauss-Legendre over |x|."""
    r, weights = radii(m)
    return float(weights @ lost_to_noise(log_ratio(r**2, m)))


def memoriser(n: int, m: int, epsilon: float) -> Generator[None, None, float]:
    """E log p_1(x) over x and x_1 .. x_n ~ N(0, I), p_1 = 1/n sum_i N(x | x_i, epsilon I), by quadrature.

    With S = sum_i exp(-d_i / 2 epsilon), d_i = |x - x_i|^2, Frullani's integral gives E log S = int over u of
    exp(-e^u) - E exp(-e^u S). Given |x| = r the d_i are independent, noncentral chi^2 of m degrees and r^2, so that the
    last term is (1 - E[1 - exp(-e^(u - v))])^n, v = d / 2 epsilon, whose mass is spread evenly within each of STEPS
    cells: to 3e-4 of the value. Each yield ends a slice of some 10 ms.
    """
    from scipy.special import chndtr  # takes a while to load

    r, share = radii(m)
    middle, spread = m + r**2, np.sqrt(2 * m + 4 * r**2)
    low = max(float((middle - 9 * spread).min()), 1e-6 ** (2 / min(m, 3)) / n ** (2 / m))
    edges = np.geomspace(low, float((middle + 9 * spread).max()), STEPS + 1)
    v = edges / (2 * epsilon)
    u = np.unique(np.concatenate((
        v[0] - np.linspace(0, math.log(n) + TAIL, 300), v, v[-1] + np.linspace(0, 6, 40),
    )))  # fmt: skip
    yield
    reached = np.empty((len(u), STEPS))
    for rows in np.array_split(np.arange(len(u)), SLICES):
        reached[rows] = np.diff(_area(u[rows, None] - v[None, :]), axis=1) / -np.diff(v)
        yield
    left = np.zeros(len(u))
    for radius, weight in zip(r, share, strict=True):
        below = chndtr(edges, m, radius**2)
        mass = np.diff(below)
        mass[0] += below[0]
        mass[-1] += 1 - below[-1]
        with np.errstate(divide="ignore"):
            left += weight * np.exp(n * np.log1p(-np.minimum(reached @ mass, 1.0)))
        yield
    # int of exp(-e^u) - 1(u < 0) is minus Euler's constant; the rest is the area between E exp(-e^u S) and that step.
    log_s = -np.euler_gamma - float(np.trapezoid(left, u) + u[0])
    return -m / 2 * math.log(2 * math.pi * epsilon) - math.log(n) + log_s


def _area(x: Array) -> Array:
    """The integral of 1 - exp(-e^s) over s up to x: x + Euler's constant + E_1(e^x), element by element."""
    from scipy.special import exp1

    out: Array = np.where(x < LEAST, np.exp(np.minimum(x, 0.0)), x + np.euler_gamma)
    near = (x >= LEAST) & (x < MOST)
    out[near] += exp1(np.exp(x[near]))
    return out
