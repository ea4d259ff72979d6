"""What a critic is asked to tell apart, and all that is known of it on paper."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.knobs import Choice
from dgm_studio.data.law import Law
from dgm_studio.data.laws import MixtureLaw, MovedLaw, SetLaw
from dgm_studio.data.line import Line
from dgm_studio.data.mixture import Mixture
from dgm_studio.data.uniform_1d import Uniform1D
from dgm_studio.measures import measures
from dgm_studio.measures.transport import exact_plan, potential

TWO_GAUSSIANS, MODES, APART = "gaussians", "modes", "uniforms"
PLANE, RING, LINES = "plane", "ring", "lines"
PAIRS = (
    Choice(TWO_GAUSSIANS, "Two Gaussians, 1D", "One bell, and the same bell shifted by θ."),
    Choice(MODES, "Two modes, 1D", "p has two humps, q is one Gaussian at θ."),
    Choice(APART, "Two boxes, 1D", "Uniform on an interval, and the same shifted by θ: apart they share nothing."),
    Choice(PLANE, "Two Gaussians, 2D", "One round Gaussian, and the same shifted by θ along x₁."),
    Choice(RING, "Eight modes, 2D", "p is eight Gaussians on a ring, q is one Gaussian at θ."),
    Choice(LINES, "Parallel lines", "Lecture 5's: two vertical unit segments, θ apart."),
)
"""Choices of the scene's knob."""

MATCHED = 400
"""Points of each law whose exact transport gives W1 and the best critic where no formula does."""


@dataclass(frozen=True, eq=False)
class Pair:
    """p and q; `grip_height` is where q's grip stands upwards in the plane."""

    p: Law
    q: Law
    grip_height: float = 0.0

    def densities(self, at: Array) -> tuple[Array, Array]:
        """p and q (n,) at points (n, d); both 0 where neither has a density."""
        found = [law.log_density(at) for law in (self.p, self.q)]
        return tuple(np.zeros(len(at)) if one is None else np.exp(one) for one in found)  # type: ignore[return-value]

    def best_logit(self, at: Array) -> Array | None:
        """log p / q (n,), the logit of D* = p / (p + q), NaN where both are 0; None for laws without density."""
        log_p, log_q = self.p.log_density(at), self.q.log_density(at)
        if log_p is None or log_q is None:
            return None
        with np.errstate(invalid="ignore"):  # -inf less -inf is NaN: there is no telling
            return np.asarray(log_p - log_q)

    def jsd(self) -> Generator[None, None, tuple[float, str]]:
        """The true JSD in nats, and how it is known."""
        measure = measures()["jsd"]
        closed = measure.closed_form(self.p, self.q)
        if closed is not None:
            return closed, "closed form"
        found = yield from measure.quadrature(self.p, self.q)
        assert found is not None  # every pair has densities, or a closed form
        return found[0], "quadrature"

    def w1(self) -> Generator[None, None, tuple[float, str]]:
        """The true W1, and how it is known."""
        measure = measures()["w1"]
        closed = measure.closed_form(self.p, self.q)
        if closed is not None:
            return closed, "closed form"
        found = yield from measure.quadrature(self.p, self.q)
        if found is not None:
            return found[0], "quadrature"
        x, y = self._matched()
        plan = yield from exact_plan(x, y, power=1.0)
        return plan.cost, f"exact for {MATCHED} points"

    def best_critic(self, at: Array) -> Generator[None, None, Array]:
        """The Kantorovich potential (n,) at points, centred: in 1D its slope is the sign of F_q - F_p, in the plane it
        is that of MATCHED points of each law, carried to every place by the c-transform."""
        if self.p.dim == 1:
            x, (p, q) = at[:, 0], self.densities(at)
            ahead = np.cumsum(q - p) * (x[1] - x[0])
            slope = np.where(np.abs(ahead) > 1e-6, np.sign(ahead), 0.0)
            f = np.concatenate(([0.0], np.cumsum(0.5 * (slope[1:] + slope[:-1]) * np.diff(x))))
        else:
            left, right = self._matched()
            plan = yield from exact_plan(left, right, power=1.0)
            assert plan.g is not None
            f = potential(at, right, plan.g, 1.0)
        return np.asarray(f - f.mean())

    def _matched(self) -> tuple[Array, Array]:
        rng = np.random.default_rng(0)
        return self.p.draw(MATCHED, rng), self.q.draw(MATCHED, rng)


def pair_of(name: str, theta: float) -> Pair:
    """The pair of that name, with q at theta."""
    if name == TWO_GAUSSIANS:
        bell = MixtureLaw(Mixture.isotropic(np.zeros((1, 1)), 0.5), "Gaussian")
        return Pair(bell, MovedLaw(bell, (theta,)))
    if name == MODES:
        humps = MixtureLaw(Mixture.isotropic(np.array([[-1.3], [1.3]]), 0.4), "Two humps")
        return Pair(humps, MixtureLaw(Mixture.isotropic(np.array([[theta]]), 0.5), "Gaussian"))
    if name == APART:
        box = SetLaw(Uniform1D(half=0.5))
        return Pair(box, MovedLaw(box, (theta,)))
    if name == PLANE:
        cloud = MixtureLaw(Mixture.isotropic(np.zeros((1, 2)), 0.5), "Gaussian")
        return Pair(cloud, MovedLaw(cloud, (theta, 0.0)))
    if name == RING:
        angles = 2 * np.pi * np.arange(8) / 8
        ring = MixtureLaw(Mixture.isotropic(2 * np.column_stack((np.cos(angles), np.sin(angles))), 0.2), "Ring")
        return Pair(ring, MixtureLaw(Mixture.isotropic(np.array([[theta, 0.0]]), 0.5), "Gaussian"))
    return Pair(SetLaw(Line(offset=0.0)), SetLaw(Line(offset=theta)), grip_height=0.5)
