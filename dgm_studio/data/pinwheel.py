"""The pinwheel: Gaussian blades, twisted more the farther out they reach."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.knobs import knob
from dgm_studio.data.dataset import Cloud, DataSet
from dgm_studio.data.mixture import REACH

_SCALE = 1.7


@dataclass(frozen=True)
class Pinwheel(DataSet):
    """x = 1.7 R(2 pi k / K + rate exp|f|) f, f ~ N((1, 0), diag(radial^2, tangential^2)), label k.

    Johnson et al. twist by exp(f_1); here by exp|f|, which looks the same but turns whole circles: the map
    keeps |f| and areas and inverts at sight, so p(x) = (1/K) sum_k N(f_k(x)) / 1.7^2 is exact.
    """

    card = Card(
        id="pinwheel",
        title="Pinwheel",
        summary="Curved blades around a hole: several classes that are Gaussian before a twist.",
        paper="Johnson et al., 2016",
        formula="x = R(2πk/K + ρ e^{|f|}) f",
        facts=(("density", "closed form"),),
    )

    arms: int = knob(5, "Blades", "How many blades, each a class.", low=2, high=10)
    radial_std: float = knob(0.3, "Length", "Spread along a blade.", low=0.05, high=0.5, log=True)
    tangential_std: float = knob(0.1, "Width", "Spread across a blade.", low=0.02, high=0.5, log=True)
    rate: float = knob(0.25, "Twist", "How much the blades bend; 0 is straight.", low=0.0, high=0.6)

    def draw(self, n: int, rng: np.random.Generator) -> Cloud:
        """Gaussian blades, each point then turned by the angle of its radius."""
        blade = rng.integers(self.arms, size=n)
        f = rng.standard_normal((n, 2)) * (self.radial_std, self.tangential_std) + (1.0, 0.0)
        points = _SCALE * _turned(f, self._angle(blade, np.hypot(f[:, 0], f[:, 1])))
        return Cloud(points.astype(np.float32), blade.astype(np.int64))

    def log_density(self, points: Array) -> Array:
        """log p(x) in nats at points (n, 2) -> (n,): turn back by each blade's angle, then a Gaussian."""
        x = np.asarray(points, dtype=np.float64) / _SCALE
        radius = np.hypot(x[:, 0], x[:, 1])
        parts = np.empty((self.arms, len(x)))
        for k in range(self.arms):
            f = _turned(x, -self._angle(np.full(len(x), k), radius))
            parts[k] = -0.5 * (((f[:, 0] - 1) / self.radial_std) ** 2 + (f[:, 1] / self.tangential_std) ** 2)
        norm = np.log(2 * np.pi * self.radial_std * self.tangential_std * self.arms * _SCALE**2)
        return np.asarray(np.logaddexp.reduce(parts, axis=0) - norm)

    def score(self, points: Array) -> Array:
        """grad log p(x) at points (n, 2) -> (n, 2): f_k = R(-a(|x|)) x has Jacobian R(-a) - (J f) (a'(|x|) x / |x|)^T,
        J the quarter turn."""
        x = np.asarray(points, dtype=np.float64) / _SCALE
        radius = np.hypot(x[:, 0], x[:, 1])
        parts, pulls = np.empty((self.arms, len(x))), np.empty((self.arms, len(x), 2))
        faster = self.rate * np.exp(np.minimum(radius, 20.0)) / np.maximum(radius, 1e-300)
        for k in range(self.arms):
            angle = self._angle(np.full(len(x), k), radius)
            f = _turned(x, -angle)
            pull = -np.stack([(f[:, 0] - 1) / self.radial_std**2, f[:, 1] / self.tangential_std**2], axis=1)
            parts[k] = 0.5 * (pull[:, 0] * (f[:, 0] - 1) + pull[:, 1] * f[:, 1])
            twist = faster * (f[:, 0] * pull[:, 1] - f[:, 1] * pull[:, 0])
            pulls[k] = _turned(pull, angle) - twist[:, None] * x
        shares = np.exp(parts - parts.max(axis=0))
        return np.asarray((shares[:, :, None] * pulls).sum(axis=0) / shares.sum(axis=0)[:, None] / _SCALE)

    def box(self) -> tuple[tuple[float, float], ...]:
        """A square around the farthest a blade reaches: the twist keeps radii."""
        far = _SCALE * float(np.hypot(1 + REACH * self.radial_std, REACH * self.tangential_std))
        return (-far, far), (-far, far)

    def _angle(self, blade: Array, radius: Array) -> Array:
        # Far outside the data exp(radius) overflows; there the density is 0 to rounding whatever the angle.
        return np.asarray(2 * np.pi * blade / self.arms + self.rate * np.exp(np.minimum(radius, 20.0)))


def _turned(points: Array, angle: Array) -> Array:
    """Points (n, 2) turned counter-clockwise about the origin by angles (n,)."""
    c, s = np.cos(angle), np.sin(angle)
    return np.stack([c * points[:, 0] - s * points[:, 1], s * points[:, 0] + c * points[:, 1]], axis=1)


DATA = Pinwheel()
