"""The Sinkhorn divergence: entropic transport with its blur taken off again."""

from __future__ import annotations

import math

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.aside import aside_warm
from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.core.measured import DISTANCE
from dgm_studio.data.law import Law
from dgm_studio.measures.gaussians import normal_of
from dgm_studio.measures.measure import SAMPLES, Estimator, Measure, Slow, same_space
from dgm_studio.measures.moments import cross_root
from dgm_studio.measures.scaled_prices import SMALL, dual_value, self_dual_value
from dgm_studio.measures.supports import coincide
from dgm_studio.measures.transport import costs, sinkhorn
from dgm_studio.measures.wasserstein import ANY_DIM

EPSILON = 0.1
"""Of the entropy's term, in units of distance squared."""
CLOSE, ROUGH = 1e-3, 1e-2
"""The share of the mass (L1) on wrong points at which the iterations stop (the value is then good to 1e-4 of itself),
and the share at which the value is not told."""
WORK, FEWEST, LONGEST = 4e9, 1_000, 5_000
"""Pairs looked at in all by one plan's iterations, some 5 s; iterations at least and at most."""
MOST, QUICK = 2_000, 500
"""Points that are taken: 3 plans of 32 MB, some 3 s; points of some 0.1 s."""
BIAS = "Reads too high near p = q, as W2 does, but less: the blur of epsilon hides the gaps between points."


class SinkhornDivergence(Measure):
    """sqrt(S), S = OT(p, q) - OT(p, p) / 2 - OT(q, q) / 2, OT = min over plans E |x - y|^2 + epsilon KL(plan | p q)."""

    card = Card(
        id="sinkhorn",
        title=f"Sinkhorn divergence, ε = {EPSILON:g}",
        summary="Entropic transport less its own bias, as a distance: between W2 (ε → 0) and |difference of means|.",
        lecture="5",
        paper="Cuturi, 2013; Feydy et al., 2019",
        formula=f"√(OT(p, q) − ½ OT(p, p) − ½ OT(q, q)),  OT = min E |x − y|² + ε KL(γ ‖ p ⊗ q),  ε = {EPSILON:g}",
        needs=(SAMPLES,),
        facts=(("unit", DISTANCE), ("symmetric", True)),
    )

    def closed_form(self, p: Law, q: Law) -> float | None:
        """|shift| of two laws of one shape, whatever epsilon; Gaussians (Janati et al., 2020, theorem 1)."""
        if coincide(p, q):
            return 0.0
        shift = p.shift_to(q)
        if shift is not None:
            return float(np.linalg.norm(shift))
        one, other = normal_of(p), normal_of(q)
        if one is None or other is None or p.dim != q.dim:
            return None
        gap = one.mean - other.mean
        a, b = one.covariance, other.covariance
        return math.sqrt(max(0.0, float(gap @ gap) + _spread(a, b) - _spread(a, a) / 2 - _spread(b, b) / 2))


def _spread(a: Array, b: Array) -> float:
    """What OT_e of N(0, A), N(0, B) does not have in common with those of (A, A) and (B, B), halved and added:
    -tr D + e/2 log |D + e/2 I|, D = (4 A^1/2 B A^1/2 + e^2/4 I)^1/2."""
    half = EPSILON / 2
    d = cross_root(a, 4 * b, half**2)
    return float(-np.trace(d) + half * np.linalg.slogdet(d + half * np.eye(len(d)))[1])


def _estimate(x: Array, y: Array, p: Law, q: Law, rng: np.random.Generator) -> Slow:
    same_space(x, y, 1, "The Sinkhorn divergence")
    if max(len(x), len(y)) <= SMALL:
        return (yield from _small(x, y))
    value: float = yield from aside_warm(sinkhorn_divergence, np.ascontiguousarray(x), np.ascontiguousarray(y), EPSILON)
    return value


def _small(x: Array, y: Array) -> Slow:
    """`sinkhorn_divergence` of few points, without another process: it follows a hand that drags."""
    across, error = yield from dual_value(x, y, EPSILON, CLOSE, LONGEST)
    _converged(error)
    within = []
    for cloud in (x, y):
        value, error = self_dual_value(cloud, EPSILON, CLOSE, LONGEST)
        _converged(error)
        within.append(value)
    return _root(across, *within)


def _root(across: float, within: float, inside: float) -> float:
    return math.sqrt(max(0.0, across - within / 2 - inside / 2))


def _converged(error: float) -> None:
    if not error < ROUGH:
        raise Refused(
            f"The Sinkhorn divergence at epsilon {EPSILON:g} does not converge on clouds that spread this far: scale "
            "the points down, or take W2."
        )


def sinkhorn_divergence(x: Array, y: Array, epsilon: float) -> float:
    """sqrt(S) of clouds x (n, d), y (m, d) of uniform weights, in the helper process.

    OT_e is the dual value sum a f + sum b g. POT's empirical_sinkhorn_divergence drops the entropy from its losses: it
    may then fall below 0, which it clips. Refused where the iterations do not converge.
    """
    return _root(*(_dual(*pair, epsilon) for pair in ((x, y), (x, x), (y, y))))


def _dual(x: Array, y: Array, epsilon: float) -> float:
    a, b = np.full(len(x), 1 / len(x)), np.full(len(y), 1 / len(y))
    iterations = int(np.clip(WORK / (len(x) * len(y)), FEWEST, LONGEST))
    # POT's tolerance is of the L2 norm
    mass, f, g, _ = sinkhorn(costs(x, y, 2), a, b, epsilon, iterations, np.zeros(len(y)), CLOSE / math.sqrt(len(y)))
    _converged(float(np.abs(mass.sum(axis=0) - b).sum()))
    return float(f.mean() + g.mean())


SinkhornDivergence.estimators = (
    Estimator("sinkhorn", "Sinkhorn's iterations", _estimate, BIAS, most=MOST, quick=QUICK, dims=ANY_DIM),
)
MEASURE = SinkhornDivergence()
