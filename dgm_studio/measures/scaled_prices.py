"""Entropic transport between two small clouds in numpy: epsilon comes down in steps, matrix products do the rest.

A few milliseconds, so that what is dragged need not wait for another process (transport.sinkhorn does larger clouds).
"""

from __future__ import annotations

from collections.abc import Generator

import numpy as np

from dgm_studio.core.arrays import Array

SMALL = 100
"""Points of either cloud that are worth it: 10,000 entries."""
FALL = 0.5
"""Epsilon over the last one, on the way from the largest cost down."""
SHORT, LONG, SLICE = 4, 10, 200
"""Steps at an epsilon that is passed, between two looks at the error at the last one, and between two yields."""


def self_dual_value(x: Array, epsilon: float, close: float, most: int) -> tuple[float, float]:
    """`dual_value` of a cloud x (n, d) with itself, whose two prices are one: u <- sqrt(u a / (K u)), the average of
    Sinkhorn's step and the step before, which needs a few where Sinkhorn's own need hundreds (Feydy et al., 2019,
    section 3.1)."""
    n, cost = len(x), _costs(x, x)
    f = np.zeros(n)
    now, taken = max(epsilon, float(cost.max())), 0
    while True:
        now = max(epsilon, now * FALL)
        last = now <= epsilon
        while True:
            kernel, u = np.exp((f[:, None] + f - cost) / now) / n, np.ones(n)
            for _ in range(SHORT):
                u = np.sqrt(u / (kernel @ u))
            taken += SHORT
            f = f + now * np.log(u)
            if not last:
                break
            error = float(np.abs(u * (kernel @ u) - 1).mean())
            if error < close or taken >= most:
                return 2 * float(f.mean()), error


def dual_value(
    x: Array, y: Array, epsilon: float, close: float, most: int
) -> Generator[None, None, tuple[float, float]]:
    """(OT_e, error) of clouds x (n, d), y (m, d) of uniform weights: OT_e = min over plans E |x - y|^2 + epsilon
    KL(plan | p q) as its dual value mean f + mean g, error the mass (L1) on wrong points of y.

    Sinkhorn's iterations (Cuturi, 2013), their scalings taken into the prices now and then, from a large epsilon to the
    wanted one (Schmitzer, 2019, algorithm 2); until the error is below `close` or `most` steps are taken.
    Each yield ends a slice of SLICE steps.
    """
    n, m = len(x), len(y)
    cost = _costs(x, y)
    f, g = np.zeros(n), np.zeros(m)
    now, taken, error = max(epsilon, float(cost.max())), 0, np.inf
    while True:
        now = max(epsilon, now * FALL)
        last = now <= epsilon
        # Every row and every column then has a reduced cost of 0: no sum of a kernel's row underflows.
        g = (cost - f[:, None]).min(axis=0)
        f = (cost - g).min(axis=1)
        while True:
            kernel = np.exp((f[:, None] + g - cost) / now) / (n * m)
            u = np.ones(n)
            for _ in range(LONG if last else SHORT):
                v = (1 / m) / (u @ kernel)
                u = (1 / n) / (kernel @ v)
            taken += LONG if last else SHORT
            f, g = f + now * np.log(u), g + now * np.log(v)
            if not last:
                break
            error = float(np.abs(v * (u @ kernel) - 1 / m).sum())
            if error < close or taken >= most:
                return float(f.mean() + g.mean()), error
            if taken % SLICE < LONG:
                yield


def _costs(x: Array, y: Array) -> Array:
    """Squared distances (n, m) of x (n, d) and y (m, d)."""
    return np.asarray(np.maximum((x**2).sum(1)[:, None] + (y**2).sum(1) - 2 * x @ y.T, 0.0))
