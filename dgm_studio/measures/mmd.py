"""The maximum mean discrepancy: how far two laws are apart for a kernel."""

from __future__ import annotations

from collections.abc import Generator
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.core.slow import finish
from dgm_studio.data.law import Law
from dgm_studio.data.mixture import Mixture
from dgm_studio.measures.measure import SAMPLES, Estimator, Measure, Slow
from dgm_studio.measures.moments import as_mixture
from dgm_studio.measures.pairs import BLOCKED, QUICK, Kernel, discrepancy
from dgm_studio.measures.wasserstein import ANY_DIM

DRAWN = 200
"""Points of either law whose distances give the bandwidth."""
BANK = 5
"""Widths of the bank: a quarter, a half, one, two, four medians."""
MANY = 1_000_000
"""Pairs of components up to which the closed form is summed."""
BANK_BIAS = "None of its own, but of another kernel than the closed form: the mean over widths of 1/4 to 4 medians."

_widths: WeakKeyDictionary[Law, WeakKeyDictionary[Law, float]] = WeakKeyDictionary()
"""Found once a pair: the closed form, an estimate and each of its resamples ask for it."""


class MMD(Measure):
    """MMD^2(p, q) = E k(x, x') + E k(y, y') - 2 E k(x, y), k(x, y) = exp(-|x - y|^2 / 2 h^2)."""

    card = Card(
        id="mmd",
        title="MMD²",
        summary="Squared distance of the laws' means in a Gaussian kernel's space, of median width h. " + BLOCKED,
        lecture="5",
        paper="Gretton et al., 2012; in blocks: Zaremba et al., 2013",
        formula="MMD² = E k(x, x′) + E k(y, y′) − 2 E k(x, y),  k(x, y) = exp(−|x − y|² / 2 h²)",
        needs=(SAMPLES,),
        facts=(("symmetric", True),),
    )

    def closed_form(self, p: Law, q: Law) -> float | None:
        """Between mixtures and discrete laws every mean of k is a sum of Gaussian integrals."""
        one, other = as_mixture(p), as_mixture(q)
        if one is None or other is None or p.dim != q.dim:
            return None
        if max(len(one.weights), len(other.weights)) ** 2 > MANY:
            return None
        h = bandwidth(p, q)
        return max(0.0, _mean(one, one, h) + _mean(other, other, h) - 2 * _mean(one, other, h))


def bandwidth(p: Law, q: Law) -> float:
    """h: the median distance between points of p and q pooled, so it is the same for any sample of them: the draws are
    this function's own."""
    kept = _widths.setdefault(p, WeakKeyDictionary())
    if q not in kept:
        # Of one and the same stream each, or p and q could not be exchanged.
        clouds = [law.draw(min(DRAWN, law.most() or DRAWN), np.random.default_rng(0)) for law in (p, q)]
        kept[q] = median_bandwidth(torch.from_numpy(np.concatenate(clouds)))
    return kept[q]


def median_bandwidth(data: Tensor) -> float:
    """h: the median distance between two different points of data (n, d) (Gretton et al., 2012, section 8)."""
    if len(data) < 2:
        raise Refused("The median bandwidth needs at least two points: give some.")
    from scipy.spatial.distance import pdist

    squares = pdist(data[:1_000].double().cpu().numpy(), "sqeuclidean")
    middle = (len(squares) - 1) // 2
    # With numpy's partition this takes a fifth of what torch's median does.
    return max(float(np.sqrt(np.partition(squares, middle)[middle])), 1e-12)


def mmd_slices(x: Tensor | Array, y: Tensor | Array, bandwidth: float) -> Generator[None, None, float]:
    """The unbiased squared MMD of clouds x (n, d), y (m, d) at kernel width `bandwidth`; each yield ends a slice.

    Refused for fewer than two points of either.
    """
    return (yield from discrepancy(_array(x), _array(y), gaussian(bandwidth), "MMD"))


def mmd(x: Tensor | Array, y: Tensor | Array, bandwidth: float) -> float:
    """`mmd_slices` in one go."""
    return finish(mmd_slices(x, y, bandwidth))


def gaussian(h: float) -> Kernel:
    """k = exp(-s / 2 h^2) of squared distances s."""

    def kernel(square: Array) -> float:
        square *= -0.5 / h**2
        return float(np.exp(square, out=square).sum())

    return kernel


def bank(h: float) -> Kernel:
    """The mean of `gaussian` over BANK widths around h: each width is half the last one, so each kernel is the fourth
    power of the last one, and one exponential serves all."""

    def kernel(square: Array) -> float:
        square *= -0.5 / (h * 2 ** (BANK // 2)) ** 2
        k = np.exp(square, out=square)
        total = float(k.sum())
        for _ in range(BANK - 1):
            np.square(k, out=k)
            np.square(k, out=k)
            total += float(k.sum())
        return total / BANK

    return kernel


def _median(x: Array, y: Array, p: Law, q: Law, rng: np.random.Generator) -> Slow:
    return (yield from mmd_slices(x, y, bandwidth(p, q)))


def _bank(x: Array, y: Array, p: Law, q: Law, rng: np.random.Generator) -> Slow:
    return (yield from discrepancy(x, y, bank(bandwidth(p, q)), "MMD"))


def _mean(p: Mixture, q: Mixture, h: float) -> float:
    """E k(x, y) = sum w_i v_j h^d |C|^(-1/2) exp(-g^T C^-1 g / 2), C = h^2 I + S_i + S_j, g = m_i - m_j."""
    total, d = 0.0, p.dim
    for weight, mean, covariance in zip(p.weights, p.means, p.covariances, strict=True):
        wide = q.covariances + covariance + h**2 * np.eye(d)
        gap = q.means - mean
        power = -0.5 * np.einsum("ki,ki->k", gap, np.linalg.solve(wide, gap[:, :, None])[:, :, 0])
        total += float(weight * (q.weights @ np.exp(power - 0.5 * np.linalg.slogdet(wide / h**2)[1])))
    return total / float(p.weights.sum() * q.weights.sum())


def _array(points: Tensor | Array) -> Array:
    held = points.detach().cpu().numpy() if isinstance(points, Tensor) else points
    return np.asarray(held, dtype=np.float64)


MMD.estimators = (
    Estimator("median", "Median width, unbiased", _median, dims=ANY_DIM, quick=QUICK),
    Estimator("bank", "Bank of five widths", _bank, BANK_BIAS, dims=ANY_DIM, quick=QUICK),
)
MEASURE = MMD()
