"""One curve of a plot: growing arrays, an exponential average, and what of it a screen can show."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.arrays import Array


class Curve:
    """Steps and values in growing float64 buffers, with the bias-corrected average y_n = m_n /

    (1 - beta^n).
    """

    def __init__(self, beta: float) -> None:
        self._steps = np.empty(1024)
        self._values = np.empty(1024)
        self._smooth = np.empty(1024)
        self.size = 0
        self._beta = beta
        self._mean, self._seen = 0.0, 0

    @property
    def steps(self) -> Array:
        """Steps (n,)."""
        return self._steps[: self.size]

    @property
    def values(self) -> Array:
        """Raw values (n,)."""
        return self._values[: self.size]

    @property
    def smooth(self) -> Array:
        """Averaged values (n,)."""
        return self._smooth[: self.size]

    def append(self, steps: Array, values: Array) -> None:
        """More points, steps rising."""
        steps = np.asarray(steps, dtype=float).ravel()
        values = np.asarray(values, dtype=float).ravel()
        need = self.size + len(steps)
        if need > len(self._steps):
            room = max(need, 2 * len(self._steps))
            for name in ("_steps", "_values", "_smooth"):
                grown = np.empty(room)
                grown[: self.size] = getattr(self, name)[: self.size]
                setattr(self, name, grown)
        self._steps[self.size : need] = steps
        self._values[self.size : need] = values
        self._average(self.size, need)
        self.size = need

    def set_beta(self, beta: float) -> None:
        """Another smoothing: everything is averaged anew."""
        self._beta = beta
        self._mean, self._seen = 0.0, 0
        self._average(0, self.size)

    def _average(self, start: int, stop: int) -> None:
        beta, mean, seen = self._beta, self._mean, self._seen
        if beta <= 0.0:
            self._smooth[start:stop] = self._values[start:stop]
            return
        out = []
        for value in self._values[start:stop].tolist():
            if value - value == 0.0:  # a NaN or an infinity must not stay in the average for ever
                mean = beta * mean + (1 - beta) * value
                seen += 1
            out.append(mean / (1 - beta**seen) if seen else np.nan)
        self._smooth[start:stop] = out
        self._mean, self._seen = mean, seen


def thinned(steps: Array, values: Array, columns: int) -> tuple[Array, Array]:
    """At most 2 * columns points whose line covers the same pixels.

    Each column's lowest and highest value.
    """
    n = len(steps)
    if n <= 2 * columns:
        return steps, values
    edges = np.linspace(0, n, columns + 1).astype(int)[:-1]
    low, high = np.fmin.reduceat(values, edges), np.fmax.reduceat(values, edges)
    x = np.repeat(steps[edges], 2)
    y = np.empty(2 * columns)
    y[0::2], y[1::2] = low, high
    x[-1], y[-1] = steps[-1], values[-1]
    return x, y


def sampled(steps: Array, values: Array, columns: int) -> tuple[Array, Array]:
    """At most columns + 1 points of a curve that is smooth already: one a column, and the last."""
    n = len(steps)
    if n <= columns:
        return steps, values
    places = np.append(np.linspace(0, n, columns + 1).astype(int)[:-1], n - 1)
    return steps[places], values[places]
