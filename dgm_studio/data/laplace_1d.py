"""A Laplace distribution on the line: a sharp peak and long tails."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.knobs import knob
from dgm_studio.data.on_the_line import OnTheLine

_FAR = 28.0
"""Scales from the middle beyond which 7e-13 of the mass lies: e^-28."""


@dataclass(frozen=True)
class Laplace1D(OnTheLine):
    """p(x) = exp(-|x - m| / b) / (2 b) in one column; the label is the half, left (0) or right (1)."""

    card = Card(
        id="laplace-1d",
        title="Laplace, 1D",
        summary="A sharp peak with long tails: what a Gaussian of the same variance gets wrong at both.",
        paper="Laplace, 1774",
        formula="p(x) = exp(−|x − m| / b) / (2 b)",
        facts=(("density", "closed form"),),
    )
    shifts = ("mean",)
    widths = ("scale",)

    mean: float = knob(0.0, "Middle m", "Where the peak stands.", low=-3.0, high=3.0)
    scale: float = knob(0.72, "Scale b", "Mean distance from the peak.", low=0.05, high=2.0, log=True)

    def log_density(self, points: Array) -> Array:
        """-|x - m| / b - log(2 b) in nats at points (n, 1) -> (n,)."""
        away = np.abs(np.asarray(points, dtype=np.float64)[:, 0] - self.mean)
        return np.asarray(-away / self.scale - np.log(2 * self.scale))

    def score(self, points: Array) -> Array:
        """-sign(x - m) / b at points (n, 1) -> (n, 1); 0 on the peak itself."""
        return np.asarray(-np.sign(np.asarray(points, dtype=np.float64) - self.mean) / self.scale)

    def box(self) -> tuple[tuple[float, float], ...]:
        """28 scales to either side."""
        return ((self.mean - _FAR * self.scale, self.mean + _FAR * self.scale),)

    def breaks(self) -> tuple[float, ...]:
        """The peak, a kink."""
        return (self.mean,)

    def quantile(self, levels: Array) -> Array:
        """m + b log(2 u) below the middle, m - b log(2 (1 - u)) above."""
        u = np.asarray(levels, dtype=np.float64)
        nearer = np.minimum(u, 1 - u)
        with np.errstate(divide="ignore"):
            return np.asarray(self.mean + np.sign(u - 0.5) * -self.scale * np.log(2 * nearer))

    @property
    def middle(self) -> float:
        """m."""
        return self.mean


DATA = Laplace1D()
