"""Sequences p_t -> pi on the line whose five distances are known on paper for every t: witnesses of lecture 5's
Theorem 2 and of what it does not say."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.data.law import Law
from dgm_studio.data.laws import DiscreteLaw, MixtureLaw
from dgm_studio.data.mixture import Mixture
from dgm_studio.lab.scenes.parts.stretches import Stretches, Wave

INF, LOG_2 = math.inf, math.log(2.0)


@dataclass(frozen=True, eq=False)
class Distances:
    """KL(pi || p_t), KL(p_t || pi), JSD in nats, TV, W1 in units of x: arrays over t, infinity where that is the
    value."""

    kl: Array
    reverse: Array
    jsd: Array
    tv: Array
    w1: Array


@dataclass(frozen=True)
class Sequence:
    """`limits` of the five distances as t -> infinity, in their order; `compact`: whether all p_t live on one compact
    space, as the theorem asks. With d = 1 / (t + 1) everywhere."""

    id: str
    title: str
    formula: str
    shows: str
    limit: Callable[[], Law]
    law: Callable[[int], Law]
    distances: Callable[[Array], Distances]
    limits: tuple[float, float, float, float, float]
    reach: tuple[float, float]
    compact: bool = True

    def holds(self) -> tuple[bool, bool, bool]:
        """Whether statements (1), (2), (3) of Theorem 2 hold; (1) asks for either of the two KLs."""
        kl, reverse, jsd, _, w1 = self.limits
        return kl == 0 or reverse == 0, jsd == 0, w1 == 0


def _gap(t: Array) -> Array:
    return 1.0 / (t + 1.0)


def _full(t: Array, value: float) -> Array:
    return np.full(len(t), value)


def _apart(t: Array, w1: Array) -> Distances:
    """Laws with no mass in common."""
    return Distances(_full(t, INF), _full(t, INF), _full(t, LOG_2), _full(t, 1.0), w1)


def _added(t: Array, w1: Array) -> Distances:
    """p_t = (1 - d) pi + d nu with nu where pi has no mass."""
    d = _gap(t)
    kept, half = np.log1p(-d), np.log1p(-d / 2)
    jsd = 0.5 * (-half + (1 - d) * (kept - half) + d * LOG_2)
    return Distances(-kept, _full(t, INF), jsd, d, w1)


def _cut(t: Array) -> Distances:
    """pi = U[0, 1], p_t = U[0, 1 - d], density a = 1 / (1 - d)."""
    d = _gap(t)
    log_a = -np.log1p(-d)
    log_mean = np.log1p(-d / 2) - np.log1p(-d)  # of the densities 1 and a
    jsd = 0.5 * (-(1 - d) * log_mean + d * LOG_2 + log_a - log_mean)
    return Distances(_full(t, INF), log_a, jsd, d, d / 2)


def _slid(t: Array) -> Distances:
    """pi = U[0, 1], p_t = U[d, 1 + d]: a share d of either lies where the other has nothing."""
    d = _gap(t)
    return Distances(_full(t, INF), _full(t, INF), d * LOG_2, d, d)


def _needle(t: Array) -> Distances:
    """pi = U[0, 1]; p_t has density e^c on [0, e^-c / c], e^-c on the next 1 / c, 1 on the rest; c = 3 sqrt(t)."""
    c = 3 * np.sqrt(t)
    hole, low = 1 / c, np.exp(-c)
    kl = 1 - low
    jsd = hole * (LOG_2 - np.log1p(low)) + hole * low * (LOG_2 - c - np.log1p(low))
    return Distances(kl, kl, jsd, hole * kl, kl * hole * hole * (1 + low) / 2)


def _wave(amplitude: Array, waves: Array) -> Distances:
    """pi = U[0, 1], p = 1 + a cos(2 pi k x). With s = sqrt(1 - a^2), the means over x of log(1 + a cos) and of
    cos log(1 + a cos) are log((1 + s) / 2) and (1 - s) / a (Gradshteyn and Ryzhik, 4.224)."""
    a = amplitude
    s, half = np.sqrt(1 - a**2), np.sqrt(1 - a**2 / 4)
    log_p, log_m = np.log((1 + s) / 2), np.log((1 + half) / 2)
    reverse = log_p + 1 - s
    jsd = 0.5 * (-log_m + reverse - (log_m + 2 * (1 - half)))
    return Distances(-log_p, reverse, jsd, a / np.pi, a / (np.pi**2 * waves))


def _unit() -> Law:
    return Stretches("U[0, 1]", [0.0], [1.0], [1.0])


def _point(at: float) -> Law:
    return DiscreteLaw(np.array([[at]]), title="a point")


def _needle_law(t: int) -> Law:
    c = 3 * math.sqrt(t)
    hole, thin = 1 / c, math.exp(-c) / c
    edges = [0, thin, thin + hole, 1]
    return Stretches("needle and hole", edges[:-1], edges[1:], [hole, thin, 1 - hole - thin])


def _grid(t: int) -> Law:
    return DiscreteLaw((np.arange(t)[:, None] + 0.5) / t, title=f"{t} points")


def _bump(t: int, far: float) -> Law:
    d = 1 / (t + 1)
    return Stretches("with a bump", [0, far], [1, far + 1], [1 - d, d])


def _bell(t: int) -> Law:
    return MixtureLaw(Mixture.isotropic(np.zeros((1, 1)), 1 / (t + 1)), "bell")


SEQUENCES: tuple[Sequence, ...] = (
    Sequence(
        "wave", "Fading wave", "π = U[0, 1], pₜ(x) = 1 + cos(2πx) / (t + 1)",
        "everything tends to 0: a wave that fades is near π in every sense",
        _unit, lambda t: Wave("fading wave", 1 / (t + 1), 1),
        lambda t: _wave(_gap(t), np.ones_like(t)), (0, 0, 0, 0, 0), (0, 1),
    ),
    Sequence(
        "bump", "Vanishing bump", "π = U[0, 1], pₜ = (1 − d) U[0, 1] + d U[2, 3], d = 1 / (t + 1)",
        "one of the two KLs is enough for (1): KL(pₜ ‖ π) stays infinite while the bump lives",
        _unit, lambda t: _bump(t, 2.0), lambda t: _added(t, 2 * _gap(t)), (0, INF, 0, 0, 0), (0, 3),
    ),
    Sequence(
        "cut", "Missing edge", "π = U[0, 1], pₜ = U[0, 1 − d], d = 1 / (t + 1)",
        "one of the two KLs is enough for (1): KL(π ‖ pₜ) stays infinite while an edge is missing",
        _unit, lambda t: Stretches("cut", [0.0], [1 - 1 / (t + 1)], [1.0]), _cut, (INF, 0, 0, 0, 0), (0, 1),
    ),
    Sequence(
        "slide", "Sliding block", "π = U[0, 1], pₜ = U[d, 1 + d], d = 1 / (t + 1)",
        "(2) does not give (1): whatever sticks out, however little, makes both KLs infinite",
        _unit, lambda t: Stretches("slid", [1 / (t + 1)], [1 + 1 / (t + 1)], [1.0]), _slid,
        (INF, INF, 0, 0, 0), (0, 1.5),
    ),
    Sequence(
        "needle", "Needle and hole", "π = U[0, 1], pₜ = eᶜ on [0, e⁻ᶜ/c], e⁻ᶜ on the next 1/c, else 1; c = 3√t",
        "(2) does not give (1), and not for want of support: both KLs are finite and tend to 1",
        _unit, _needle_law, _needle, (1, 1, 0, 0, 0), (0, 1),
    ),
    Sequence(
        "fast", "Ever faster wave", "π = U[0, 1], pₜ(x) = 1 + cos(2πtx)",
        "(3) does not give (2), with densities and finite KLs: mass moves a step of 1/t, but everywhere",
        _unit, lambda t: Wave("fast wave", 1.0, t), lambda t: _wave(np.ones_like(t), t),
        (LOG_2, 1 - LOG_2, float(_wave(np.ones(1), np.ones(1)).jsd[0]), 1 / math.pi, 0), (0, 1),
    ),
    Sequence(
        "grid", "Finer and finer grid", "π = U[0, 1], pₜ uniform on (i − ½) / t, i = 1 … t",
        "(3) does not give (2): t points never have mass in common with a density",
        _unit, _grid, lambda t: _apart(t, 0.25 / t), (INF, INF, LOG_2, 1, 0), (0, 1),
    ),
    Sequence(
        "point", "Sliding point", "π = δ₀, pₜ = δ(1 / (t + 1)), as the lecture's parallel lines",
        "(3) does not give (2): apart is apart for KL and JSD, however near; only W sees the distance",
        lambda: _point(0.0), lambda t: _point(1 / (t + 1)), lambda t: _apart(t, _gap(t)),
        (INF, INF, LOG_2, 1, 0), (-0.1, 1),
    ),
    Sequence(
        "shrink", "Shrinking bell", "π = δ₀, pₜ = N(0, 1 / (t + 1)²)",
        "(3) does not give (2): a density has no mass at the point it shrinks to (and N lives on no compact space: W "
        "tends to 0 all the same)",
        lambda: _point(0.0), _bell,
        lambda t: _apart(t, math.sqrt(2 / math.pi) * _gap(t)), (INF, INF, LOG_2, 1, 0), (-2, 2), False,
    ),
    Sequence(
        "far", "Ever farther bump", "π = U[0, 1], pₜ = (1 − d) U[0, 1] + d U[t + 1, t + 2], d = 1 / (t + 1)",
        "why the theorem asks for a compact space: a vanishing share carried ever farther costs W = 1 for ever",
        _unit, lambda t: _bump(t, t + 1.0), lambda t: _added(t, np.ones_like(t)), (0, INF, 0, 0, 1), (0, 6), False,
    ),
)  # fmt: skip
