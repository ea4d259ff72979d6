"""The energy distance, squared: twice the mean distance between the laws, less that within each."""

from __future__ import annotations

import math

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.measured import DISTANCE
from dgm_studio.data.law import Law
from dgm_studio.data.mixture import Mixture
from dgm_studio.measures.measure import SAMPLES, Estimator, Measure, Slow, same_space
from dgm_studio.measures.moments import as_mixture
from dgm_studio.measures.pairs import BLOCKED, QUICK, discrepancy
from dgm_studio.measures.wasserstein import ANY_DIM

MANY = 1_000_000
"""Pairs of components up to which the closed form is summed."""


class Energy(Measure):
    """D^2(p, q) = 2 E |x - y| - E |x - x'| - E |y - y'|, in units of distance: MMD^2 of the kernel -|x - y|."""

    card = Card(
        id="energy",
        title="Energy distance, squared",
        summary="Twice the mean distance between p and q, less the mean distances within each. On the line all pairs. "
        + BLOCKED,
        lecture="5",
        paper="Székely and Rizzo, 2013",
        formula="D² = 2 E |x − y| − E |x − x′| − E |y − y′|",
        needs=(SAMPLES,),
        facts=(("unit", DISTANCE), ("symmetric", True)),
    )

    def closed_form(self, p: Law, q: Law) -> float | None:
        """Between discrete laws, and between mixtures on the line or of round components in the plane."""
        one, other = as_mixture(p), as_mixture(q)
        if one is None or other is None or p.dim != q.dim:
            return None
        if max(len(one.weights), len(other.weights)) ** 2 > MANY:
            return None
        means = [_mean(*pair) for pair in ((one, other), (one, one), (other, other))]
        if any(mean is None for mean in means):
            return None
        across, within, inside = (float(mean) for mean in means if mean is not None)
        return max(0.0, 2 * across - within - inside)


def _mean(p: Mixture, q: Mixture) -> float | None:
    """E |x - y|: a sum over pairs of components, each the mean of |g + s Z|; None where that is not on paper."""
    variances = [_round(mixture) for mixture in (p, q)]
    if variances[0] is None or variances[1] is None:
        return None
    total = 0.0
    for weight, mean, variance in zip(p.weights, p.means, variances[0], strict=True):
        gap = np.linalg.norm(q.means - mean, axis=1)
        spread = np.sqrt(variances[1] + variance)
        if spread.any() and p.dim > 2:
            return None
        total += float(weight * (q.weights @ _length(gap, spread, p.dim)))
    return total / float(p.weights.sum() * q.weights.sum())


def _round(mixture: Mixture) -> Array | None:
    """The variance of each component (k,), where all are multiples of the identity."""
    variance = mixture.covariances[:, 0, 0]
    ball = variance[:, None, None] * np.eye(mixture.dim)
    return variance if np.array_equal(mixture.covariances, ball) else None


def _length(gap: Array, spread: Array, dim: int) -> Array:
    """E |g + s Z| of |g| (k,), s (k,): the folded normal's mean on the line, Rice's in the plane, |g| at s = 0."""
    out, moved = gap.astype(np.float64), spread > 0
    g, s = gap[moved], spread[moved]
    if dim == 1:
        from scipy.special import erf

        out[moved] = s * math.sqrt(2 / math.pi) * np.exp(-0.5 * (g / s) ** 2) + g * erf(g / (math.sqrt(2) * s))
    elif moved.any():
        from scipy.special import ive

        z = (g / s) ** 2 / 4
        out[moved] = s * math.sqrt(math.pi / 2) * ((1 + 2 * z) * ive(0, z) + 2 * z * ive(1, z))
    return out


def _energy(x: Array, y: Array, p: Law, q: Law, rng: np.random.Generator) -> Slow:
    if x.ndim == 2 and x.shape[1] == 1:
        return (yield from _on_the_line(x, y))
    return (yield from discrepancy(x, y, _minus_distance, "The energy distance"))


def _on_the_line(x: Array, y: Array) -> Slow:
    """All pairs by sorting: the sum of z_j - z_i over i < j is that of (2 k - n + 1) z_(k)."""
    same_space(x, y, 2, "The energy distance")
    n, m, sums = len(x), len(y), []
    middle = float(x[0, 0])
    for cloud in (x, y, np.concatenate((x, y))):
        ordered = np.sort(cloud[:, 0]) - middle
        sums.append(float((2 * np.arange(len(cloud)) - (len(cloud) - 1)) @ ordered))
        yield
    across = sums[2] - sums[0] - sums[1]
    return 2 * across / (n * m) - 2 * sums[0] / (n * (n - 1)) - 2 * sums[1] / (m * (m - 1))


def _minus_distance(square: Array) -> float:
    return -float(np.sqrt(square, out=square).sum())


Energy.estimators = (Estimator("pairs", "All pairs, unbiased", _energy, dims=ANY_DIM, quick=QUICK),)
MEASURE = Energy()
